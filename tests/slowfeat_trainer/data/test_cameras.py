"""Bags of several cameras: which are one, what a batch of several looks through, and the bundles
that a training leaves.
"""

from __future__ import annotations

import dataclasses
import math
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch

from slowfeat.bundle import load_bundle
from slowfeat.errors import UsageError
from slowfeat_trainer.data.cameras import Cameras, same_camera
from slowfeat_trainer.data.pairs import split_by_time
from slowfeat_trainer.evaluation.evaluate_bundles import views_for
from slowfeat_trainer.methods.training_set import TrainingSet
from slowfeat_trainer.methods.warp.method import WarpMethod
from slowfeat_trainer.report.reported_run import run_of
from slowfeat_trainer.runs import train_run
from tests.helpers.bag_factory import PIXELS_PER_RADIAN, BagRecipe, make_bag
from tests.helpers.made_recordings import AHEAD, WIDE, recording, settings


@pytest.mark.parametrize(
    ("changes", "same"),
    [
        ({}, True),
        ({"encoding": "bgr8"}, True),
        ({"horizontal_fov": math.radians(91)}, True),
        ({"horizontal_fov": math.radians(60)}, False),
        ({"horizontal_fov": None}, False),
        ({"lens": [1.0, 1.3, 0.05]}, True),
        ({"lens": [1.6, 2.1, 0.8]}, False),
        ({"frame": "other_eye"}, False),
        ({"size": (320, 240)}, False),
        ({"extrinsic": None}, False),
        ({"extrinsic": [0.12, *AHEAD[1:]]}, True),
        ({"extrinsic": [0.2, *AHEAD[1:]]}, False),
        ({"extrinsic": [*AHEAD[:3], 0.55, -0.45, 0.55, -0.45]}, False),
    ],
)
def test_two_of_one_make_are_one_camera(changes: dict[str, object], same: bool) -> None:
    other = dataclasses.replace(WIDE, **changes)  # type: ignore[arg-type]
    assert same_camera(WIDE, other) == same_camera(other, WIDE) == same


def test_frames_know_their_camera_and_bags_kept_out_fall_to_the_first() -> None:
    narrow = dataclasses.replace(WIDE, horizontal_fov=1.0)
    unknown = dataclasses.replace(WIDE, frame="never learned")
    bags = [recording(c, d) for c, d in ((WIDE, "a"), (narrow, "b"), (WIDE, "c"), (unknown, "d"))]
    cameras = Cameras.of(bags, bags[:3])
    assert cameras.distinct == (WIDE, narrow)
    assert [cameras.of_recording(bag) for bag in bags] == [0, 1, 0, 0]
    part = split_by_time(bags, 0.5, 0.2).train
    np.testing.assert_array_equal(cameras.of_frames(part), np.repeat([0, 1, 0, 0], 16))


@pytest.fixture(scope="module")
def bags(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("bags")
    with_info = BagRecipe(frames=160, with_camera_info=True)
    return [make_bag(folder / "one", BagRecipe(frames=160)), make_bag(folder / "two", with_info)]


@pytest.fixture(scope="module")
def run(bags: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    run = tmp_path_factory.mktemp("runs") / "both"
    train_run(bags, run, settings())
    return run


def test_each_camera_gets_a_bundle_and_all_share_the_embedding(run: Path) -> None:
    first, second = load_bundle(run), load_bundle(run / "bundles" / "1-two")
    assert first.encoder == second.encoder
    assert [b.info.training["camera"] for b in (first, second)] == [0, 1]
    assert first.info.training["bags"] == second.info.training["bags"]
    assert [b["camera"] for b in first.info.training["bags"]] == [0, 1]
    assert first.info.horizontal_fov is None
    assert second.info.horizontal_fov == pytest.approx(2 * math.atan(32 / PIXELS_PER_RADIAN))
    assert (first.info.name, second.info.name) == ("both", "both-1-two")
    z = np.random.default_rng(0).normal(size=(1, first.info.dimension)).astype(np.float32)
    turn = np.array([[0, 0, 0, 0, 0, 0.3]], np.float32)
    after = [
        onnxruntime.InferenceSession(b.transform).run(None, {"embedding": z, "motion": turn})[0]
        for b in (first, second)
    ]
    assert np.abs(after[0] - after[1]).max() > 1e-3
    assert run_of(run / "bundles" / "1-two") == run


def test_a_bundle_is_measured_on_the_bags_of_its_camera(run: Path) -> None:
    frames = []
    for path in (run, run / "bundles" / "1-two"):
        split, _ = views_for(load_bundle(path), run / "dataset", "", None, {}).read()
        assert len(np.unique(split.test.source)) == 1
        frames.append(split.test.source[0])
    assert frames[0] != frames[1]


def test_one_camera_is_learned_as_ever(bags: list[Path], tmp_path: Path) -> None:
    """No number of a training on one robot's bags may change because others could be there."""
    train_run([bags[0]], tmp_path / "run", settings())
    state = torch.load(tmp_path / "run" / "checkpoints" / "last", weights_only=True)["method"]
    assert not [name for name in state if name.startswith("others")]
    assert not (tmp_path / "run" / "bundles").exists()


def test_shaking_is_for_one_camera() -> None:
    recordings = [recording(WIDE, "a"), recording(dataclasses.replace(WIDE, frame="b"), "bb")]
    part = split_by_time(recordings, 0.2, 0.2).train
    cameras = Cameras.of(recordings, recordings)
    data = TrainingSet.prepare(part, WIDE, settings(), cameras=cameras)
    with pytest.raises(UsageError, match="one camera"):
        WarpMethod(data, settings(random_camera_rotation=True))
