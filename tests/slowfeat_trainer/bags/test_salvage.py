"""What all readers of damaged files share."""

from __future__ import annotations

from pathlib import Path

import pytest

from slowfeat.errors import BagError
from tests.helpers.bag_formats import MCAP, Row, write_rosbag2
from tests.helpers.damaged_bags import read_all, storage_of


def test_a_file_of_which_nothing_can_be_read_is_refused(rows: list[Row], tmp_path: Path) -> None:
    bag = write_rosbag2(tmp_path / "bag", rows, MCAP)
    file = storage_of(bag)[0]
    data = bytearray(file.read_bytes())
    data[9 : len(data) - 3000] = bytes(len(data) - 3009)
    file.write_bytes(data)
    with pytest.raises(BagError) as caught:
        read_all(bag)
    assert "\n" not in str(caught.value)
