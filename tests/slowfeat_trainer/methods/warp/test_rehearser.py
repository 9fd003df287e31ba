"""What is rehearsed is drawn, coloured and left alone as the pretraining had it."""

from __future__ import annotations

from pathlib import Path

import torch

from slowfeat_trainer.methods import build_method
from slowfeat_trainer.methods.rehearsal import Rehearsal
from slowfeat_trainer.methods.starter_weights import (
    load_starter,
)
from slowfeat_trainer.methods.training_set import TrainingSet
from slowfeat_trainer.methods.warp.method import WarpMethod
from slowfeat_trainer.methods.warp.rehearser import Rehearser
from slowfeat_trainer.training.loop import train
from tests.helpers.small_training import config


def test_what_is_rehearsed_is_embedded_as_the_pretraining_embedded_it(
    data: TrainingSet, rehearsal: Rehearsal
) -> None:
    method = build_method(data, config(starter="none"))
    assert isinstance(method, WarpMethod)
    rehearser = Rehearser(rehearsal, 4, config())
    frames, batch = rehearser.draw(0, torch.device("cpu"))
    assert frames.shape == (8, 32, 32, 3)
    assert batch.motions.shape == (4, 6)
    own, theirs = method.encoder.normalise, rehearsal.normalise()
    assert not torch.allclose(own.mean, theirs.mean, atol=1)
    recoloured = rehearser.coloured_for(frames.float(), own)
    torch.testing.assert_close(own(recoloured), theirs(frames.float()), rtol=1e-4, atol=1e-4)
    # A colour kept as it is would be another image to the network.
    assert not torch.allclose(own(frames.float()), theirs(frames.float()), atol=0.1)


def test_a_large_batch_draws_the_same_clips_more_than_once(
    data: TrainingSet, rehearsal: Rehearsal
) -> None:
    many = 10_000
    _, batch = Rehearser(rehearsal, many, config()).draw(0, torch.device("cpu"))
    assert len(batch.motions) == many


def test_the_camera_that_is_rehearsed_learns_nothing(
    data: TrainingSet, rehearsal_file: Path, tmp_path: Path
) -> None:
    method = train(data, config(starter=str(rehearsal_file)), tmp_path)
    assert isinstance(method, WarpMethod)
    assert method.rehearser is not None
    there = load_starter(rehearsal_file).rehearsal
    assert there is not None
    for name, tensor in method.rehearser.geometry.state_dict().items():
        assert torch.equal(tensor, there.camera[f"warp.geometry.{name}"])
