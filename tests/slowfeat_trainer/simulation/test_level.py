"""Freedoom's maps are read, and made safe to drive."""

import numpy as np
import pytest

from slowfeat.errors import SlowfeatError
from slowfeat_trainer.simulation import level, wad
from slowfeat_trainer.simulation.rays import cast, cast_body
from slowfeat_trainer.simulation.world import list_maps

EXITS = [11, 51, 52, 124, 197, 198]
TELEPORTS = [39, 97, 125, 126]
# A room from (0, 0) to (4, 3), m.
CORNERS = np.array([[0, 0], [4, 0], [4, 3], [0, 3]], np.float64)
ROOM = np.stack([CORNERS, np.roll(CORNERS, -1, axis=0)], axis=1)


@pytest.fixture(scope="module")
def tamed():
    return level.tame(wad.read_map(list_maps()["E1M1"], "E1M1"))


def test_all_maps_are_found():
    maps = list_maps()
    assert len(maps) == 68
    assert {"E1M1", "E4M9", "MAP01", "MAP32"} <= set(maps)


def test_nothing_ends_or_moves_the_drive(tamed):
    lines = np.frombuffer(tamed.lumps["LINEDEFS"], level.LINE)
    assert not np.isin(lines["special"], EXITS + TELEPORTS).any()
    assert set(lines["special"]) <= {0, *level.HARMLESS}
    sectors = np.frombuffer(tamed.lumps["SECTORS"], level.SECTOR)
    assert not np.isin(sectors["special"], level.UNSAFE_SECTORS).any()


def test_only_the_start_and_decorations_stand_in_the_map(tamed):
    things = np.frombuffer(tamed.lumps["THINGS"], level.THING)
    assert (things["type"] == level.START).sum() == 1
    assert set(things["type"]) <= {level.START, *level.DECORATIONS}


def test_doors_stand_open():
    lumps = wad.read_map(list_maps()["E1M1"], "E1M1")
    before = np.frombuffer(lumps["SECTORS"], level.SECTOR)
    after = np.frombuffer(level.tame(lumps).lumps["SECTORS"], level.SECTOR)
    opened = before["ceiling"] != after["ceiling"]
    assert opened.any()
    assert (before["ceiling"] - before["floor"])[opened].max() < level.ROBOT_HEIGHT
    assert (after["ceiling"] >= before["ceiling"]).all()


def test_ledges_are_walls(tamed):
    lines = np.frombuffer(tamed.lumps["LINEDEFS"], level.LINE)
    sides = np.frombuffer(tamed.lumps["SIDEDEFS"], level.SIDE)
    floors = np.frombuffer(tamed.lumps["SECTORS"], level.SECTOR)["floor"].astype(int)
    lines = lines[lines["left"] != level.NO_SIDE]
    right, left = (floors[sides["sector"][lines[side]]] for side in ("right", "left"))
    high = np.abs(right - left) > level.MAX_STEP
    assert high.any()
    assert (lines["flags"][high] & level.BLOCKS).all()


def test_a_written_map_reads_back(tmp_path, tamed):
    wad.write_map(tmp_path / "own.wad", "E1M1", tamed.lumps)
    assert wad.map_names(tmp_path / "own.wad") == ["E1M1"]
    assert wad.read_map(tmp_path / "own.wad", "E1M1") == tamed.lumps


def test_what_is_not_a_wad_is_refused(tmp_path):
    (tmp_path / "not.wad").write_bytes(b"JUNK" + bytes(20))
    with pytest.raises(SlowfeatError, match="not a WAD"):
        wad.map_names(tmp_path / "not.wad")


def test_rays_end_at_the_first_wall():
    origins = np.tile([1.0, 1.0], (4, 1))
    headings = np.array([0, np.pi / 2, np.pi, -np.pi / 2])
    np.testing.assert_allclose(cast(ROOM, origins, headings, 10.0), [3, 2, 1, 1])


def test_rays_that_meet_nothing_have_the_longest_length():
    assert cast(ROOM, np.array([[9.0, 9.0]]), np.zeros(1), 10.0) == 10.0
    assert cast(ROOM[:0], np.zeros((1, 2)), np.zeros(1), 10.0) == 10.0


def test_a_body_meets_what_a_ray_passes():
    post = np.array([[[2.0, 1.2], [2.0, 1.4]]])
    position, ahead = np.array([1.0, 1.0]), np.zeros(1)
    assert cast(post, position[None], ahead, 10.0) == 10.0
    assert cast_body(post, position, ahead, 0.3, 10.0) == 1.0
