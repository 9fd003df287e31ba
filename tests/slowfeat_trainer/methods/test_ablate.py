"""An ingredient that is left out computes nothing and learns nothing,
and the others go on learning.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from slowfeat.errors import UsageError
from slowfeat_trainer.adaptation.from_camera_spec import middle_share
from slowfeat_trainer.config.method_settings import ABLATABLE
from slowfeat_trainer.config.train_config import TrainConfig, config_of_preset
from slowfeat_trainer.data.options import IngestOptions
from slowfeat_trainer.data.pairs import split_by_time
from slowfeat_trainer.device.frame_source import FrameSource
from slowfeat_trainer.ingest.ingest_bag import read_recording
from slowfeat_trainer.methods.training_set import TrainingSet
from slowfeat_trainer.methods.warp.method import WarpMethod
from slowfeat_trainer.training.loop import train
from tests.helpers.bag_factory import BagRecipe, make_bag

READING = IngestOptions(image_size=(32, 32))


def settings(without: list[str]) -> TrainConfig:
    return config_of_preset(
        "slowfeat",
        reading=READING,
        steps=3,
        batch_size=8,
        map_rows=4,
        map_columns=8,
        ablate=without,
    )


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> TrainingSet:
    bag = make_bag(tmp_path_factory.mktemp("bags") / "drive", BagRecipe(frames=200, rate=20.0))
    recording = read_recording(bag, READING)
    split = split_by_time([recording], 0.3, 0.2)
    return TrainingSet.prepare(split.train, recording.camera, settings([]))


def trained(data: TrainingSet, without: list[str], run: Path) -> WarpMethod:
    run.mkdir()
    method = train(data, settings(without), run)
    assert isinstance(method, WarpMethod)
    return method


def told(method: WarpMethod) -> dict[str, bool]:
    """Which ingredients left a trace."""
    parts = {
        "lens": method.warp.geometry.mirror_xi,
        "distances": method.warp.depth_head.weight,
        "correction": method.warp.correct[-1].weight,
    }
    return {name: bool(part.abs().max() > 0) for name, part in parts.items()}


def test_parts_that_are_left_out_stay_nothing_and_the_others_learn(
    data: TrainingSet, tmp_path: Path
) -> None:
    assert told(trained(data, [], tmp_path / "whole")) == dict.fromkeys(
        ("lens", "distances", "correction"), True
    )
    for name in ("lens", "distances", "correction"):
        expected = {n: n != name for n in ("lens", "distances", "correction")}
        assert told(trained(data, [name], tmp_path / name)) == expected


def test_without_its_lens_the_middle_of_the_picture_moves_as_before(data: TrainingSet) -> None:
    whole, pinhole = (WarpMethod(data, settings(names)).warp.geometry for names in ([], ["lens"]))
    # A bag without camera_info: the usual lens bends.
    assert whole.mirror_xi.item() > 0.5
    assert pinhole.mirror_xi.item() == 0
    assert middle_share(pinhole) == pytest.approx(middle_share(whole), rel=1e-6)


def test_without_its_correction_a_map_is_warped_and_nothing_else(
    data: TrainingSet, tmp_path: Path
) -> None:
    method = trained(data, ["correction"], tmp_path / "run")
    z = (torch.rand(2, *method.shape) * method.warp.window).flatten(1)
    with torch.no_grad():
        still = method.warp.move_map(z, torch.zeros(2, 6))
    torch.testing.assert_close(still, z, rtol=1e-3, atol=1e-4)


def test_without_calibration_the_camera_starts_as_the_bag_tells_it(data: TrainingSet) -> None:

    frames = FrameSource(data.part.frames, torch.device("cpu"))
    moved = {}
    for without in ([], ["calibration"]):
        config = settings(without)
        method = WarpMethod(data, config)
        focal = method.warp.geometry.log_focal.detach()
        before = focal.clone()
        method.prepare(data, frames, config)
        moved[bool(without)] = float((focal - before).abs().max())
    assert moved[True] == 0 < moved[False]


def test_without_the_ratio_the_squared_error_is_learned(data: TrainingSet, tmp_path: Path) -> None:

    trained(data, ["ratio"], tmp_path / "run")
    rows = [json.loads(line) for line in (tmp_path / "run" / "log.jsonl").read_text().splitlines()]
    assert rows
    assert all("squared" in row and "ratio" not in row for row in rows if "step" in row)


def test_what_is_no_ingredient_is_refused_by_name() -> None:
    with pytest.raises(UsageError, match=f"ablate 'salt' is unknown.*{ABLATABLE[0]}"):
        settings(["salt"])
