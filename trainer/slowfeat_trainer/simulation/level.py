"""A Doom map made safe to drive, and its obstacles as line segments.

A game map is full of things that would break a recording: monsters, exits that end the level,
teleporters that make the pose jump, floors that hurt, doors that need a key. The tamed map has
none of them: doors stand open, nothing moves, and ledges too high to climb are walls from both
sides, so the robot never falls. Geometry and textures stay as Freedoom's authors drew them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

UNITS_PER_M = 32.0  # Doom's map units in a metre
ROBOT_RADIUS = 16.0  # of the player's body, map units
ROBOT_HEIGHT = 56  # lowest ceiling that the player fits under, map units
MAX_STEP = 24  # highest step that the player climbs, map units

THING = np.dtype([("x", "<i2"), ("y", "<i2"), ("angle", "<i2"), ("type", "<i2"), ("flags", "<i2")])
LINE = np.dtype(
    [(name, "<u2") for name in ("v1", "v2", "flags", "special", "tag", "right", "left")]
)
SIDE = np.dtype(
    [("offset", "<i2", 2), ("upper", "S8"), ("lower", "S8"), ("middle", "S8"), ("sector", "<u2")]
)
SECTOR = np.dtype(
    [
        ("floor", "<i2"),
        ("ceiling", "<i2"),
        ("floor_flat", "S8"),
        ("ceiling_flat", "S8"),
        ("light", "<i2"),
        ("special", "<u2"),
        ("tag", "<u2"),
    ]
)

START = 1  # the type of the first player's start
# Lamps, columns, trees and torches stay: they are landmarks. Monsters and pickups go.
DECORATIONS = [*range(25, 58), *range(59, 64), 70, 73, *range(74, 84), 85, 86, 2028]
SOLID = [25, 27, 28, 29, 30, *range(31, 49), 54, 55, 56, 57, 70, 85, 86, 2028]

NO_SIDE = 0xFFFF
BLOCKS = 1  # line flag: nothing passes
# Line types that only change the look: scrolling walls, light, fake floors, translucency, skies.
HARMLESS = [48, 85, 213, 242, *range(250, 257), 260, 261, 271, 272]
DOORS_PUSHED = [1, 26, 27, 28, 31, 32, 33, 34, 117, 118]
DOORS_TAGGED = [2, 3, 4, 16, 29, 42, 46, 50, 61, 63, 75, 76, 86, 90, 99, 103, *range(105, 117)]
DOORS_TAGGED += [133, 134, 135, 136, 137]
BOOM_DOORS = (0x3800, 0x4000)  # Boom's generalised doors; the low three bits are the trigger
BOOM_PUSH = 6  # triggers 6 and 7: pushed, works on the sector behind the line
# Sector types that hurt (4, 5, 7, 16), end the level (11) or count as a secret (9).
UNSAFE_SECTORS = [4, 5, 7, 9, 11, 16]
LIGHT_ONLY = 31  # the bits of a sector type that hold the light effect; Boom's others hurt


@dataclass(frozen=True)
class Level:
    """A tamed map.

    lumps: what ViZDoom loads, by lump name.
    walls: float64 [N, 2, 2], both ends (x, y in m, map frame) of every segment that blocks.
    """

    lumps: dict[str, bytes]
    walls: NDArray[np.float64]


def tame(lumps: dict[str, bytes]) -> Level:
    """Make a map safe to drive."""
    things = np.frombuffer(lumps["THINGS"], THING)
    lines = np.frombuffer(lumps["LINEDEFS"], LINE).copy()
    sides = np.frombuffer(lumps["SIDEDEFS"], SIDE)
    sectors = np.frombuffer(lumps["SECTORS"], SECTOR).copy()
    points = np.frombuffer(lumps["VERTEXES"], "<i2").reshape(-1, 2)

    things = things[np.isin(things["type"], [START, *DECORATIONS])]
    _open_doors(lines, sides, sectors)
    sectors["special"][np.isin(sectors["special"], UNSAFE_SECTORS)] = 0
    sectors["special"] &= LIGHT_ONLY
    lines["special"][~np.isin(lines["special"], HARMLESS)] = 0
    lines["flags"][_impassable(lines, sides, sectors)] |= BLOCKS

    blocking = lines[(lines["flags"] & BLOCKS).astype(bool) | (lines["left"] == NO_SIDE)]
    ends = np.stack([points[blocking["v1"]], points[blocking["v2"]]], axis=1).astype(np.float64)
    walls = np.concatenate([ends, _squares(things[np.isin(things["type"], SOLID)])])
    changed = {"THINGS": things, "LINEDEFS": lines, "SECTORS": sectors}
    tamed = lumps | {name: array.tobytes() for name, array in changed.items()}
    return Level(tamed, walls / UNITS_PER_M)


def _open_doors(
    lines: NDArray[np.void], sides: NDArray[np.void], sectors: NDArray[np.void]
) -> None:
    """Raise the ceiling of every closed door (sectors change in place)."""
    special, two_sided = lines["special"], lines["left"] != NO_SIDE
    boom = (special >= BOOM_DOORS[0]) & (special < BOOM_DOORS[1])
    pushed = np.isin(special, DOORS_PUSHED) | (boom & ((special & 7) >= BOOM_PUSH))
    tags = lines["tag"][(np.isin(special, DOORS_TAGGED) | boom) & (lines["tag"] > 0)]
    doors = set(sides["sector"][lines["left"][pushed & two_sided]].tolist())
    doors |= set(np.flatnonzero(np.isin(sectors["tag"], tags)).tolist())

    between = lines[two_sided]
    right, left = sides["sector"][between["right"]], sides["sector"][between["left"]]
    closed = sectors["ceiling"] - sectors["floor"] < ROBOT_HEIGHT
    for door in sorted(doors):
        neighbours = np.concatenate([left[right == door], right[left == door]])
        neighbours = neighbours[~closed[neighbours]]
        if closed[door] and neighbours.size:
            # As in the game: an open door still shows four units of itself.
            sectors["ceiling"][door] = sectors["ceiling"][neighbours].min() - 4


def _impassable(
    lines: NDArray[np.void], sides: NDArray[np.void], sectors: NDArray[np.void]
) -> NDArray[np.bool_]:
    """Two-sided lines with too high a step, up or down, or too low an opening; bool [lines]."""
    two_sided = lines["left"] != NO_SIDE
    left = np.where(two_sided, lines["left"], lines["right"])
    right_sector = sectors[sides["sector"][lines["right"]]]
    left_sector = sectors[sides["sector"][left]]
    floors = right_sector["floor"].astype(int), left_sector["floor"].astype(int)
    ceiling = np.minimum(right_sector["ceiling"], left_sector["ceiling"]).astype(int)
    step = np.abs(floors[0] - floors[1])
    opening = ceiling - np.maximum(*floors)
    impassable: NDArray[np.bool_] = two_sided & ((step > MAX_STEP) | (opening < ROBOT_HEIGHT))
    return impassable


def _squares(things: NDArray[np.void]) -> NDArray[np.float64]:
    """The outline of solid things, map units [4 N, 2, 2]: Doom's bodies are squares."""
    corners = ROBOT_RADIUS * np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]], np.float64)
    edges = np.stack([corners, np.roll(corners, -1, axis=0)], axis=1)
    centres = np.stack([things["x"], things["y"]], axis=-1).astype(np.float64)
    return (centres[:, None, None, :] + edges[None]).reshape(-1, 2, 2)
