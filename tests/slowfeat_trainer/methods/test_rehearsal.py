"""What is rehearsed: it travels with the weights, is seen as it was, and takes half of each batch."""

from __future__ import annotations

import argparse
import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch

from slowfeat_trainer.commands.train import add_arguments, configuration
from slowfeat_trainer.data.recording import Recording
from slowfeat_trainer.methods import build_method
from slowfeat_trainer.methods.rehearsal import CLIPS, FRAMES, SECONDS, Rehearsal
from slowfeat_trainer.methods.starter_weights import (
    Fit,
    Starter,
    load_starter,
    save_starter,
    weights_of,
)
from slowfeat_trainer.methods.training_set import TrainingSet, draw_batch
from slowfeat_trainer.methods.warp.method import WarpMethod
from slowfeat_trainer.methods.warp.rehearser import Rehearser
from slowfeat_trainer.models.convnet import Normalise
from slowfeat_trainer.training.loop import train
from tests.helpers.small_training import config


@pytest.fixture(scope="module")
def file(donor: WarpMethod, recording: Recording, tmp_path_factory: pytest.TempPathFactory) -> Path:
    state = {name: tensor.clone() for name, tensor in donor.state_dict().items()}
    state["encoder.normalise.mean"] += 20
    path = tmp_path_factory.mktemp("weights") / "own.safetensors"
    again = Rehearsal.of([recording, recording], state)
    save_starter(path, Starter(weights_of(state), Fit.of(config()), {}, again))
    return path


@pytest.fixture(scope="module")
def rehearsal(file: Path) -> Rehearsal:
    found = load_starter(file).rehearsal
    assert found is not None
    return found


def test_clips_of_every_drive_come_back_as_they_were(
    rehearsal: Rehearsal, recording: Recording
) -> None:
    part = rehearsal.part()
    assert len(part) == 2 * CLIPS * FRAMES
    where = np.searchsorted(recording.stamps, part.stamps)
    assert np.array_equal(recording.stamps[where], part.stamps)
    assert np.array_equal(recording.poses[where], part.poses)
    off = part.frames[:].astype(float) - np.asarray(recording.frames[where]).astype(float)
    assert off.std() < 0.5 * np.asarray(recording.frames).std()
    for clip in range(2 * CLIPS):
        stamps = part.stamps[part.block == clip]
        assert len(stamps) == FRAMES
        assert (stamps[-1] - stamps[0]) / 1e9 == pytest.approx(SECONDS, abs=0.25)


def test_a_drive_shorter_than_a_clip_is_left_out(recording: Recording) -> None:
    short = dataclasses.replace(
        recording,
        frames=recording.frames[:5],
        stamps=recording.stamps[:5],
        poses=recording.poses[:5],
        episode=recording.episode[:5],
    )
    assert len(Rehearsal.of([short, recording], {}).pictures) == CLIPS * FRAMES


def test_half_of_a_batch_is_the_bags_own_and_nothing_of_the_rest_is_saved(
    data: TrainingSet, file: Path
) -> None:
    mixed, alone = (config(starter=str(file), rehearsal=share) for share in (0.5, 0.0))
    with_it, without = build_method(data, mixed), build_method(data, alone)
    batch = draw_batch(data, mixed, 0)
    assert np.array_equal(
        with_it.frames_of(batch), np.concatenate([batch.before[:4], batch.after[:4]])
    )
    assert len(without.frames_of(batch)) == 16
    assert set(with_it.state_dict()) == set(without.state_dict())
    assert len(list(with_it.parameters())) == len(list(without.parameters()))


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
    # A colour kept as it is would be another picture to the network.
    assert not torch.allclose(own(frames.float()), theirs(frames.float()), atol=0.1)


def test_the_terms_are_those_of_both_halves(
    data: TrainingSet, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = config(starter=str(file), rehearsal=0.25)
    method = build_method(data, settings)
    batch = draw_batch(data, settings, 0)
    frames = torch.from_numpy(data.part.frames[method.frames_of(batch)])
    assert len(frames) == 12
    seen = iter([{"ratio": torch.tensor(1.0)}, {"ratio": torch.tensor(5.0)}])
    monkeypatch.setattr(method, "_terms", lambda *_: next(seen))
    assert float(method.losses(frames, batch, data, settings)["ratio"]) == 0.75 + 0.25 * 5


def test_a_large_batch_draws_the_same_clips_more_than_once(
    data: TrainingSet, rehearsal: Rehearsal
) -> None:
    many = 10_000
    _, batch = Rehearser(rehearsal, many, config()).draw(0, torch.device("cpu"))
    assert len(batch.motions) == many


def test_the_camera_that_is_rehearsed_learns_nothing(
    data: TrainingSet, file: Path, tmp_path: Path
) -> None:
    method = train(data, config(starter=str(file)), tmp_path)
    assert isinstance(method, WarpMethod)
    assert method.rehearser is not None
    there = load_starter(file).rehearsal
    assert there is not None
    for name, tensor in method.rehearser.geometry.state_dict().items():
        assert torch.equal(tensor, there.camera[f"warp.geometry.{name}"])


def test_normalise_of_the_pretraining_is_kept(rehearsal: Rehearsal) -> None:
    assert isinstance(rehearsal.normalise(), Normalise)
    assert rehearsal.camera["encoder.normalise.mean"].shape == (1, 3, 1, 1)


@pytest.mark.parametrize(("flags", "share"), [([], 0.5), (["--only-my-bags"], 0.0)])
def test_the_flag_leaves_the_bags_alone(flags: list[str], share: float) -> None:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    args = parser.parse_args(["my_bag", "--out", "my_run", *flags])
    assert configuration(args).rehearsal == share
