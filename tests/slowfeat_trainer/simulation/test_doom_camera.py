"""The simulated camera: what a lens shows of what is rendered."""

from __future__ import annotations

import numpy as np
import pytest

from slowfeat.errors import UsageError
from slowfeat_trainer.simulation.doom_camera import Camera


def rendered(camera: Camera) -> np.ndarray:
    """An image whose red tells the tangent of the angle from the middle, sideways."""
    width, height = camera.rendered_size
    tangent = (np.arange(width) - (width - 1) / 2) / (width / 2)
    row = np.round(127.5 * (1 + tangent)).astype(np.uint8)
    return np.repeat(np.repeat(row[None, :, None], height, axis=0), 3, axis=2)


@pytest.mark.parametrize("degrees", [90.0, 60.0, 45.0])
def test_each_column_shows_what_its_angle_says(degrees: float) -> None:
    camera = Camera(160, 120, degrees)
    picture = camera.expose(rendered(camera))
    assert picture.shape == (120, 160, 3)
    # Undo the exposure, then read the tangent that was painted.
    tangent = 2 * (picture[60, :, 0] / 255.0) ** (1 / 0.7) - 1
    wanted = (np.arange(160) - (160 - 1) / 2) / camera.focal_px
    assert np.abs(tangent - wanted).max() < 0.02
    assert camera.matrix[0, 0] == pytest.approx(80 / np.tan(np.radians(degrees) / 2))


def test_the_usual_lens_shows_all_that_is_rendered() -> None:
    assert Camera(160, 120).seen == pytest.approx(1.0)
    assert Camera(160, 120).rendered_size == (320, 240)


@pytest.mark.parametrize("degrees", [39.0, 91.0, float("nan")])
def test_other_lenses_are_refused(degrees: float) -> None:
    with pytest.raises(UsageError, match="field of view must be 40 to 90 degrees"):
        Camera(160, 120, degrees)
