"""One tiny bag for the tests of bags: 126 messages of four topics in four seconds."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.helpers.bag_factory import BagRecipe, make_bag
from tests.helpers.bag_formats import Row, rows_of


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    recipe = BagRecipe(frames=40, with_camera_info=True, with_tf_static=True)
    return make_bag(tmp_path_factory.mktemp("bags") / "made", recipe)


@pytest.fixture(scope="session")
def rows(made: Path) -> list[Row]:
    return rows_of(made)
