"""Every finding is triggered by a bag made for it, and by no clean one."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from slowfeat_trainer.data.options import IngestOptions
from slowfeat_trainer.inspection import verdict
from slowfeat_trainer.inspection.finding import HINT, STOP, WARN
from slowfeat_trainer.inspection.survey import inspect_bag
from slowfeat_trainer.inspection.verdict import headline, is_trainable, judge
from tests.helpers import bag_factory
from tests.helpers.bag_factory import BagRecipe, make_bag, picture
from tests.helpers.bag_formats import FORMATS
from tests.helpers.motion_bags import make_motion_bag

ROOT = Path(__file__).parents[3]
MINUTE = 610


def recipe(**faults: Any) -> BagRecipe:
    """A minute of a sound bag, but for some faults."""
    return BagRecipe(
        **{"frames": MINUTE, "with_camera_info": True, "with_tf_static": True, **faults}
    )


def constant(value: int) -> Callable[[float, float], np.ndarray]:
    """An image of one grey; what is noted in its corner keeps it
    from being the one before again.
    """

    def paint(yaw: float, forward: float) -> np.ndarray:
        pixels = np.full((48, 64, 3), value, np.uint8)
        pixels[:8, :8] = int(40 * forward) % 256
        return pixels

    return paint


def noise(yaw: float, forward: float) -> np.ndarray:
    rng = np.random.default_rng(int(1e6 * forward))
    return np.asarray(rng.integers(0, 256, (48, 64, 3)), dtype=np.uint8)


def mostly_still(t: float, still: bool = False) -> float:
    """Drives the first 20 s only."""
    return 0.4 * min(t, 20.0)


@dataclass
class Case:
    """A bag and what its verdict holds."""

    code: str
    level: str
    says: str
    recipe: BagRecipe = field(default_factory=recipe)
    # Functions of bag_factory that are replaced.
    patches: dict[str, Any] = field(default_factory=dict)


CASES = [
    Case("no_images", STOP, "there is no image topic", recipe(image_topics=())),
    Case("no_motion", STOP, "no source of motion", recipe(odom_topics=())),
    Case("images_undecodable", STOP, "no image of", recipe(broken_jpeg=set(range(MINUTE)))),
    Case("no_overlap", STOP, "no image has odometry around it", recipe(odom_ahead_s=100.0)),
    Case("too_few_frames", STOP, "only 8 images", recipe(frames=8)),
    Case(
        "too_few_pairs",
        STOP,
        "pairs of frames 0.5 s apart, 100 are the least; record longer",
        recipe(frames=60),
    ),
    Case("too_few_pairs", STOP, "come at 3.0 Hz, too slowly", recipe(rate=3.0, frames=400)),
    Case("does_not_move", STOP, "the robot does not move", recipe(still=True)),
    Case("images_undecodable", WARN, "10 % of the images", recipe(broken_jpeg=set(range(61)))),
    Case("image_stamps", WARN, "40 image: stamp of zero", recipe(zero_stamp=set(range(40, 80)))),
    Case("image_gap", HINT, "pause for up to 4.1 s", recipe(zero_stamp=set(range(40, 80)))),
    Case("no_header_stamps", WARN, "time of receipt", recipe(zero_stamp=set(range(MINUTE)))),
    Case("slow_frames", WARN, "frames arrive at 4.0 Hz", recipe(rate=4.0, frames=400)),
    Case("dark", WARN, "100 % of the images are nearly black", patches={"picture": constant(5)}),
    Case("overexposed", WARN, "nearly white", patches={"picture": constant(250)}),
    Case(
        "repeated_images", WARN, "byte for byte", patches={"picture": lambda *_: picture(0.0, 0.0)}
    ),
    Case("no_camera_info", HINT, "no camera_info", recipe(with_camera_info=False)),
    Case("no_extrinsic", HINT, "the extrinsic is unknown", recipe(with_tf_static=False)),
    Case("slow_motion", WARN, "/odom comes at 5.0 Hz", recipe(odom_rate=5.0)),
    Case(
        "motion_jumps",
        WARN,
        "/odom jumps 1 times",
        patches={"_forward": lambda t, *_: 0.4 * t + 50.0 * (t > 30)},
    ),
    Case(
        "stands_still",
        WARN,
        "stands still 6",
        patches={"_forward": mostly_still, "yaw_at": mostly_still},
    ),
    Case(
        "one_sided",
        WARN,
        "hardly any turn to the right",
        patches={"yaw_at": lambda t, *_: 0.05 * t},
    ),
    Case(
        "images_without_motion", WARN, "12 % of the images", recipe(nan_pose=set(range(200, 345)))
    ),
    Case(
        "too_few_turns",
        WARN,
        "only 0 % of pairs rotate",
        patches={"yaw_at": lambda t, *_: 0.06 * np.sin(t)},
    ),
    Case("clocks_disagree", HINT, "the images turn +0.20 s", recipe(odom_ahead_s=0.2)),
    Case("pictures_do_not_follow", WARN, "do not follow the turns", patches={"picture": noise}),
    Case(
        "yaw_inverted",
        HINT,
        "turn against the odometry",
        patches={"picture": lambda yaw, forward: picture(-yaw, forward)},
    ),
    Case("short", WARN, "short: 30 s", recipe(frames=300)),
    Case("several_image_topics", HINT, "--image-topic", recipe(image_topics=("/left", "/right"))),
    Case("several_motion_topics", HINT, "--odom-topic", recipe(odom_topics=("/a", "/b"))),
]
# Those that need another kind of bag have a test of their own.
# Found by tests of their own.
OTHERS = {
    "camera_info_unusable",
    "clocks_apart",
    "commanded",
    "damaged",
    "field_of_view_contradicted",
    "frozen",
    "left_out",
    "motion_source",
    "mount_contradicted",
    "needs_wheelbase",
    "no_usable_pose",
    "slip",
    "sparse_motion",
    "transforms_contradict",
    "whole_second_stamps",
    "yaw_bias",
    "yaw_noise",
    "yaw_scale",
}
# Their codes are put together from the kind of topic.
SEVERAL = {"several_image_topics", "several_motion_topics"}


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_bag(tmp_path_factory.mktemp("bags") / "clean", recipe())


def test_a_sound_bag_is_good_for_training(clean: Path) -> None:
    findings = judge(inspect_bag(clean, IngestOptions()))
    assert findings == []
    assert headline(findings) == "good for training"


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.code} {case.says}")
def test_a_fault_is_found(case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, function in case.patches.items():
        monkeypatch.setattr(bag_factory, name, function)
    findings = judge(inspect_bag(make_bag(tmp_path / "bag", case.recipe), IngestOptions()))
    found = {finding.code: finding for finding in findings}
    assert case.code in found, findings
    assert found[case.code].level == case.level
    assert case.says in found[case.code].text
    assert is_trainable(findings) == (case.level != STOP)
    assert all("\n" not in finding.text for finding in findings)


def test_steering_angles_need_a_wheelbase(tmp_path: Path) -> None:
    bag = make_motion_bag(tmp_path / "bag", "ackermann", recipe=recipe(), with_images=True)
    found = {f.code: f for f in judge(inspect_bag(bag, IngestOptions()))}
    assert found["needs_wheelbase"].level == STOP
    known = judge(inspect_bag(bag, IngestOptions(wheelbase_m=0.3)))
    assert is_trainable(known)
    assert "commanded" in {f.code for f in known}


@pytest.mark.parametrize(
    ("motion", "is_commanded"), [("twist", True), ("twist-with-covariance", False)]
)
def test_commands_are_told_from_measurements(
    motion: str, is_commanded: bool, tmp_path: Path
) -> None:
    bag = make_motion_bag(tmp_path / "bag", motion, recipe=recipe(), with_images=True)
    codes = {f.code for f in judge(inspect_bag(bag, IngestOptions()))}
    assert ("commanded" in codes) == is_commanded


def test_damage_is_told(clean: Path, tmp_path: Path) -> None:
    bag = FORMATS["mcap-file"](clean, tmp_path / "bag")
    bag.write_bytes(bag.read_bytes()[: bag.stat().st_size * 3 // 4])
    survey = inspect_bag(bag, IngestOptions())
    assert survey.damage
    assert "damaged" in {f.code for f in judge(survey)}


def test_every_finding_is_tested_and_explained() -> None:
    folder = Path(str(verdict.__file__)).parent
    source = "".join(path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.py")))
    page = (ROOT / "docs" / "inspect.md").read_text(encoding="utf-8")
    explained = set(re.findall(r"^\| `(\w+)` \| (?:stop|warn|hint)", page, re.MULTILINE))
    assert len(explained) > 20
    assert set(re.findall(r'Finding\(\s*"(\w+)"', source)) <= explained
    assert {code for code in explained if f'"{code}"' not in source} <= SEVERAL
    assert explained == {case.code for case in CASES} | OTHERS
