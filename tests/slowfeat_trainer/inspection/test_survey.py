"""Inspect counts what ingest counts, and its figures are those that the bags were made with."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from slowfeat_trainer.data.options import IngestOptions
from slowfeat_trainer.ingest.ingest_bag import read_recording
from slowfeat_trainer.inspection.survey import inspect_bag
from slowfeat_trainer.inspection.verdict import judge
from tests.helpers.bag_factory import BagRecipe, make_bag
from tests.helpers.bag_formats import FORMATS
from tests.helpers.motion_bags import make_motion_bag

DEFAULT = IngestOptions()
FAULTY = BagRecipe(
    zero_stamp={5}, repeated_stamp={9, 10}, broken_jpeg={20, 21, 90}, nan_pose={30, 31, 32, 100}
)
FAULTS = {
    "none": (BagRecipe(), DEFAULT),
    "all at once": (FAULTY, DEFAULT),
    "no stamps": (BagRecipe(zero_stamp=set(range(120))), DEFAULT),
    "a gap in the odometry": (BagRecipe(nan_pose=set(range(60, 100))), DEFAULT),
    "clocks apart": (BagRecipe(odom_ahead_s=0.3), DEFAULT),
    "an offset": (FAULTY, IngestOptions(odom_offset_s=1.5)),
    "an offset from the images": (
        BagRecipe(frames=300, odom_ahead_s=0.3),
        IngestOptions(odom_offset_auto=True),
    ),
    "a short gap allowed": (FAULTY, IngestOptions(max_odom_gap_s=0.1)),
    "thinned": (FAULTY, IngestOptions(rate_hz=4.0)),
    "only where it moves": (FAULTY, IngestOptions(min_move_m=0.05)),
}


@pytest.mark.parametrize("name", FAULTS)
def test_drops_are_those_of_ingest(name: str, tmp_path: Path) -> None:
    recipe, options = FAULTS[name]
    bag = make_bag(tmp_path / "bag", recipe)
    survey, recording = inspect_bag(bag, options), read_recording(bag, options)
    assert survey.dropped == recording.dropped
    assert survey.together is not None
    np.testing.assert_array_equal(survey.together.kept.stamps, recording.stamps)
    np.testing.assert_array_equal(survey.together.kept.poses, recording.poses)
    assert survey.together.clock == recording.clock
    assert survey.together.offset_s == recording.odom_offset_s
    # What the images say of the mount, inspect has as a finding of its own.
    assert survey.mount is not None
    doubt = {survey.mount.doubt} - {""}
    found = {finding.text for finding in judge(survey)}
    assert doubt <= found
    assert set(recording.warnings) == {*survey.warnings, *survey.damage} | doubt


@pytest.mark.parametrize(
    "kind", ["mcap-file-zstd-chunks", "sqlite3-message-zstd", "db3.zstd", "ros1-lz4"]
)
def test_drops_are_those_of_ingest_in_every_kind_of_bag(kind: str, tmp_path: Path) -> None:
    bag = FORMATS[kind](make_bag(tmp_path / "made", FAULTY), tmp_path / "bag")
    survey = inspect_bag(bag, DEFAULT)
    assert survey.dropped == read_recording(bag, DEFAULT).dropped
    assert survey.dropped["image: cannot be decoded"] == 3
    assert survey.dropped["odometry: pose not finite"] == 4


@pytest.mark.parametrize(
    "motion", ["odometry", "tf-chain", "pose", "twist-stamped", "twist-with-covariance"]
)
def test_every_source_of_motion_tells_the_same_drive(motion: str, tmp_path: Path) -> None:
    bag = make_motion_bag(tmp_path / "bag", motion, recipe=BagRecipe(frames=200), with_images=True)
    survey = inspect_bag(bag, DEFAULT)
    assert survey.motion is not None
    assert survey.motion.driving is not None
    assert survey.motion.driving.distance_m == pytest.approx(0.4 * 20, rel=0.05)
    assert survey.dropped == read_recording(bag, DEFAULT).dropped
    assert survey.together is not None
    assert survey.together.shifts is not None
    assert survey.together.shifts.correlation > 0.5
