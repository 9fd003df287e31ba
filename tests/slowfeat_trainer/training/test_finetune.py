"""Pre-training, then fine-tuning: what comes over from the other run, what
stays fresh, what is refused.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from slowfeat.bundle import load_bundle
from slowfeat.encoder import Encoder
from slowfeat_trainer.config.train_config import config_of_preset
from slowfeat_trainer.data.labels import label_frames
from slowfeat_trainer.data.options import IngestOptions
from slowfeat_trainer.data.pairs import split_by_time
from slowfeat_trainer.ingest.ingest_bag import read_recording
from slowfeat_trainer.methods import build_method
from slowfeat_trainer.methods.training_set import TrainingSet
from slowfeat_trainer.training.finetune import finetune_from, network_of
from tests.helpers.labelled_drives import slowfeat

SMALL = ("--size", "32x32", "--dimension", "16", "--batch-size", "16", "--patterns", "3")
READING = IngestOptions(image_size=(32, 32))


@pytest.fixture(scope="module")
def pretrained(bags: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("runs") / "before"
    words = ("--preset", "drlim", "--steps", "20", *SMALL)
    assert slowfeat("train", bags[0], "--out", out, *words) == 0
    return out


def frames() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (5, 32, 32, 3), dtype=np.uint8)


def embeddings(run: Path) -> np.ndarray:
    return Encoder(load_bundle(run), provider="cpu").embed_batch(frames())


@pytest.mark.slow
def test_without_a_step_it_embeds_bit_for_bit_as_the_run_it_started_from(
    bags: list[Path], pretrained: Path, tmp_path: Path
) -> None:
    words = ("--preset", "lie", "--steps", "0", *SMALL)
    # Another bag: its own normalisation would give other embeddings.
    for init in (pretrained, pretrained / "bundle"):
        run = tmp_path / init.name / "run"
        assert slowfeat("train", bags[1], "--out", run, "--init", init, *words) == 0
        np.testing.assert_array_equal(embeddings(run), embeddings(pretrained))
    assert slowfeat("train", bags[1], "--out", tmp_path / "fresh", *words) == 0
    assert not np.allclose(embeddings(tmp_path / "fresh"), embeddings(pretrained))


def test_the_bundle_names_the_run_and_no_path(
    bags: list[Path], pretrained: Path, labels: Path, tmp_path: Path
) -> None:
    run = tmp_path / "run"
    words = ("--preset", "clsnet", "--labels", labels, "--steps", "4", *SMALL)
    assert slowfeat("train", bags[1], "--out", run, "--init", pretrained, *words) == 0
    told = load_bundle(run).info.training["started_from"]
    assert (told["run"], told["preset"], told["steps"]) == ("before", "drlim", 20)
    assert len(told["sha256"]) == 64
    text = (run / "bundle" / "bundle.json").read_text()
    assert str(pretrained.parent) not in text
    assert str(labels.parent) not in text
    assert "started_from" not in load_bundle(pretrained).info.training


@pytest.mark.slow
def test_killed_it_continues_to_the_same_weights_even_without_the_other_run(
    bags: list[Path], pretrained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from slowfeat_trainer.bundling import bundle_run as bundling

    source = tmp_path / "before"
    shutil.copytree(pretrained, source, symlinks=True)
    words = ("--preset", "equiv_drlim", "--steps", "120", "--init", source, *SMALL)
    assert slowfeat("train", bags[1], "--out", tmp_path / "a" / "run", *words) == 0

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(bundling, "fit_transform", interrupt)
        assert slowfeat("train", bags[1], "--out", tmp_path / "b" / "run", *words) == 130
    last = tmp_path / "b" / "run" / "checkpoints" / "last"
    last.unlink()
    last.symlink_to("step_000100.pt")
    shutil.rmtree(source)
    assert slowfeat("train", bags[1], "--out", tmp_path / "b" / "run", *words) == 0
    for name in ("encoder.onnx", "transform.onnx", "bundle.json"):
        whole, continued = (tmp_path / x / "run" / "bundle" / name for x in "ab")
        assert whole.read_bytes() == continued.read_bytes(), name


@pytest.mark.slow
def test_killed_before_its_first_checkpoint_it_refuses_other_weights_than_it_began_with(
    bags: list[Path], pretrained: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = tmp_path / "run"
    words = ("--preset", "drlim", "--steps", "2", "--init", pretrained, *SMALL)
    assert slowfeat("train", bags[1], "--out", run, *words) == 0
    shutil.rmtree(run / "bundle")
    shutil.rmtree(run / "checkpoints")
    record = json.loads((run / "init.json").read_text())
    (run / "init.json").write_text(json.dumps(record | {"sha256": "0" * 64}))
    assert slowfeat("train", bags[1], "--out", run, *words) == 1
    assert "has been trained on since" in capsys.readouterr().err
    assert slowfeat("train", bags[1], "--out", run, *words, "--overwrite") == 0


def test_another_network_is_refused_naming_both_values(
    bags: list[Path], pretrained: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def refused(*words: object, init: Path = pretrained) -> str:
        run = tmp_path / "run"
        assert slowfeat("train", bags[1], "--out", run, "--init", init, *words) == 2
        said = capsys.readouterr().err.strip().splitlines()[-1]
        assert said.startswith("slowfeat train: ")
        assert not run.exists()
        return said

    quick = ("--steps", "4", "--batch-size", "16")
    said = refused("--preset", "drlim", "--size", "32x32", "--dimension", "8", *quick)
    assert "dimension is 16 there and 8 here" in said
    assert said.endswith("give --dimension 16")
    said = refused("--preset", "drlim", *quick)
    assert "size is 32x32 there and 64x64 here; dimension is 16 there and 128 here" in said
    said = refused("--size", "32x32", *quick)
    assert "encoder is small_convnet there and map here" in said
    assert "choose a preset with the same encoder" in said
    assert "is no run of slowfeat train" in refused(init=tmp_path)
    alone = tmp_path / "alone"
    shutil.copytree(pretrained / "bundle", alone)
    assert "a bundle alone holds no weights" in refused(init=alone)


def test_a_run_without_steps_has_nothing_to_start_from(
    bags: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("--preset", "random", *SMALL)
    assert slowfeat("train", bags[0], "--out", tmp_path / "floor", *words) == 0
    words = ("--out", tmp_path / "run", "--init", tmp_path / "floor", *SMALL)
    assert slowfeat("train", bags[0], *words) == 2
    assert "has no checkpoint" in capsys.readouterr().err


def test_dictionary_and_pooled_presets_of_one_network_fit() -> None:
    one, other = config_of_preset("goroshin_1"), config_of_preset("drlim_1")
    assert network_of(one) == network_of(other)
    assert network_of(config_of_preset("group_2")) == network_of(config_of_preset("drlim_2"))
    assert network_of(one) != network_of(config_of_preset("group_2"))


@pytest.fixture(scope="module")
def labelled(bags: list[Path], labels: Path) -> TrainingSet:
    recording = read_recording(bags[1], READING)
    part = split_by_time([recording], 0.2, 0.2).train
    config = config_of_preset("drlim", reading=READING, batch_size=16, dimension=16)
    found = label_frames(labels, [recording], part)
    return TrainingSet.prepare(part, recording.camera, config, found)


def test_the_other_runs_weights_are_loaded_before_the_first_step(
    labelled: TrainingSet, pretrained: Path, tmp_path: Path
) -> None:
    settings = {"reading": READING, "batch_size": 16, "dimension": 16, "steps": 1}
    config = config_of_preset("clsnet", labels="x", init=str(pretrained), **settings)
    method = build_method(labelled, config)
    finetune_from(method.encoder, config, tmp_path)
    state = torch.load(pretrained / "checkpoints" / "last", weights_only=True)["method"]
    for name, value in method.encoder.state_dict().items():
        assert torch.equal(value, state[f"encoder.{name}"]), name


def test_a_configuration_file_is_trained_as_it_says_and_flags_come_first(
    bags: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first, again = tmp_path / "a" / "run", tmp_path / "b" / "run"
    words = ("--preset", "drlim", "--steps", "4", *SMALL)
    assert slowfeat("train", bags[0], "--out", first, *words) == 0
    file = first / "config.yaml"
    assert slowfeat("train", bags[0], "--out", again, "--config", file) == 0
    assert file.read_text() == (again / "config.yaml").read_text()
    np.testing.assert_array_equal(embeddings(first), embeddings(again))
    changed = tmp_path / "changed"
    assert slowfeat("train", bags[0], "--out", changed, "--config", file, "--seed", "3") == 0
    assert "seed: 3" in (changed / "config.yaml").read_text()
    words = ("--config", file, "--preset", "lie")
    assert slowfeat("train", bags[0], "--out", changed, *words) == 2
    assert "give --config or --preset" in capsys.readouterr().err
