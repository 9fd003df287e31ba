"""Optimiser and learning rate of a training."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch

from slowfeat_trainer.config.train_config import TrainConfig
from slowfeat_trainer.methods import Method

WARM_UP = 50


def build_optimiser(
    method: Method, config: TrainConfig
) -> tuple[torch.optim.Optimizer, Callable[[int], None]]:
    """The optimiser, and a function of the step that sets its learning rates.

    "adamw" is ours, "sgd" with Nesterov's momentum is the papers' (J, appendix).
    """
    groups = method.parameter_groups(config)
    peaks = [group["lr"] for group in groups]
    optimiser: torch.optim.Optimizer
    if config.optimiser == "sgd":
        optimiser = torch.optim.SGD(
            groups,
            momentum=config.momentum,
            nesterov=config.momentum > 0,
            weight_decay=config.weight_decay,
        )
    else:
        optimiser = torch.optim.AdamW(groups, weight_decay=config.weight_decay)

    def schedule(step: int) -> None:
        factor = learning_rate_factor(config.schedule, step, config.steps)
        for group, peak in zip(optimiser.param_groups, peaks, strict=True):
            group["lr"] = peak * factor

    return optimiser, schedule


def learning_rate_factor(schedule: str, step: int, steps: int) -> float:
    """Share of the peak learning rate at a step.

    "cosine": linear warm-up, then a cosine to zero. "constant": always the peak. "steps": a tenth
    after 60 % of the steps, a hundredth after 85 %.
    """
    if schedule == "constant":
        return 1.0
    if schedule == "steps":
        return 1.0 if step < 0.6 * steps else 0.1 if step < 0.85 * steps else 0.01
    return min(1.0, (step + 1) / WARM_UP) * 0.5 * (1 + math.cos(math.pi * step / max(steps, 1)))
