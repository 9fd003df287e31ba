"""The offset between camera and odometry is found, and not invented where nothing turns."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from slowfeat_trainer.data.clock_offset import ClockOffset, estimate_offset, picture_shifts
from slowfeat_trainer.data.options import IngestOptions
from slowfeat_trainer.ingest.ingest_bag import read_recording
from tests.helpers.bag_factory import PIXELS_PER_RADIAN, BagRecipe, make_bag, picture

AUTO = IngestOptions(image_size=(48, 64), odom_offset_auto=True)


@pytest.mark.parametrize("ahead_s", [-0.23, 0.0, 0.2])
def test_the_offset_is_found_within_30_ms(tmp_path: Path, ahead_s: float) -> None:
    recording = read_recording(make_bag(tmp_path / "bag", BagRecipe(odom_ahead_s=ahead_s)), AUTO)
    assert recording.clock.correlation > 0.9
    assert recording.clock.seconds == pytest.approx(ahead_s, abs=0.03)
    assert recording.odom_offset_s == pytest.approx(ahead_s, abs=0.03)
    assert not any("--odom-offset" in text for text in recording.warnings)


def test_an_uncorrected_offset_is_warned_of(tmp_path: Path) -> None:
    bag = make_bag(tmp_path / "bag", BagRecipe(odom_ahead_s=0.2))
    options = IngestOptions(image_size=(48, 64), trust_odometry=True)
    recording = read_recording(bag, options)
    assert recording.odom_offset_s == 0.0
    assert any("+0.2" in text and "--odom-offset auto" in text for text in recording.warnings)


def test_nothing_is_invented_for_a_robot_that_stands_still(tmp_path: Path) -> None:
    recording = read_recording(make_bag(tmp_path / "bag", BagRecipe(still=True)), AUTO)
    assert not recording.clock.is_known
    assert recording.odom_offset_s == 0.0
    assert any("too few turns" in text for text in recording.warnings)


def test_nothing_is_invented_for_pictures_that_do_not_turn() -> None:
    rng = np.random.default_rng(0)
    frames = rng.integers(0, 256, (300, 24, 32, 3), dtype=np.uint8)
    stamps = (np.arange(1, 301) * 10**8).astype(np.int64)
    clock = estimate_offset(frames, stamps, stamps, np.cumsum(rng.normal(size=300)))
    assert not clock.is_known
    assert estimate_offset(frames[:5], stamps[:5], stamps, np.zeros(300)) == ClockOffset(0.0, 0.0)


def test_a_turn_to_the_left_shifts_the_picture_to_the_right() -> None:
    frames = np.stack([picture(0.0, 0.0), picture(0.05, 0.0)])
    assert picture_shifts(frames)[0] == pytest.approx(0.05 * PIXELS_PER_RADIAN, abs=0.4)
