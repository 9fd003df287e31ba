"""Baselines: images that shift as they should, whitened pixels that are
white, a mean that is a mean.
"""

from __future__ import annotations

import numpy as np
import pytest

from slowfeat_trainer.data.frames import FrameStack
from slowfeat_trainer.data.options import IngestOptions
from slowfeat_trainer.data.pairs import Split, split_by_time
from slowfeat_trainer.evaluation import baselines, compare
from slowfeat_trainer.evaluation.baselines import ImageShift, shift
from slowfeat_trainer.evaluation.compare import PIXEL_SIDE, pixels
from slowfeat_trainer.ingest.ingest_bag import read_recording
from tests.helpers.bag_factory import PIXELS_PER_RADIAN, BagRecipe, make_bag


@pytest.fixture(scope="module")
def split(tmp_path_factory: pytest.TempPathFactory) -> Split:
    bag = make_bag(tmp_path_factory.mktemp("bags") / "drive", BagRecipe(frames=400, rate=20.0))
    return split_by_time([read_recording(bag, IngestOptions(image_size=(32, 32)))])


def ramp() -> np.ndarray:
    """An image whose grey is the number of its column, as `pixels` gives it: (1, 768)."""
    columns = np.broadcast_to(np.arange(16.0)[None, :, None], (16, 16, 3))
    return columns.reshape(1, -1)


def test_a_shift_by_hand() -> None:
    moved = shift(ramp(), np.array([2.5])).reshape(16, 16, 3)
    # Two and a half columns to the right: column 10 shows what was at 7.5; the edge is repeated.
    assert moved[0, 10, 1] == pytest.approx(7.5)
    assert moved[0, 0, 0] == moved[0, 2, 0] == pytest.approx(0.0)
    back = shift(ramp(), np.array([-3.0])).reshape(16, 16, 3)
    assert back[5, 0, 0] == pytest.approx(3.0)
    assert back[5, 15, 0] == pytest.approx(15.0)
    np.testing.assert_array_equal(shift(ramp(), np.zeros(1)), ramp())


def test_a_turn_to_the_left_moves_the_picture_to_the_right(split: Split) -> None:
    pairs = compare.HeldOutPairs.of(split.test)
    # The wall's camera has so many of its 64 columns per radian: a quarter of that in 16.
    truth = PIXELS_PER_RADIAN / 4
    right = ImageShift(truth, "").figures(split, pairs)
    wrong = ImageShift(-truth, "").figures(split, pairs)
    still = ImageShift(0.0, "").figures(split, pairs)
    assert right.rho < 0.8 < still.rho < wrong.rho
    assert still.rho == pytest.approx(1.0, abs=0.02)
    assert right.motion_gain is not None
    # Half of the image is new after the larger turns: more is not to be had.
    assert right.motion_gain > 0.2
    assert still.motion_gain == pytest.approx(0.0)


def test_the_focal_length_is_found_in_the_training_part_or_told_by_the_camera(split: Split) -> None:
    truth = PIXELS_PER_RADIAN / 4
    assert ImageShift.fitted_to(split.train).focal == pytest.approx(truth, rel=0.15)
    told = ImageShift.of_camera(2 * np.arctan(32 / PIXELS_PER_RADIAN))
    assert told.focal == pytest.approx(truth)
    assert "field of view" in told.source


def test_whitened_pixels_are_uncorrelated_on_what_they_were_fitted_to(split: Split) -> None:
    rng = np.random.default_rng(0)
    # Frames of 16 x 16: nothing is lost by shrinking. Neighbouring pixels go together.
    noise = rng.normal(0, 30, (3000, 16, 4, 3)).repeat(4, axis=2) + rng.normal(
        0, 8, (3000, 16, 16, 3)
    )
    frames = FrameStack([np.clip(128 + noise, 0, 255).astype(np.uint8)])
    part = type(split.train)(
        frames, np.arange(3000), np.tile(np.eye(4), (3000, 1, 1)), np.zeros(3000, np.int64)
    )
    z = baselines.zca_pixels(part)(frames)

    def mean_correlation(x: np.ndarray) -> float:
        c = np.corrcoef(x[:, :60].T)
        return float(np.abs(c[~np.eye(60, dtype=bool)]).mean())

    assert mean_correlation(z) < 0.5 * mean_correlation(pixels(frames))
    np.testing.assert_allclose(z.mean(axis=0), 0, atol=1e-3)


def test_tiny_images_know_neither_brightness_nor_contrast() -> None:
    rng = np.random.default_rng(0)
    # All channels alike, so that grey is not rounded differently.
    picture = rng.integers(20, 80, (1, 32, 32, 1)).astype(np.uint8).repeat(3, axis=3)
    z = baselines.tiny_images(FrameStack([np.concatenate([picture, 2 * picture + 30])]))
    np.testing.assert_allclose(z[0], z[1], atol=1e-4)
    assert np.linalg.norm(z[0]) == pytest.approx(1.0, rel=1e-5)
    flat = baselines.tiny_images(FrameStack([np.full((1, 40, 40, 3), 9, np.uint8)]))
    np.testing.assert_array_equal(flat, np.zeros((1, 32 * 32)))


def test_the_mean_of_the_bag_by_hand(split: Split) -> None:
    pairs = compare.HeldOutPairs.of(split.test)
    rng = np.random.default_rng(0)
    noise = rng.normal(size=(len(split.test), 200))
    got = baselines.mean_of_bag(noise, np.zeros((5, 200)), pairs)
    # For noise the mean is nearer than another draw by the root of two.
    assert got.rho == pytest.approx(1 / np.sqrt(2), abs=0.02)
    assert got.r2 == pytest.approx(0.0, abs=0.02)
    assert got.motion_gain is None


def test_slow_features_are_left_out_where_they_cannot_be_fitted(split: Split) -> None:
    assert baselines.sfa_features(split.train) is None or len(split.train) > 30
    few = type(split.train)(
        FrameStack([split.train.frames[:8]]),
        split.train.stamps[:8],
        split.train.poses[:8],
        split.train.block[:8],
    )
    assert baselines.sfa_features(few) is None


def test_pixels_are_as_wide_as_the_shift_believes(split: Split) -> None:
    assert pixels(FrameStack([split.test.frames[:2]])).shape == (2, 3 * PIXEL_SIDE**2)
