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
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from slowfeat.errors import BagError, SlowfeatError
from slowfeat_trainer.config import TrainConfig
from slowfeat_trainer.models.convnet import Normalise, SmallConvNet
from slowfeat_trainer.models.motion_maps import PatternMaps
from slowfeat_trainer.motion_patterns import MotionPatterns, discover_patterns
from slowfeat_trainer.objectives import drlim, equivariance, variance_covariance
from slowfeat_trainer.pairs import Index, Pairs, Part

LOG_EVERY = 20
WARM_UP = 50
# drlim's positives a batch, as a share of the pairs; every frame of the pairs is a negative for each.
NEIGHBOUR_SHARE = 0.5
# Gaps at which training pairs are formed, evenly spaced up to the largest.
GAPS = 8


class Method(nn.Module):
    """What is trained: the encoder and the maps of the motion patterns."""

    def __init__(self, config: TrainConfig, normalise: Normalise, patterns: int) -> None:
        super().__init__()
        size = (config.image_height, config.image_width)
        self.encoder = SmallConvNet(normalise, size, config.dimension)
        self.maps = PatternMaps(patterns, config.dimension)


@dataclass(frozen=True)
class TrainingSet:
    """What batches are drawn from."""

    part: Part
    patterns: MotionPatterns
    pairs: Pairs
    # (P,) motion pattern of each pair, and the pairs of each pattern.
    pattern: Index
    members: list[Index]
    # (M,) frames that have a next frame in their block.
    starts: Index

    @classmethod
    def prepare(cls, part: Part, config: TrainConfig) -> TrainingSet:
        """Find pairs and motion patterns in the training part.

        Raises:
            BagError: too few pairs, or nothing moves.
        """
        pairs = part.pairs_up_to(config.max_gap_s, GAPS)
        if len(pairs) < 2 * config.batch_size:
            raise BagError(
                f"only {len(pairs)} pairs of frames at most {config.max_gap_s} s apart in "
                f"{part.seconds:.1f} s of training; at least {2 * config.batch_size} are needed: "
                "give more or longer bags, or a larger --max-gap"
            )
        patterns = discover_patterns(
            pairs.motions, config.patterns, config.drop_slowest, config.seed
        )
        pattern = patterns.assign(pairs.motions)
        members = [np.flatnonzero(pattern == g) for g in range(len(patterns))]
        starts = np.flatnonzero(part.block[:-1] == part.block[1:])
        return cls(part, patterns, pairs, pattern, members, starts)


@dataclass(frozen=True)
class Batch:
    """Frames of one step: pairs balanced over the motion patterns, and neighbours in time."""

    # Indices of frames: (B,) before, (B,) after, (K,) at t and (K,) at t + 1.
    before: Index
    after: Index
    near: Index
    next: Index
    # (B,) motion pattern of each pair.
    pattern: Index


def draw_batch(data: TrainingSet, config: TrainConfig, step: int) -> Batch:
    """The batch of a step: a pure function of (seed, step)."""
    rng = np.random.default_rng([config.seed, step])
    filled = [members for members in data.members if len(members)]
    # Patterns first, then a pair of each: a rare pattern is as often a positive as a frequent one.
    chosen = np.array(
        [rng.choice(filled[g]) for g in rng.integers(0, len(filled), config.batch_size)]
    )
    pairs = data.pairs.take(chosen)
    near = rng.choice(data.starts, max(2, round(config.batch_size * NEIGHBOUR_SHARE)))
    return Batch(pairs.before, pairs.after, near, near + 1, data.pattern[chosen])


def losses(
    method: Method, data: TrainingSet, batch: Batch, config: TrainConfig
) -> dict[str, Tensor]:
    """The weighted terms of the objective on one batch, by name."""
    index = np.concatenate([batch.before, batch.after, batch.near, batch.next])
    device = method.maps.weight.device
    z = method.encoder(torch.from_numpy(data.part.frames[index]).to(device))
    b, k = len(batch.before), len(batch.near)
    before, after, near, following = z.split([b, b, k, k])
    terms = {}
    if config.equivariance_weight:
        pattern = torch.from_numpy(batch.pattern).to(device)
        value = equivariance(method.maps(before), after, pattern, config.equivariance_margin)
        terms["equivariance"] = config.equivariance_weight * value
    if config.drlim_weight:
        others = index[: 2 * b]
        far = (np.abs(others[None] - batch.near[:, None]) > 1) | (
            data.part.block[others][None] != data.part.block[batch.near][:, None]
        )
        is_far = torch.from_numpy(far).to(device)
        value = drlim(near, following, z[: 2 * b], is_far, config.drlim_margin)
        terms["drlim"] = config.drlim_weight * value
    if config.variance_weight or config.covariance_weight:
        # The scale at which two unrelated frames are about a margin of drlim apart.
        target = config.drlim_margin / config.dimension**0.5
        variance, covariance = variance_covariance(before, target)
        terms["variance"] = config.variance_weight * variance
        terms["covariance"] = config.covariance_weight * covariance
    return terms


def learning_rate_factor(step: int, steps: int) -> float:
    """Linear warm-up, then a cosine to zero."""
    return min(1.0, (step + 1) / WARM_UP) * 0.5 * (1 + math.cos(math.pi * step / max(steps, 1)))


def build_method(data: TrainingSet, config: TrainConfig) -> Method:
    """The method with freshly initialised weights, a function of the seed."""
    torch.manual_seed(config.seed)
    return Method(config, Normalise.fitted_to(data.part.frames), len(data.patterns))


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
    optimiser = torch.optim.AdamW(
        method.parameters(), lr=config.learning_rate, weight_decay=config.weight_decay
    )
    first = _load_checkpoint(run / "checkpoint.pt", method, optimiser, device)
    _forget_later_lines(run / "log.jsonl", first)
    recent: dict[str, float] = {}
    data_s = update_s = 0.0
    for step in range(first, config.steps):
        begun = time.perf_counter()
        batch = draw_batch(data, config, step)
        drawn = time.perf_counter()
        for group in optimiser.param_groups:
            group["lr"] = config.learning_rate * learning_rate_factor(step, config.steps)
        terms = losses(method, data, batch, config)
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
