"""The loop, the fitted transform and the export on a small made-up drive."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from slowfeat.errors import SlowfeatError
from slowfeat_trainer.methods import training_set
from slowfeat_trainer.methods.terms.coherence_terms import DrlimTerm
from slowfeat_trainer.training import loop as training
from tests.helpers.short_trainings import config


def weights(method: torch.nn.Module) -> torch.Tensor:
    return torch.cat([p.detach().flatten() for p in method.parameters()])


def test_training_lowers_the_loss_and_logs_it(
    data: training_set.TrainingSet, tmp_path: Path
) -> None:
    training.train(data, config(steps=120, learning_rate=3e-4), tmp_path)
    lines = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert [line["step"] for line in lines] == [20, 40, 60, 80, 100, 120]
    total = [line["equivariance"] + line["drlim"] for line in lines]
    assert total[-1] < 0.8 * total[0]


@pytest.mark.parametrize("preset", ["equiv_drlim", "slowfeat"])
def test_a_stopped_run_continues_to_the_very_same_weights(
    data: training_set.TrainingSet, tmp_path: Path, preset: str
) -> None:
    for name in ("whole", "stopped"):
        (tmp_path / name).mkdir()
    settings = config(preset, steps=45, checkpoint_every=10)
    whole = training.train(data, settings, tmp_path / "whole")

    def stop(done: int, _: dict[str, float]) -> None:
        if done == 40:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        training.train(data, settings, tmp_path / "stopped", stop)
    # The log is ahead of a checkpoint that was lost; its lines must not appear twice.
    continued = training.train(data, settings, tmp_path / "stopped")
    assert torch.equal(weights(whole), weights(continued))
    steps = [
        json.loads(line)["step"]
        for line in (tmp_path / "stopped" / "log.jsonl").read_text().splitlines()
    ]
    assert steps == [20, 40, 45]


def test_a_broken_checkpoint_and_a_loss_that_explodes_are_named(
    data: training_set.TrainingSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "checkpoints").mkdir()
    (tmp_path / "checkpoints" / "last").write_bytes(b"not a checkpoint")
    with pytest.raises(SlowfeatError, match="--overwrite"):
        training.train(data, config(), tmp_path)
    (tmp_path / "checkpoints" / "last").unlink()
    nan = staticmethod(lambda *_: torch.tensor(float("nan"), requires_grad=True))
    monkeypatch.setattr(DrlimTerm, "contrast", nan)
    with pytest.raises(SlowfeatError, match=r"batch 0 is not finite .*drlim"):
        training.train(data, config(), tmp_path)


def test_checkpoints_are_few_and_the_last_is_linked(
    data: training_set.TrainingSet, tmp_path: Path
) -> None:
    training.train(data, config(steps=25, checkpoint_every=10), tmp_path)
    folder = tmp_path / "checkpoints"
    assert sorted(p.name for p in folder.iterdir()) == ["last", "step_000020.pt", "step_000025.pt"]
    assert (folder / "last").readlink() == Path("step_000025.pt")
    state = torch.load(folder / "last", weights_only=True)
    assert state["config"]["steps"] == state["step"] == 25
