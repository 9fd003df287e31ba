"""Inspect counts what ingest counts, and its figures are those that the bags were made with."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from slowfeat_trainer.data.options import IngestOptions
from slowfeat_trainer.ingest.ingest_bag import read_recording
from slowfeat_trainer.inspection import image_survey as images_module
from slowfeat_trainer.inspection.drops import drops_of
from slowfeat_trainer.inspection.survey import inspect_bag
from tests.helpers.bag_factory import HORIZONTAL_FOV, BagRecipe, make_bag
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
    "an offset from the pictures": (
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
    assert set(recording.warnings) == {*survey.warnings, *survey.damage}


@pytest.mark.parametrize(
    "kind", ["mcap-file-zstd-chunks", "sqlite3-message-zstd", "db3.zstd", "ros1-lz4"]
)
def test_drops_are_those_of_ingest_in_every_kind_of_bag(kind: str, tmp_path: Path) -> None:
    bag = FORMATS[kind](make_bag(tmp_path / "made", FAULTY), tmp_path / "bag")
    survey = inspect_bag(bag, DEFAULT)
    assert survey.dropped == read_recording(bag, DEFAULT).dropped
    assert survey.dropped["image: cannot be decoded"] == 3
    assert survey.dropped["odometry: pose not finite"] == 4


@pytest.mark.parametrize("options", [DEFAULT, IngestOptions(rate_hz=5.0)])
def test_of_a_long_bag_a_sample_is_decoded_and_stamps_stay_exact(
    options: IngestOptions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The first broken image lies in what is decoded anyway, the other one where nothing is.
    recipe = replace(
        FAULTY, frames=300, broken_jpeg={20, 290}, zero_stamp={250}, repeated_stamp={260}
    )
    bag = make_bag(tmp_path / "bag", recipe)
    monkeypatch.setattr(images_module, "FIRST", 100)
    monkeypatch.setattr(images_module, "SAMPLES", 6)
    exact = read_recording(bag, options).dropped
    quick = inspect_bag(bag, options)
    assert quick.images is not None
    assert not quick.images.complete
    assert quick.images.tried < 130
    name = "image: cannot be decoded"
    assert quick.dropped.pop(name, 0) < exact.pop(name)
    assert quick.dropped == exact
    everything = inspect_bag(bag, options, everything=True)
    assert everything.images is not None
    assert everything.images.complete
    assert everything.dropped == read_recording(bag, options).dropped


def test_a_broken_image_among_the_samples_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bag = make_bag(tmp_path / "bag", BagRecipe(frames=300, broken_jpeg=set(range(150, 300))))
    monkeypatch.setattr(images_module, "FIRST", 100)
    monkeypatch.setattr(images_module, "SAMPLES", 30)
    survey = inspect_bag(bag, DEFAULT)
    assert survey.images is not None
    # 100 at the beginning and 20 samples behind them, of which 15 are broken.
    assert (survey.images.tried, survey.images.undecodable) == (120, 15)


def test_drops_are_shares_of_their_topic(tmp_path: Path) -> None:
    rows = {d.reason: d for d in drops_of(inspect_bag(make_bag(tmp_path / "bag", FAULTY), DEFAULT))}
    assert rows["cannot be decoded"].kind == "image"
    assert rows["cannot be decoded"].share == pytest.approx(3 / 120)
    assert rows["pose not finite"].kind == "odometry"
    assert rows["pose not finite"].share == pytest.approx(4 / 244)


def test_times_are_those_of_the_recipe(tmp_path: Path) -> None:
    recipe = BagRecipe(rate=8.0, odom_rate=40.0, with_camera_info=True, with_tf_static=True)
    survey = inspect_bag(make_bag(tmp_path / "bag", recipe), DEFAULT)
    times = {t.topic.name: t for t in survey.topics}
    assert times["/camera/image/compressed"].rate_hz == pytest.approx(8.0)
    assert times["/odom"].rate_hz == pytest.approx(40.0)
    assert times["/odom"].longest_gap_s == pytest.approx(1 / 40)
    assert times["/odom"].interval_sd_s == pytest.approx(0.0, abs=1e-6)
    assert times["/tf_static"].rate_hz is None
    assert times["/tf_static"].header_ns is None
    assert survey.field_of_view == pytest.approx(HORIZONTAL_FOV)
    assert survey.extrinsic is not None
    np.testing.assert_allclose(survey.extrinsic[:3], [0.1, 0, 0.2], atol=1e-9)
    assert survey.extrinsic_from == "from /tf_static"


def test_delay_is_receipt_minus_header(tmp_path: Path) -> None:
    # A repeated stamp is one period old when it is received.
    survey = inspect_bag(make_bag(tmp_path / "bag", BagRecipe(repeated_stamp={9, 10})), DEFAULT)
    images = next(t for t in survey.topics if "image" in t.topic.name)
    assert sorted(images.delays_s)[-3:] == pytest.approx([0.0, 0.1, 0.1])


def test_driving_is_that_of_the_recipe(tmp_path: Path) -> None:
    survey = inspect_bag(make_bag(tmp_path / "bag", BagRecipe(frames=400)), DEFAULT)
    assert survey.motion is not None
    drive = survey.motion.driving
    assert drive is not None
    assert drive.distance_m == pytest.approx(0.4 * 40, rel=0.02)
    assert drive.mean_speed_m_s == pytest.approx(0.4, rel=0.01)
    assert drive.max_speed_m_s == pytest.approx(0.4, rel=0.01)
    assert drive.still_share == 0.0
    # It swings by 0.8 rad to either side about every 4.8 s.
    assert drive.left_deg == pytest.approx(np.rad2deg(1.6 * 40 / 4.83), rel=0.1)
    assert drive.left_deg == pytest.approx(drive.right_deg, rel=0.1)
    assert drive.turned_deg == pytest.approx(drive.left_deg + drive.right_deg, rel=1e-6)


def test_standing_still_is_told(tmp_path: Path) -> None:
    survey = inspect_bag(make_bag(tmp_path / "bag", BagRecipe(still=True)), DEFAULT)
    assert survey.motion is not None
    assert survey.motion.driving is not None
    assert survey.motion.driving.still_share == 1.0
    assert survey.motion.driving.distance_m == pytest.approx(0.0)


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
