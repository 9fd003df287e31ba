"""Whether a field of view that was said fits what the images of a drive show."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from slowfeat.geometry import motion_matrix
from slowfeat_trainer.adaptation import field_of_view
from slowfeat_trainer.adaptation.field_of_view import check_field_of_view
from slowfeat_trainer.data.frames import FrameStack
from slowfeat_trainer.data.pairs import Part
from slowfeat_trainer.data.recording import Camera

TURN = 0.05


def drive(turn: float = TURN) -> Part:
    """A hundred frames a tenth of a second apart, with the same turn between them."""
    step = motion_matrix(np.array([0, 0, 0, 0, 0, turn]))
    poses = [np.eye(4)]
    for _ in range(99):
        poses.append(poses[-1] @ step)
    frames = FrameStack([np.zeros((100, 2, 2, 3), np.uint8)])
    return Part(frames, np.arange(100) * 10**8, np.stack(poses), np.zeros(100, np.int64))


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> dict[str, float]:
    """Turns that the images show, as a factor of those of the odometry."""
    found = {"factor": 1.0}

    def look(*given: Any) -> Any:
        return SimpleNamespace(yaw=np.full(len(given[3][0]), found["factor"] * TURN))

    monkeypatch.setattr(field_of_view, "look", look)
    return found


@pytest.mark.parametrize("factor", [1.0, 0.85, 1.2])
def test_a_field_of_view_that_fits_is_no_reason_to_warn(
    factor: float, seen: dict[str, float]
) -> None:
    seen["factor"] = factor
    assert check_field_of_view(drive(), Camera(), 90.0, 1.0) == []


def test_another_is_named_by_its_focal_length(seen: dict[str, float]) -> None:
    # Through 90 degrees the images seem to turn twice as far: the true lens is twice as long.
    seen["factor"] = 2.0
    (warning,) = check_field_of_view(drive(), Camera(), 90.0, 1.0)
    assert "--fov 90: through it the images turn 2.00 times" in warning
    expected = np.rad2deg(2 * np.arctan(0.5))
    assert f"view of about {expected:.0f} degrees fits" in warning


def test_a_drive_whose_poses_were_scaled_is_compared_with_what_was_reported(
    seen: dict[str, float],
) -> None:
    # The odometry reported half of these turns.
    seen["factor"] = 0.5
    assert check_field_of_view(drive(), Camera(), 90.0, 2.0) == []


def test_a_drive_that_hardly_turns_tells_nothing(seen: dict[str, float]) -> None:
    seen["factor"] = 2.0
    assert check_field_of_view(drive(0.001), Camera(), 90.0, 1.0) == []
