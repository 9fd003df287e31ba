"""Every preset: it learns something, continues where it was stopped, and
leaves a bundle that predicts.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
import yaml

from slowfeat.bundle import load_bundle
from slowfeat.cli import main
from slowfeat.encoder import Encoder
from slowfeat.errors import UsageError
from slowfeat_trainer.config.preset_table import PRESETS
from slowfeat_trainer.config.train_config import TrainConfig, config_of_preset
from slowfeat_trainer.data.labels import label_frames
from slowfeat_trainer.data.options import IngestOptions
from slowfeat_trainer.data.pairs import split_by_time
from slowfeat_trainer.device.frame_source import FrameSource
from slowfeat_trainer.ingest.ingest_bag import read_recording
from slowfeat_trainer.methods import Method, build_method
from slowfeat_trainer.methods.training_set import TrainingSet, draw_batch
from slowfeat_trainer.training.loop import train
from tests.helpers.bag_factory import BagRecipe, make_bag

READING = IngestOptions(image_size=(32, 32))
# Of the papers' and ours, in the issue's own names.
NAMED = {
    *("random", "clsnet", "temporal", "drlim", "lsm", "equiv", "equiv_drlim"),
    *("equiv_drlim_nondiscrete", "goroshin_1", "goroshin_2", "group_1", "group_2", "sparse_1"),
    *("drlim_1", "drlim_2", "sfa", "ssfa", "linearising", "lie", "slowfeat"),
}
TRAINED = [name for name in PRESETS if PRESETS[name].settings.get("steps") != 0]
# Their networks are wide: a few steps show that they learn.
WIDE = ("goroshin_1", "goroshin_2", "group_1", "group_2", "sparse_1", "drlim_1", "drlim_2")


def settings(preset: str, **changes: object) -> TrainConfig:
    small: dict[str, object] = {"reading": READING, "batch_size": 16, "steps": 60}
    if preset in WIDE:
        small |= {"steps": 12, "batch_size": 8}
    elif preset == "sfa":
        small = {"reading": READING, "batch_size": 16}
    elif preset != "slowfeat":
        small["dimension"] = 16
    return config_of_preset(preset, **{**small, **changes})


@pytest.fixture(scope="module")
def bag(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_bag(tmp_path_factory.mktemp("bags") / "drive", BagRecipe(frames=1200, rate=20.0))


@pytest.fixture(scope="module")
def labels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("labels") / "labels.csv"
    lines = [f"drive,{3 * k},{3 * k + 3},{'left' if k % 2 else 'right'}" for k in range(20)]
    path.write_text("\n".join(["bag,from_s,to_s,label", *lines]) + "\n")
    return path


@pytest.fixture(scope="module")
def data(bag: Path, labels: Path) -> TrainingSet:
    recording = read_recording(bag, READING)
    part = split_by_time([recording], 0.2, 0.2).train
    found = label_frames(labels, [recording], part)
    return TrainingSet.prepare(part, recording.camera, settings("drlim"), found)


def test_every_method_that_was_promised_is_there() -> None:
    assert set(PRESETS) == NAMED


def loss_on_fresh_batches(method: Method, data: TrainingSet, config: TrainConfig) -> float:
    """Mean loss of batches that were not trained on (of the same frames)."""
    frames = FrameSource(data.part.frames, torch.device("cpu"))
    total = 0.0
    with torch.no_grad():
        # Of their last half, where two layers are trained one after the other.
        for step in range(10_000, 10_004):
            batch = draw_batch(data, config, step)
            terms = method.losses(frames.get(method.frames_of(batch)), batch, data, config)
            total += sum(float(term) for term in terms.values())
    return total / 4


@pytest.mark.parametrize("preset", TRAINED)
def test_it_lowers_its_own_loss_and_every_weight_stays_finite(
    preset: str, data: TrainingSet, tmp_path: Path
) -> None:
    config = settings(preset, steps=14 if preset in WIDE else 60, learning_rate=1e-3)
    untrained = build_method(data, config)
    untrained.prepare(data, FrameSource(data.part.frames, torch.device("cpu")), config)
    method = train(data, config, tmp_path)
    before = loss_on_fresh_batches(untrained, data, config)
    assert loss_on_fresh_batches(method, data, config) < before
    assert all(torch.isfinite(p).all() for p in method.parameters())
    with torch.no_grad():
        z = method.encoder(torch.from_numpy(data.part.frames[:40]))
    assert z.shape == (40, method.dimension)
    assert float(z.std(dim=0).max()) > 0  # it tells frames apart


@pytest.mark.parametrize("preset", TRAINED)
def test_stopped_it_continues_to_the_same_weights(
    preset: str, data: TrainingSet, tmp_path: Path
) -> None:
    config = settings(preset, steps=6, checkpoint_every=2)
    for name in ("whole", "stopped"):
        (tmp_path / name).mkdir()
    whole = train(data, config, tmp_path / "whole")
    train(data, config, tmp_path / "stopped")
    last = tmp_path / "stopped" / "checkpoints" / "last"
    last.unlink()
    last.symlink_to("step_000004.pt")
    continued = train(data, config, tmp_path / "stopped")
    for (name, a), b in zip(
        whole.state_dict().items(), continued.state_dict().values(), strict=True
    ):
        assert torch.equal(a, b), name


@pytest.mark.slow
@pytest.mark.parametrize("preset", ["lie", "equiv_drlim_nondiscrete", "lsm", "sfa", "ssfa"])
def test_it_leaves_a_bundle_that_predicts(preset: str, bag: Path, tmp_path: Path) -> None:
    words = [
        "train",
        str(bag),
        "--out",
        str(tmp_path / "run"),
        "--preset",
        preset,
        "--size",
        "32x32",
    ]
    if preset != "sfa":
        words += ["--dimension", "16", "--steps", "30", "--batch-size", "16"]
    assert main(words) == 0
    bundle = load_bundle(tmp_path / "run")
    engine = Encoder(bundle, provider="cpu")
    z = engine.embed(np.zeros((48, 64, 3), np.uint8))
    after, error = engine.predict(z, [p.centroid for p in bundle.info.motion_patterns])
    assert np.isfinite(after).all()
    assert (error > 0).all()
    if preset in ("lie", "equiv_drlim_nondiscrete"):
        form = {"lie": "lie", "equiv_drlim_nondiscrete": "continuous"}[preset]
        assert form in bundle.info.training["transform"]["calibration_error"]


def test_a_label_teaches_what_it_names(data: TrainingSet, tmp_path: Path) -> None:
    """A supervised head on frames whose class can be seen separates them;
    on held classes of noise not.
    """
    method = train(data, settings("clsnet", steps=400), tmp_path)
    index, classes = data.labels.of_frame.nonzero()[0], data.labels.of_frame
    del index
    labelled = np.flatnonzero(classes >= 0)
    with torch.no_grad():
        z = method.encoder(torch.from_numpy(data.part.frames[labelled]))
        found = method.terms["classification"].head(z).argmax(dim=1).numpy()
    constant = np.bincount(classes[labelled]).max() / len(labelled)
    assert np.mean(found == classes[labelled]) > max(0.7, constant + 0.1), constant


def test_wrong_labels_presets_and_encoders_are_one_clear_line(
    data: TrainingSet, bag: Path, labels: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def refused(*words: str) -> str:
        assert main(["train", str(bag), "--out", str(tmp_path / "run"), *words]) == 2
        said = capsys.readouterr().err.strip().splitlines()[-1]
        assert said.startswith("slowfeat train: ")
        assert not (tmp_path / "run").exists()
        return said

    assert "there are slowfeat, lie, equiv_drlim" in refused("--preset", "magic")
    assert "give a CSV file with --labels" in refused("--preset", "clsnet")
    wrong = tmp_path / "wrong.csv"
    for text, says in (
        (
            "bag,from_s,to_s,label\nmonday,0,5,a\n",
            "labels monday, which is not among the bags (drive)",
        ),
        ("bag,from_s,to_s,label\ndrive,0,5,a\n", "leaves 1 classes"),
        ("bag,from_s,to_s,label\ndrive,0,x,a\n", "line 2"),
        ("bag,from_s,to_s,label\ndrive,5,1,a\n", "from_s must be below to_s"),
        ("a,b\n1,2\n", "the columns bag, from_s, to_s, label"),
    ):
        wrong.write_text(text)
        assert says in refused("--preset", "drlim", "--labels", str(wrong))
    assert "cannot be read" in refused("--preset", "drlim", "--labels", str(tmp_path / "none.csv"))
    with pytest.raises(UsageError, match="close: resnet18"):
        build_method(data, settings("drlim", encoder="resnet81"))
    with pytest.raises(UsageError, match="leave --steps out"):
        build_method(data, settings("sfa", steps=5))
    with pytest.raises(UsageError, match=r"preset random has no objective .* leave --steps out"):
        build_method(data, settings("random", steps=5))


def test_presets_are_listed_and_shown_whole(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["presets"]) == 0
    listed = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in listed] == list(PRESETS)
    assert main(["presets", "equiv_drlim"]) == 0
    shown = yaml.safe_load(capsys.readouterr().out)
    assert shown["settings"]["terms"] == {"equivariance": 1.0, "drlim": 1.0}
    assert shown["reading"]["image_size"] == [64, 64]
    assert main(["presets", "magic"]) == 2
