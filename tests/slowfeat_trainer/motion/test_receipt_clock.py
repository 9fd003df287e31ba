"""Clocks of camera and odometry compared by the times of receipt."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from slowfeat_trainer.motion.receipt_clock import receipt_offset

NS = 1_000_000_000


class Track(SimpleNamespace):
    def __len__(self) -> int:
        return 10


RECEIVED = np.arange(5000, 5010, dtype=np.int64) * NS


def test_a_camera_with_a_clock_of_its_own_is_found() -> None:
    # Stamped 1,000 s early; the odometry is stamped 0.1 s before it is received.
    found = receipt_offset(RECEIVED - 1000 * NS, RECEIVED, Track(delay_s=0.1))
    assert found == pytest.approx(0.1 - 1000)


def test_delays_of_messages_are_no_clocks() -> None:
    assert receipt_offset(RECEIVED - 2 * NS, RECEIVED, Track(delay_s=0.1)) == 0.0


def test_images_without_stamps_say_nothing() -> None:
    assert receipt_offset(np.zeros(10, np.int64), RECEIVED, Track(delay_s=0.1)) == 0.0
