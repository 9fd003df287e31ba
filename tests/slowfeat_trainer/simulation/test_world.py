"""What the world reports is what it shows: pose, field of view, scale, obstacles."""

import math

import cv2
import numpy as np
import pytest

from slowfeat.errors import UsageError
from slowfeat_trainer.simulation import level
from slowfeat_trainer.simulation.world import CAMERA_HEIGHT_M, UNITS_PER_M_UP, World

SIZE = (320, 240)
FOCAL = SIZE[0] / 2  # 90 degrees


def grey(world):
    return cv2.cvtColor(world.render(), cv2.COLOR_RGB2GRAY).astype(np.float32)


@pytest.mark.parametrize("yaw", [0.05, -0.12])
def test_turning_shifts_the_picture_by_its_field_of_view(measured_yaw, yaw):
    with World("MAP01", SIZE) as world:
        before, start = grey(world), world.pose
        world.move(0.0, yaw)
        assert world.pose.yaw - start.yaw == pytest.approx(yaw, abs=1e-4)
        assert world.pose[:3] == start[:3]
        assert measured_yaw(before, grey(world), FOCAL) == pytest.approx(yaw, abs=0.005)
        # Near the middle a turn to the left moves things right by f tan(yaw).
        middle = (slice(100, 140), slice(130, 190))
        score = cv2.matchTemplate(grey(world), before[middle], cv2.TM_SQDIFF_NORMED)
        shift = cv2.minMaxLoc(score[98:103])[2][0] - middle[1].start
        assert shift == pytest.approx(FOCAL * math.tan(yaw), abs=1.5)


def edge_strength(world, units_per_m_up):
    """Mean grey gradient along the map's floor and ceiling edges, projected into the image."""
    picture, pose = grey(world), world.pose
    gradient = np.abs(cv2.Sobel(picture, cv2.CV_32F, 0, 1))
    arrays = {"LINEDEFS": level.LINE, "SIDEDEFS": level.SIDE, "SECTORS": level.SECTOR}
    lines, sides, sectors = (
        np.frombuffer(world.level.lumps[name], kind) for name, kind in arrays.items()
    )
    points = np.frombuffer(world.level.lumps["VERTEXES"], "<i2").reshape(-1, 2) / level.UNITS_PER_M
    lines = lines[lines["left"] == level.NO_SIDE]
    cos, sin = math.cos(pose.yaw), math.sin(pose.yaw)
    camera_up = (pose.z + CAMERA_HEIGHT_M) * UNITS_PER_M_UP  # map units
    found = []
    for line in lines:
        along = np.linspace(points[line["v1"]], points[line["v2"]], 20) - [pose.x, pose.y]
        ahead, left = along @ [cos, sin], along @ [-sin, cos]
        seen = (ahead > 0.5) & (np.hypot(ahead, left) < 12)
        for surface in ("floor", "ceiling"):
            up = (sectors[sides[line["right"]]["sector"]][surface] - camera_up) / units_per_m_up
            u = np.round(159.5 - FOCAL * left[seen] / ahead[seen]).astype(int)
            v = np.round(119.5 - FOCAL * up / ahead[seen]).astype(int)
            inside = (u >= 0) & (u < 320) & (v >= 1) & (v < 239)
            found += gradient[v[inside], u[inside]].tolist()
    return np.mean(found)


def test_pixels_are_square_when_heights_are_a_fifth_taller():
    with World("MAP01", SIZE) as world:
        for _ in range(40):
            world.move(0.02, 0.02)
        strength = {scale: edge_strength(world, level.UNITS_PER_M / scale) for scale in (1.0, 1.2)}
    assert strength[1.2] > 1.5 * strength[1.0]


def test_the_body_follows_the_arc_that_was_asked_for():
    with World("MAP01", SIZE) as world:
        x, y, yaw = world.pose.x, world.pose.y, world.pose.yaw
        for tic in range(60):
            turn = 0.02 * math.sin(tic / 9)
            assert not world.move(0.02, turn)
            x += 0.02 * math.cos(yaw + turn / 2)
            y += 0.02 * math.sin(yaw + turn / 2)
            yaw += turn
        assert world.pose == pytest.approx((x, y, world.pose.z, yaw), abs=0.02)


def test_a_wall_blocks_and_the_pose_says_so():
    with World("MAP01", SIZE) as world:
        world.move(0.0, math.pi / 2)
        blocked = False
        for _ in range(2000):
            blocked = world.move(0.03, 0.0)
            if blocked:
                break
        assert blocked
        for _ in range(5):
            world.move(0.03, 0.0)
        before, picture = world.pose, world.render()
        assert world.move(0.03, 0.0)
        assert world.pose == before
        assert np.array_equal(world.render(), picture)


def test_the_yaw_has_no_jump_at_a_full_turn():
    with World("MAP01", SIZE) as world:
        for _ in range(100):
            world.move(0.0, 0.1)
        assert world.pose.yaw == pytest.approx(10.0, abs=0.01)


def test_nothing_is_left_in_the_working_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with World("MAP01", SIZE):
        pass
    assert not list(tmp_path.iterdir())


def test_an_unknown_map_lists_the_maps():
    with pytest.raises(UsageError, match=r"unknown map MAP99; the maps are: E1M1 .* MAP32"):
        World("MAP99", SIZE)
