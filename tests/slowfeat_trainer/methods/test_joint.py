"""Joint training: labels beside the objective of any other method."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from slowfeat_trainer.config.train_config import config_of_preset
from slowfeat_trainer.data.labels import label_frames
from slowfeat_trainer.data.options import IngestOptions
from slowfeat_trainer.data.pairs import split_by_time
from slowfeat_trainer.device.frame_source import FrameSource
from slowfeat_trainer.ingest.ingest_bag import read_recording
from slowfeat_trainer.methods import build_method
from slowfeat_trainer.methods.joint import JointMethod
from slowfeat_trainer.methods.training_set import TrainingSet, draw_batch
from slowfeat_trainer.training.loop import train
from tests.helpers.labelled_drives import slowfeat

READING = IngestOptions(image_size=(32, 32))


@pytest.fixture(scope="module")
def labelled(bags: list[Path], labels: Path) -> TrainingSet:
    recording = read_recording(bags[1], READING)
    part = split_by_time([recording], 0.2, 0.2).train
    config = config_of_preset("drlim", reading=READING, batch_size=16, dimension=16)
    found = label_frames(labels, [recording], part)
    return TrainingSet.prepare(part, recording.camera, config, found)


@pytest.mark.parametrize("preset", ["slowfeat", "drlim"])
def test_labels_are_learned_beside_the_presets_own_objective(
    preset: str, labelled: TrainingSet, tmp_path: Path
) -> None:
    settings = {"reading": READING, "batch_size": 16, "steps": 60}
    if preset == "drlim":
        settings["dimension"] = 16
    config = config_of_preset(preset, labels="headings.csv", **settings)
    method = train(labelled, config, tmp_path)
    assert isinstance(method, JointMethod)
    logged = [json.loads(x) for x in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert "classification" in logged[-1]
    assert len(set(logged[-1]) - {"classification", "step", "data_s", "update_s"}) >= 1
    assert labelled.labels is not None
    known = np.flatnonzero(labelled.labels.of_frame >= 0)
    with torch.no_grad():
        z = method.encoder(torch.from_numpy(labelled.part.frames[known]))
        classes = method.head(z).argmax(dim=1).numpy()
    assert np.mean(classes == labelled.labels.of_frame[known]) > 0.8


@pytest.mark.parametrize("preset", ["slowfeat", "lsm", "goroshin_1", "group_2"])
def test_the_classes_reach_the_encoder_of_every_kind_of_method(
    preset: str, labelled: TrainingSet
) -> None:
    settings = {"reading": READING, "batch_size": 4, "steps": 4}
    config = config_of_preset(preset, labels="headings.csv", **settings)
    method = build_method(labelled, config)
    batch = draw_batch(labelled, config, 3)
    pictures = FrameSource(labelled.part.frames, torch.device("cpu")).get(method.frames_of(batch))
    method.losses(pictures, batch, labelled, config)["classification"].backward()
    found = [p.grad for p in method.encoder.parameters() if p.grad is not None]
    assert any(float(gradient.abs().max()) > 0 for gradient in found)


def test_lambda_weighs_the_unlabelled_objective_alone(
    labelled: TrainingSet, tmp_path: Path
) -> None:
    logged = []
    for weight in (1.0, 0.5):
        run = tmp_path / str(weight)
        run.mkdir()
        settings = {"reading": READING, "batch_size": 16, "dimension": 16, "steps": 1}
        config = config_of_preset("drlim", labels="x", regulariser_weight=weight, **settings)
        train(labelled, config, run)
        logged.append(json.loads((run / "log.jsonl").read_text()))
    whole, half = logged
    assert half["drlim"] == pytest.approx(0.5 * whole["drlim"], abs=1e-5)
    assert half["classification"] == pytest.approx(whole["classification"], abs=1e-5)


def test_a_closed_form_learns_no_labels(
    bags: list[Path], labels: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("--preset", "sfa", "--labels", labels, "--size", "32x32", "--batch-size", "16")
    assert slowfeat("train", bags[1], "--out", tmp_path / "run", *words) == 2
    assert "sfa is fitted in closed form and learns no labels" in capsys.readouterr().err
