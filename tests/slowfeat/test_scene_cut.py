"""A view that changes at once is a cut; a drive, a bad frame and a repeated one are not."""

from __future__ import annotations

import numpy as np

from slowfeat.odometry import NS
from slowfeat.scene_cut import SceneCut

FRAME_NS = NS // 20


def code(angle: float, seed: int = 0) -> np.ndarray:
    """A code of length one, turned by an angle in the plane of a place."""
    a, b = np.linalg.qr(np.random.default_rng(seed).normal(size=(64, 2)))[0].T
    return np.asarray(np.cos(angle) * a + np.sin(angle) * b, np.float32)


def scores(codes: list[np.ndarray], gap_ns: int = FRAME_NS) -> list[float]:
    cut = SceneCut()
    return [cut.add(NS + k * gap_ns, item) for k, item in enumerate(codes)]


def test_a_drive_is_no_cut() -> None:
    assert max(scores([code(0.05 * k) for k in range(100)])) < 0.2


def test_another_place_is_a_cut_one_frame_later() -> None:
    drive = [code(0.05 * k) for k in range(10)] + [code(0.05 * k, seed=1) for k in range(10)]
    found = scores(drive)
    assert np.argmax(found) == 11
    assert found[11] > 3.0
    assert max(found[:10]) < 0.2


def test_one_bad_frame_is_no_cut() -> None:
    drive = [code(0.05 * k) for k in range(20)]
    drive[10] = code(0.0, seed=2)
    assert max(scores(drive)) < 0.5


def test_frames_far_apart_in_time_are_not_compared() -> None:
    drive = [code(0.0), code(0.0), code(0.1, 3), code(0.1, 3)]
    assert max(scores(drive, gap_ns=NS)) == 0.0


def test_images_that_repeat_each_other_are_no_camera() -> None:
    assert max(scores([code(0.0)] * 5 + [code(0.0, 1)] * 5)) == 0.0
