"""Poses lose the errors of the odometry, and take the turns of
images that move as a camera's do.
"""

from __future__ import annotations

import math

import cv2
import numpy as np
import pytest

from slowfeat.geometry import motion_matrix, relative_motion
from slowfeat.odometry_model import OdometryModel
from slowfeat_trainer.data.odometry_estimate import OdometryEstimate
from slowfeat_trainer.data.recording import Camera
from slowfeat_trainer.motion.track import Track
from slowfeat_trainer.odometry_errors.apply import apply_model, choose_motion
from slowfeat_trainer.odometry_errors.look import adjacent_pairs, estimate_odometry_error, look
from tests.slowfeat_trainer.odometry_errors.drives import true_yaw

NS = 1_000_000_000
CAMERA = Camera(size=(64, 64), horizontal_fov=math.radians(70))
DEGREES = math.radians(1.0)


def views(yaw: np.ndarray) -> np.ndarray:
    """Images (N, 64, 64, 3) of a pinhole that turns in the middle of a painted cylinder."""
    wall = cv2.GaussianBlur(np.random.default_rng(0).uniform(0, 255, (128, 720, 3)), (0, 0), 2.0)
    wall = cv2.normalize(wall, None, 0, 255, cv2.NORM_MINMAX).astype(np.float32)
    half = math.tan(math.radians(35))
    x, y = np.meshgrid(*[half * ((2 * np.arange(64) + 1) / 64 - 1)] * 2)
    rows = (64 + 90 * y / np.hypot(1, x)).astype(np.float32)
    frames = []
    for angle in yaw:
        # To the left the azimuth grows, and the column falls.
        column = (np.degrees(np.arctan(x) - angle) * 2) % 720
        frames.append(
            cv2.remap(
                wall, column.astype(np.float32), rows, cv2.INTER_LINEAR, None, cv2.BORDER_WRAP
            )
        )
    return np.array(frames).astype(np.uint8)


@pytest.fixture(scope="module")
def drive() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Frames at 10 Hz, their stamps and headings."""
    t = np.arange(400) / 10
    yaw = true_yaw(t)
    return views(yaw), np.round((t + 1) * NS).astype(np.int64), yaw


def poses_of(yaw: np.ndarray) -> np.ndarray:
    motions = np.zeros((len(yaw), 6))
    motions[:, 5] = 0
    poses = motion_matrix(motions)
    poses[:, 0, 0], poses[:, 0, 1] = np.cos(yaw), -np.sin(yaw)
    poses[:, 1, 0], poses[:, 1, 1] = np.sin(yaw), np.cos(yaw)
    return poses


def turns(poses: np.ndarray, every: int = 5) -> np.ndarray:
    return relative_motion(poses[:-every], poses[every:])[:, 5]


def test_the_turns_of_images_are_the_cameras(drive: tuple[np.ndarray, ...]) -> None:
    frames, stamps, yaw = drive
    pairs = adjacent_pairs(stamps)
    seen = look(frames, stamps, CAMERA, pairs)
    true = yaw[pairs[1]] - yaw[pairs[0]]
    assert np.std(true) > 2 * DEGREES
    assert np.polyfit(true, seen.yaw, 1)[0] == pytest.approx(1.0, abs=0.03)
    assert np.median(np.abs(seen.yaw - true)) < 0.3 * DEGREES


def test_known_errors_are_found_in_images(drive: tuple[np.ndarray, ...]) -> None:
    frames, stamps, yaw = drive
    t = (stamps - stamps[0]) / NS
    reported = -2.0 * yaw + 0.3 * t
    quaternions = np.stack([0 * t, 0 * t, np.sin(reported / 2), np.cos(reported / 2)], axis=-1)
    track = Track(
        stamps - NS // 5,
        np.zeros((len(t), 3)),
        quaternions,
        "base_link",
        "odom",
        "/odom",
        "odometry",
    )
    model = estimate_odometry_error(frames, stamps, track, CAMERA).model
    assert model.delay_s == pytest.approx(0.2, abs=0.03)
    assert model.yaw_scale == pytest.approx(-0.5, rel=0.05)
    assert model.yaw_bias_rad_s == pytest.approx(0.15, abs=DEGREES)


@pytest.mark.parametrize(("motion", "most"), [("odometry", 9.0), ("fused", 1.0), ("pictures", 1.0)])
def test_noisy_turns_are_as_good_as_the_images_where_these_are_used(
    motion: str, most: float, drive: tuple[np.ndarray, ...]
) -> None:
    frames, stamps, yaw = drive
    noise = 12 * DEGREES
    wander = np.cumsum(np.random.default_rng(1).normal(0, noise * math.sqrt(0.1), len(yaw)))
    model = OdometryModel(yaw_scale=2.0, noise_rad_sqrt_s=noise)
    piece = np.zeros(len(yaw), np.int32)
    piece[200:] = 1
    applied = apply_model(
        poses_of((yaw + wander) / 2), stamps, piece, model, motion, (frames, CAMERA, 0.3 * DEGREES)
    )
    left = np.degrees(turns(applied.poses[:200]) - turns(poses_of(yaw)[:200]))
    assert np.std(left) < most
    if motion == "odometry":
        assert np.std(left) > 5.0
    assert applied.motion == motion


def test_nothing_changes_where_nothing_is_wrong(drive: tuple[np.ndarray, ...]) -> None:
    frames, stamps, yaw = drive
    poses = poses_of(yaw)
    applied = apply_model(
        poses,
        stamps,
        np.zeros(len(yaw), np.int32),
        OdometryModel(),
        "odometry",
        (frames, CAMERA, 0.1),
    )
    assert applied.poses is poses


@pytest.mark.parametrize(
    ("wanted", "noise_deg", "used"),
    [("auto", 1.0, "odometry"), ("auto", 14.0, "fused"), ("odometry", 14.0, "odometry")],
)
def test_fused_is_chosen_where_the_odometry_is_noisy(
    wanted: str, noise_deg: float, used: str
) -> None:
    model = OdometryModel(noise_rad_sqrt_s=noise_deg * DEGREES)
    found = OdometryEstimate(model=model, unknown="", seen_noise_rad_sqrt_s=0.3 * DEGREES)
    assert choose_motion(wanted, found, model) == used
    assert choose_motion("auto", OdometryEstimate(), model) == "odometry"
