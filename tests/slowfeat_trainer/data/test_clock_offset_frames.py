"""The offset from frames alone: of any number, on disk and with gaps."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from slowfeat_trainer.data.clock_offset import BLOCK, estimate_offset, picture_shifts
from tests.helpers.bag_factory import NS, PIXELS_PER_RADIAN, START_S, picture, yaw_at

RATE = 20.0
LATE_S = 0.12


def drive(count: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Frames, their stamps, and stamps and turns of an odometry that runs `LATE_S` ahead."""
    t = np.arange(count) / RATE
    frames = np.stack([picture(yaw_at(s), 0.0) for s in t])
    odom_t = np.arange(-50, round(count / RATE * 50) + 50) / 50
    stamps = (START_S * NS + t * NS).astype(np.int64)
    odom_stamps = (START_S * NS + (odom_t - LATE_S) * NS).astype(np.int64)
    return frames, stamps, odom_stamps, np.array([yaw_at(s) for s in odom_t])


def test_gaps_in_the_stamps_do_not_matter() -> None:
    frames, stamps, odom_stamps, turned = drive(300)
    kept = np.r_[0:60, 95:180, 181:182, 230:300]
    clock = estimate_offset(frames[kept], stamps[kept], odom_stamps, turned)
    assert clock.seconds == pytest.approx(LATE_S, abs=0.02)
    assert clock.correlation > 0.9


def test_frames_may_lie_on_disk(tmp_path: Path) -> None:
    frames, stamps, odom_stamps, turned = drive(120)
    np.save(tmp_path / "frames.npy", frames)
    mapped = np.load(tmp_path / "frames.npy", mmap_mode="r")
    assert estimate_offset(mapped, stamps, odom_stamps, turned) == estimate_offset(
        frames, stamps, odom_stamps, turned
    )


def test_shifts_do_not_depend_on_the_blocks() -> None:
    pair = np.stack([picture(0.0, 0.0), picture(0.05, 0.0)])
    shifts = picture_shifts(np.tile(pair, (BLOCK, 1, 1, 1)))
    assert len(shifts) == 2 * BLOCK - 1
    np.testing.assert_allclose(shifts[::2], 0.05 * PIXELS_PER_RADIAN, atol=0.3)
    np.testing.assert_allclose(shifts[1::2], -0.05 * PIXELS_PER_RADIAN, atol=0.3)
    assert len(picture_shifts(pair[:1])) == 0
