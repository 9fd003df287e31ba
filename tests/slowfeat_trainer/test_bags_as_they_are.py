"""Situations that robots' users have reported, as small bags: what inspect makes of each."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from slowfeat_trainer.data.options import IngestOptions
from slowfeat_trainer.inspection.report_text import describe
from slowfeat_trainer.inspection.suggest import ingest_line
from slowfeat_trainer.inspection.survey import inspect_bag
from slowfeat_trainer.inspection.verdict import is_trainable, judge
from tests.helpers import reported_bags as bags

IMAGES = 160


@dataclass(frozen=True)
class Case:
    """A bag, and what is right."""

    name: str
    make: Callable[[Path], Path]
    # Codes of the findings beside "short".
    findings: set[str] = field(default_factory=set)
    # What the report says, among it.
    says: tuple[str, ...] = ()
    trainable: bool = True
    # Images that have a pose.
    used: int = IMAGES
    # Degrees that the lens sees from left to right; its terms where they are known.
    wide: float = 56.1
    lens: tuple[float, ...] | None = None
    # Where the camera is and how it is turned, as the report says it.
    extrinsic: str = "x 0.10, y 0.00, z 0.20 m in the body, looks 0 deg left and 0 deg down"


UNKNOWN = "unknown"
OTHER_TOPICS = {"several_image_topics"}
CASES = [
    Case("sound", bags.bag()),
    Case("clock_synced_late", bags.clock_synced_late(), used=IMAGES - 11),
    Case(
        "device_clock",
        bags.device_clock(),
        {"clocks_apart"},
        ("is stamped by another clock", "--odom-offset=-1699999876.6"),
        trainable=False,
        used=0,
    ),
    Case(
        "whole_seconds",
        bags.whole_seconds(),
        {"whole_second_stamps", "too_few_pairs", "image_stamps", "slow_frames"},
        ("whole seconds",),
        trainable=False,
        used=16,
    ),
    Case(
        "huge_log_time",
        bags.huge_log_time,
        {"left_out"},
        ("1 message with an impossible time", "damage:    none found"),
        used=IMAGES - 1,
    ),
    Case("no_message_index", bags.no_message_index, says=("damage:    none found",)),
    Case("service_events", bags.service_events, says=("damage:    none found",)),
    Case("ros1_in_mcap", bags.ros1_in_mcap, says=("320 poses of base_link in odom",)),
    Case("twelve_bits", bags.twelve_bits(), says=("mono16 (12 bits used)",)),
    Case("capitals", bags.capitals(), says=("RGB8",)),
    Case("tiff", bags.tiff(), says=("0 % failed",)),
    Case("depth_at_three_times_the_rate", bags.depth_at_three_times_the_rate()),
    Case(
        "fisheye",
        bags.calibrated(focal=22.0, model="fisheye", coefficients=(0.02, -0.01, 0.003, 0.0)),
        {"field_of_view_contradicted", "yaw_scale"},
        wide=111.0,
        lens=(1.76, 2.35, 1.59),
    ),
    Case(
        "plumb_bob_of_eight",
        bags.calibrated(coefficients=(*bags.BARREL, 0.0, 0.0, 0.0, 0.0)),
        lens=(5.48, 7.30, 1.92),
    ),
    Case("rectified", bags.rectified()),
    Case("region_of_interest", bags.calibrated(focal=60.0, size=(128, 96), roi=(32, 24, 64, 48))),
    Case("info_below_image", bags.info_below_image(), OTHER_TOPICS, ("images:    /front",)),
    Case("two_robots", bags.two_robots(), OTHER_TOPICS, ("/robot1/odom", "from /robot1/tf_static")),
    Case("frame_not_optical", bags.frame_not_optical()),
    Case("upside_down", bags.upside_down(), says=("turned by 180 deg about its axis",)),
    Case("one_frame_for_both", bags.one_frame_for_both(), {"motion_source"}, ("base_link",)),
    Case("height_not_known", bags.height_not_known(), {"motion_source"}, ("taken as 0",)),
    Case(
        "north_east_down",
        bags.north_east_down(),
        {"no_extrinsic", "yaw_inverted"},
        ("wrong sign",),
        extrinsic=UNKNOWN,
    ),
    Case("zeroed_indoors", bags.zeroed_indoors(), {"motion_jumps"}, ("jumps 1 times",)),
    Case(
        "one_pose_a_second",
        bags.one_pose_a_second(),
        {"sparse_motion", "slow_motion"},
        ("come 1.0 s apart, more than the --max-odom-gap 0.5",),
        trainable=False,
        used=0,
    ),
    Case("twist_only", bags.twist_only(), {"motion_source"}, ("integrated from the twists",)),
    Case("motion_capture", bags.motion_capture(), says=("/vicon/robot/robot",)),
    Case("two_publishers", bags.two_publishers_on_tf(), {"motion_source"}, ("two publishers",)),
]


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_what_inspect_makes_of_it(case: Case, tmp_path: Path) -> None:
    survey = inspect_bag(case.make(tmp_path / case.name), IngestOptions())
    found = judge(survey)
    said = describe(survey)
    assert {finding.code for finding in found} - {"short"} == case.findings, said
    assert is_trainable(found) == case.trainable
    for words in case.says:
        assert words in said
    assert survey.together is not None
    if case.trainable or not case.used:
        assert survey.together.with_pose == case.used
    assert survey.field_of_view is not None
    assert math.degrees(survey.field_of_view) == pytest.approx(case.wide, abs=1.0)
    if case.lens is not None:
        assert survey.camera.lens == pytest.approx(case.lens, abs=0.02)
    assert f"extrinsic: {case.extrinsic}" in said
    assert ingest_line(survey, found) in said
