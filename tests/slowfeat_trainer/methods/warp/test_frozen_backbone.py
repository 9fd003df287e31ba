"""A head on a frozen backbone learns from features that are computed once, and leaves
a bundle that holds all of it.
"""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
import torch

from slowfeat.bundle import load_bundle
from slowfeat.errors import UsageError
from slowfeat.ownership import check_ours
from slowfeat_trainer.config.method_settings import WarpSettings
from slowfeat_trainer.config.train_config import TrainConfig, config_of_preset, save_config
from slowfeat_trainer.data.options import IngestOptions
from slowfeat_trainer.data.pairs import Part, split_by_time
from slowfeat_trainer.ingest.ingest_bag import read_recording
from slowfeat_trainer.methods.warp.augment import uncertain
from slowfeat_trainer.methods.warp.feature_bank import FOLDER, FeatureBank
from slowfeat_trainer.models.backbones.build import frozen_backbone
from slowfeat_trainer.runs import train_run
from slowfeat_trainer.training.run_folder import RUN_FOLDER
from tests.helpers.bag_factory import BagRecipe, make_bag

READING = IngestOptions(image_size=(32, 64))
NAME = "torchvision:mobilenet_v3_small:none"


def settings(**changes: object) -> TrainConfig:
    small = {"steps": 2, "batch_size": 8, "map_rows": 4, "map_columns": 8, "map_channels": 4}
    fixed = {"reading": READING, "backbone": NAME, "starter": "none"}
    return config_of_preset("slowfeat", **{**fixed, **small, **changes})


@pytest.fixture(scope="module")
def bag(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_bag(tmp_path_factory.mktemp("bags") / "drive", BagRecipe(frames=160, rate=20.0))


@pytest.fixture(scope="module")
def part(bag: Path) -> Part:
    return split_by_time([read_recording(bag, READING)], 0.3, 0.2).train


def test_from_bag_to_bundle(bag: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    train_run([bag], run, settings())
    info = load_bundle(run).info
    assert info.backbone is not None
    assert info.backbone.name == NAME
    assert info.backbone.finetuned is False
    assert len(info.backbone.sha256) == 64
    assert info.slices["map"].shape == [4, 4, 8]
    assert info.image_size == [32, 64]
    stored = json.loads((run / "bundle" / "bundle.json").read_text())
    assert stored["training"]["configuration"]["backbone"] == NAME
    assert [f.name for f in (run / FOLDER).iterdir()] != []


def test_features_are_computed_once_and_again_for_other_frames(
    part: Part, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    graph = frozen_backbone(NAME, READING.image_size, (4, 8))
    index, mirrored = np.array([3, 1, 3]), np.array([False, True, True])
    direct = graph(part.frames[index][:1])[0], graph(part.frames[index][1:, :, ::-1])
    kept = FeatureBank(graph, part, True, tmp_path).get(index, mirrored).numpy()
    np.testing.assert_allclose(kept[0], direct[0], rtol=2e-3, atol=2e-3)
    np.testing.assert_allclose(kept[1:], direct[1], rtol=2e-3, atol=2e-3)
    not_kept = FeatureBank(graph, part, True, None).get(index, mirrored).numpy()
    np.testing.assert_allclose(kept, not_kept, rtol=2e-3, atol=2e-3)

    calls = []
    monkeypatch.setattr(type(graph), "__call__", lambda *a: calls.append(a) or np.zeros((32, 1)))
    FeatureBank(graph, part, True, tmp_path).get(index, mirrored)
    assert calls == []
    other = dataclasses.replace(part, stamps=part.stamps + 1)
    with pytest.raises(ValueError, match="broadcast"):
        FeatureBank(graph, other, True, tmp_path)


def test_features_that_were_cut_short_are_computed_again(part: Part, tmp_path: Path) -> None:
    graph = frozen_backbone(NAME, READING.image_size, (4, 8))
    whole = FeatureBank(graph, part, False, tmp_path).get(np.arange(3), np.zeros(3, bool))
    (file,) = (tmp_path / FOLDER).glob("*/*.npy")
    content = file.read_bytes()
    (tmp_path / f".{FOLDER}.0123.partial" / "x").mkdir(parents=True)
    for damaged in (content[:-2], content[:40], b""):
        file.write_bytes(damaged)
        again = FeatureBank(graph, part, False, tmp_path).get(np.arange(3), np.zeros(3, bool))
        np.testing.assert_array_equal(again, whole)
        assert file.read_bytes() == content
    assert [entry.name for entry in tmp_path.iterdir()] == [FOLDER]


def test_a_run_with_features_can_be_begun_anew(tmp_path: Path) -> None:
    for name in ("plain.npy", "mirrored.npy", "plain.npy.done"):  # older runs have a mark
        (tmp_path / "run" / FOLDER / "0123").mkdir(parents=True, exist_ok=True)
        (tmp_path / "run" / FOLDER / "0123" / name).touch()
    save_config(settings(), tmp_path / "run" / "config.yaml")
    check_ours(tmp_path / "run", RUN_FOLDER)


def test_what_a_frozen_backbone_cannot_do_is_refused() -> None:
    with pytest.raises(UsageError, match="augment"):
        settings(augment=["blur"])
    with pytest.raises(UsageError, match="finetune"):
        config_of_preset("slowfeat", backbone="small", finetune=True)
    with pytest.raises(UsageError, match="unknown"):
        settings(backbone="resnet")


def test_turns_are_off_as_much_as_the_robot_turns_and_the_draw_is_the_steps_own() -> None:
    class Drawn:
        def generator(self, group: int) -> np.random.Generator:
            return np.random.default_rng(group)

    motions = np.zeros((4000, 6))
    motions[:, 0], motions[:, 5] = 1.0, np.random.default_rng(0).normal(0, 0.5, 4000)
    config = settings(turn_noise_deg=3.0).of(WarpSettings)
    off = uncertain(motions, Drawn(), config) - motions  # type: ignore[arg-type]
    assert np.degrees(off[:, 5].std()) == pytest.approx(3.0, rel=0.05)
    assert np.abs(off[:, :5]).max() == 0
    again = uncertain(motions, Drawn(), config) - motions  # type: ignore[arg-type]
    np.testing.assert_array_equal(off, again)
    exact = settings(turn_noise_deg=0.0).of(WarpSettings)
    assert uncertain(motions, Drawn(), exact) is motions  # type: ignore[arg-type]


def test_weights_of_a_backbone_move_only_when_it_is_fine_tuned(bag: Path, tmp_path: Path) -> None:
    train_run([bag], tmp_path / "tuned", settings(finetune=True))
    info = load_bundle(tmp_path / "tuned").info
    assert info.backbone is not None
    assert info.backbone.finetuned is True
    state = torch.load(tmp_path / "tuned" / "checkpoints" / "last", weights_only=True)["method"]
    fresh = frozen_backbone(NAME, READING.image_size, (4, 8))
    assert bytes(state["encoder.backbone_sha256"].tolist()).hex() == fresh.identity.sha256
    assert any(name.startswith("encoder.tuned.") for name in state)
