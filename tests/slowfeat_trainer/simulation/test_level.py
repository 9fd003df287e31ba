"""Freedoom's maps are read, and made safe to drive."""

from __future__ import annotations

import numpy as np
import pytest

from slowfeat_trainer.simulation import level, wad
from slowfeat_trainer.simulation.world import list_maps

EXITS = [11, 51, 52, 124, 197, 198]
TELEPORTS = [39, 97, 125, 126]


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
