"""Images are cut on the robot as in training, on the side that was asked for."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
import torch

from slowfeat.images import resize_for_encoder
from slowfeat_trainer.data.shrink import Shrink
from slowfeat_trainer.models.convnet import Cropped


def picture(seed: int, height: int = 48, width: int = 64) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return cv2.GaussianBlur(rng.integers(0, 256, (height, width, 3), dtype=np.uint8), (0, 0), 3)


@pytest.mark.parametrize(
    "crop",
    [(0, 0, 0, 0), (0.25, 0, 0, 0), (0, 0, 0.2, 0), (0.1, 0.05, 0.3, 0.15), (0, 0.4, 0, 0.4)],
)
def test_the_robot_cuts_what_the_training_cut(crop: tuple[float, ...]) -> None:
    """The exported encoder gets the whole image at `whole` size and must see the same pixels."""
    shrink = Shrink((24, 32), crop)
    assert shrink.whole[0] >= 24
    image = picture(3, 120, 160)
    frame = shrink(image)
    assert frame.shape == (24, 32, 3)
    network = Cropped.around(torch.nn.Identity(), shrink)
    whole = torch.from_numpy(resize_for_encoder(image, shrink.whole))[None]
    np.testing.assert_array_equal(network(whole)[0].numpy(), frame)


def test_the_crop_takes_the_share_asked_for_from_the_right_side() -> None:
    image = np.zeros((100, 200, 3), np.uint8)
    image[80:] = 255  # the robot's bonnet
    assert Shrink((64, 64), (0, 0, 0.2, 0))(image).max() < 140
    assert Shrink((64, 64), (0.2, 0, 0, 0))(image).max() == 255
    image = np.zeros((100, 200, 3), np.uint8)
    image[:, :50] = 255
    assert Shrink((64, 64), (0, 0, 0, 0.25))(image).mean() < 5
    assert Shrink((64, 64), (0, 0.25, 0, 0))(image).mean() > 60


def test_the_field_of_view_shrinks_with_the_sides_only() -> None:
    fov = 1.2
    assert Shrink((8, 8), (0.3, 0, 0.1, 0)).field_of_view(fov) == pytest.approx(fov)
    half = Shrink((8, 8), (0, 0.25, 0, 0.25)).field_of_view(fov)
    assert half == pytest.approx(2 * np.arctan(np.tan(0.6) / 2))
    assert Shrink((8, 8)).field_of_view(None) is None
