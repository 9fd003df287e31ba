"""The training loop, and the run folder that it can always continue from.

    RUN/config.yaml          all settings
    RUN/checkpoints/         weights, optimiser and step; `last` leads to the newest
    RUN/log.jsonl            one line an interval; tensorboard/ holds the same for TensorBoard
    RUN/bundle/              what travels to the robot

A batch is a pure function of (seed, step), so a run that was killed continues to the very weights
it would have had (on the CPU; a GPU adds in any order).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor, nn

from slowfeat.errors import SlowfeatError
from slowfeat_trainer.config.train_config import TrainConfig
from slowfeat_trainer.device import distributed
from slowfeat_trainer.device.choice import choose_device
from slowfeat_trainer.device.frame_source import FrameSource
from slowfeat_trainer.methods import Method, build_method
from slowfeat_trainer.methods.training_set import TrainingSet, draw_batch
from slowfeat_trainer.training.acceleration import accelerate, plain
from slowfeat_trainer.training.augmentation import Augmentation
from slowfeat_trainer.training.checkpoints import Checkpoints
from slowfeat_trainer.training.optimisers import build_optimiser
from slowfeat_trainer.training.training_log import LOG_EVERY, TrainingLog


def train(
    data: TrainingSet,
    config: TrainConfig,
    run: Path,
    progress: Callable[[int, dict[str, float]], None] | None = None,
    method: Method | None = None,
) -> Method:
    """Train, or continue the training of, the method of a run folder.

    Under torchrun all processes call it and do one training together; the first of them writes.

    Args:
        data: the training part.
        config: settings.
        run: existing folder; a checkpoint in it is continued from.
        progress: called with (steps done, means since the last call: loss terms, data_s, update_s).
        method: as built; None builds it.

    Raises:
        SlowfeatError: the loss is not finite, or the checkpoint cannot be read.
    """
    device = choose_device()
    method = (method or build_method(data, config)).to(device)
    accelerate(method, config, device)
    optimiser, schedule = build_optimiser(method, config)
    frames = FrameSource(data.part.frames, device)
    augment = Augmentation(config.augment, config.seed)
    checkpoints = Checkpoints(run / "checkpoints")
    first = checkpoints.load(method, optimiser, device)
    if first < config.steps:
        method.attach(data, config, run)
    if first == 0:
        method.prepare(data, frames, config)
    recent: dict[str, Tensor] = {}
    # The first step whose loss was not finite; looked at once an interval, for a look stops a GPU.
    bad_step = torch.full((), -1, device=device)
    data_s = update_s = 0.0
    with TrainingLog(run, first) as log:
        for step in range(first, config.steps):
            begun = time.perf_counter()
            batch = draw_batch(data, config, step)
            index, rows = method.frames_of(batch), method.local_rows(batch)
            pictures = augment(frames.get(index, rows), step)
            drawn = time.perf_counter()
            schedule(step)
            with torch.autocast(device.type, torch.bfloat16, enabled=uses_bfloat16(config, device)):
                terms = method.losses(pictures, batch, data, config)
                loss = torch.stack(list(terms.values())).sum()
            optimiser.zero_grad(set_to_none=True)
            loss.backward()  # type: ignore[no-untyped-call]
            distributed.average_gradients(method.parameters())
            nn.utils.clip_grad_norm_(method.parameters(), config.clip_norm)
            optimiser.step()
            method.after_step()
            bad_step = torch.where((bad_step < 0) & ~torch.isfinite(loss.detach()), step, bad_step)
            for name, term in terms.items():
                recent[name] = recent.get(name, torch.zeros((), device=device)) + term.detach()
            data_s += drawn - begun
            update_s += time.perf_counter() - drawn
            done = step + 1
            is_interval = done % LOG_EVERY == 0 or done == config.steps
            is_checkpoint = done % config.checkpoint_every == 0 or done == config.steps
            if is_interval or is_checkpoint:
                _refuse_bad(int(bad_step), recent)
            if is_interval:
                count = done - max((done - 1) // LOG_EVERY * LOG_EVERY, first)
                means = {name: float(value) / count for name, value in recent.items()}
                means |= {"data_s": data_s / count, "update_s": update_s / count}
                log.write(done, means)
                if progress is not None:
                    progress(done, means)
                recent, data_s, update_s = {}, 0.0, 0.0
            if is_checkpoint:  # behind its line: what goes on from here does not write that again
                checkpoints.save(method, optimiser, config, done)
    return plain(method).eval()


def uses_bfloat16(config: TrainConfig, device: torch.device) -> bool:
    """Whether the network computes in bfloat16: on a GPU, unless float32 is asked for."""
    return config.precision == "bfloat16" or (config.precision == "auto" and device.type == "cuda")


def _refuse_bad(step: int, recent: dict[str, Tensor]) -> None:
    if step < 0:
        return
    bad = [name for name, value in recent.items() if not torch.isfinite(value)]
    raise SlowfeatError(
        f"the loss of batch {step} is not finite ({', '.join(bad)}); lower --learning-rate, or "
        f"look at that batch: draw_batch(data, config, {step})"
    )
