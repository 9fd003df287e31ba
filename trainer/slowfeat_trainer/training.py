"""The training loop, and the run folder that it can always continue from.

    RUN/config.yaml     all settings
    RUN/checkpoint.pt   weights, optimiser and step; loaded with weights_only
    RUN/log.jsonl       one line an interval
    RUN/bundle/         what travels to the robot

A batch is a pure function of (seed, step), so a run that was killed continues to the very weights it
would have had.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable
from pathlib import Path

import torch
from torch import nn

from slowfeat.errors import SlowfeatError
from slowfeat_trainer.config import TrainConfig
from slowfeat_trainer.methods import Method, build_method
from slowfeat_trainer.training_set import TrainingSet, draw_batch

LOG_EVERY = 20
WARM_UP = 50


def learning_rate_factor(step: int, steps: int) -> float:
    """Linear warm-up, then a cosine to zero."""
    return min(1.0, (step + 1) / WARM_UP) * 0.5 * (1 + math.cos(math.pi * step / max(steps, 1)))


def train(
    data: TrainingSet,
    config: TrainConfig,
    run: Path,
    progress: Callable[[int, dict[str, float]], None] | None = None,
) -> Method:
    """Train, or continue the training of, the method of a run folder.

    Args:
        data: the training part.
        config: settings.
        run: existing folder; a checkpoint in it is continued from.
        progress: called with (steps done, mean loss terms since the last call).

    Raises:
        SlowfeatError: the loss is not finite, or the checkpoint cannot be read.
    """
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    method = build_method(data, config).to(device)
    groups = method.parameter_groups(config)
    peaks = [group["lr"] for group in groups]
    optimiser = torch.optim.AdamW(groups, weight_decay=config.weight_decay)
    first = _load_checkpoint(run / "checkpoint.pt", method, optimiser, device)
    if first == 0 and config.steps:
        method.prepare(data, config)
    _forget_later_lines(run / "log.jsonl", first)
    recent: dict[str, float] = {}
    data_s = update_s = 0.0
    for step in range(first, config.steps):
        begun = time.perf_counter()
        batch = draw_batch(data, config, step)
        drawn = time.perf_counter()
        for group, peak in zip(optimiser.param_groups, peaks, strict=True):
            group["lr"] = peak * learning_rate_factor(step, config.steps)
        terms = method.losses(data, batch, config)
        loss = torch.stack(list(terms.values())).sum()
        if not torch.isfinite(loss):
            values = ", ".join(f"{name} {float(term.detach()):g}" for name, term in terms.items())
            raise SlowfeatError(
                f"the loss of step {step} is not finite ({values}); lower --learning-rate"
            )
        optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(method.parameters(), config.clip_norm)
        optimiser.step()
        data_s += drawn - begun
        update_s += time.perf_counter() - drawn
        for name, term in terms.items():
            recent[name] = recent.get(name, 0.0) + float(term.detach())
        done = step + 1
        if done % config.checkpoint_every == 0 or done == config.steps:
            _save_checkpoint(run / "checkpoint.pt", method, optimiser, done)
        if done % LOG_EVERY == 0 or done == config.steps:
            count = done - (done - 1) // LOG_EVERY * LOG_EVERY
            means = {name: value / count for name, value in recent.items()}
            line = {"step": done, **means, "data_s": data_s / count, "update_s": update_s / count}
            with (run / "log.jsonl").open("a", encoding="utf-8") as log:
                log.write(json.dumps({k: round(v, 6) for k, v in line.items()}) + "\n")
            if progress is not None:
                progress(done, means)
            recent, data_s, update_s = {}, 0.0, 0.0
    return method.eval()


def _forget_later_lines(log: Path, step: int) -> None:
    """Drop the log's lines of steps that will be done again."""
    if log.exists():
        lines = log.read_text(encoding="utf-8").splitlines(keepends=True)
        kept = [line for line in lines if line.endswith("\n") and json.loads(line)["step"] <= step]
        log.write_text("".join(kept), encoding="utf-8")


def _save_checkpoint(
    path: Path, method: nn.Module, optimiser: torch.optim.Optimizer, step: int
) -> None:
    """Write beside the old one, then rename over it: a kill leaves one or the other, whole."""
    state = {"step": step, "method": method.state_dict(), "optimiser": optimiser.state_dict()}
    beside = path.with_suffix(".tmp")
    torch.save(state, beside)
    beside.replace(path)


def _load_checkpoint(
    path: Path, method: nn.Module, optimiser: torch.optim.Optimizer, device: torch.device
) -> int:
    """Restore the state of a checkpoint; returns the steps done, 0 where there is none."""
    if not path.exists():
        return 0
    try:
        state = torch.load(path, map_location=device, weights_only=True)
        method.load_state_dict(state["method"])
        optimiser.load_state_dict(state["optimiser"])
        return int(state["step"])
    except Exception as error:
        reason = str(error).strip().splitlines()[0]
        raise SlowfeatError(
            f"{path} cannot be continued from ({reason}); train again with --overwrite"
        ) from error
