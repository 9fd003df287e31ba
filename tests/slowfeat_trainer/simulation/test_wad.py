"""WAD files: a map that is written reads back, and what is none is refused."""

from __future__ import annotations

import pytest

from slowfeat.errors import SlowfeatError
from slowfeat_trainer.simulation import level, wad
from slowfeat_trainer.simulation.world import list_maps


@pytest.fixture(scope="module")
def tamed():
    return level.tame(wad.read_map(list_maps()["E1M1"], "E1M1"))


def test_a_written_map_reads_back(tmp_path, tamed):
    wad.write_map(tmp_path / "own.wad", "E1M1", tamed.lumps)
    assert wad.map_names(tmp_path / "own.wad") == ["E1M1"]
    assert wad.read_map(tmp_path / "own.wad", "E1M1") == tamed.lumps


def test_what_is_not_a_wad_is_refused(tmp_path):
    (tmp_path / "not.wad").write_bytes(b"JUNK" + bytes(20))
    with pytest.raises(SlowfeatError, match="not a WAD"):
        wad.map_names(tmp_path / "not.wad")
