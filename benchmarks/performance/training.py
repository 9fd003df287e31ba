"""The training loop beside the same updates on batches that lie in memory as tensors already."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from unittest import mock

import torch
from torch import nn

from benchmarks.performance.figures import Goal, Section, rate
from benchmarks.performance.growth import Growth
from benchmarks.performance.material import PRESETS, BenchmarkInputs, note
from benchmarks.performance.turns import Clock, Turns
from slowfeat_trainer.config.train_config import TrainConfig, config_of_preset
from slowfeat_trainer.device.frame_source import FrameSource
from slowfeat_trainer.methods import build_method
from slowfeat_trainer.methods.training_set import TrainingSet, draw_batch
from slowfeat_trainer.training import loop as training
from slowfeat_trainer.training.acceleration import accelerate
from slowfeat_trainer.training.augmentation import Augmentation
from slowfeat_trainer.training.optimisers import build_optimiser
from slowfeat_trainer.training.training_log import LOG_EVERY

# Batches of the floor: enough that they are not one another's cache.
BATCHES = 8
DIMENSIONS = (64, 256, 1024)
# Small, so that what D costs is seen beside the convolutions.
PAIRS_OF_DIMENSION = 16
GOAL = Goal("ratio", "at least", 0.9)
ABOUT = (
    "The real loop (drawing, reading frames, update, log, checkpoints) of `slowfeat train` in "
    "turns with its floor: the same method's updates (losses, backward, clipping, optimiser) on "
    "batches that lie in memory as tensors. One process, default settings of the preset, frames "
    "of 64x64."
)


class InMemory:
    """The floor: a method's updates on a few batches that were drawn in advance."""

    def __init__(self, data: TrainingSet, config: TrainConfig, device: torch.device) -> None:
        self._data, self._config, self._device = data, config, device
        self.method = build_method(data, config).to(device)
        accelerate(self.method, config, device)
        self._optimiser, self._schedule = build_optimiser(self.method, config)
        self._step = 0
        source, augment = (
            FrameSource(data.part.frames, device),
            Augmentation(config.augment, config.seed),
        )
        self._batches = []
        for step in range(BATCHES):
            batch = draw_batch(data, config, step)
            frames = augment(source.get(self.method.frames_of(batch)), step)
            self._batches.append((batch, frames))
        self.updates(BATCHES)  # what a batch draws late is drawn now

    def updates(self, count: int) -> None:
        """So many updates."""
        method, device = self.method, self._device
        use_bfloat16 = training.uses_bfloat16(self._config, device)
        for _ in range(count):
            batch, frames = self._batches[self._step % BATCHES]
            self._schedule(self._step)
            with torch.autocast(device.type, torch.bfloat16, enabled=use_bfloat16):
                terms = method.losses(frames, batch, self._data, self._config)
                loss = torch.stack(list(terms.values())).sum()
            self._optimiser.zero_grad(set_to_none=True)
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(method.parameters(), self._config.clip_norm)
            self._optimiser.step()
            method.after_step()
            self._step += 1
        if device.type == "cuda":
            torch.cuda.synchronize(device)


def compare(
    data: TrainingSet,
    config: TrainConfig,
    device: torch.device,
    rounds: int,
    intervals: int = 1,
    clock: Clock = time.perf_counter,
) -> Turns:
    """Seconds of LOG_EVERY * `intervals` updates of the loop ("ours") and of the floor ("in
    memory").

    The floor takes its turns while the loop reports, so that both see the same minute.

    Args:
        data: the training part.
        config: settings; its number of steps is set here.
        device: where both run.
        rounds: turns of each.
        intervals: reports of the loop a turn.
        clock: the time, in seconds.
    """
    config = replace(config, steps=LOG_EVERY * (1 + rounds * intervals))
    floor = InMemory(data, config, device)
    seconds: dict[str, list[float]] = {"ours": [], "in memory": []}
    begun = clock()

    def report(done: int, _: dict[str, float]) -> None:
        nonlocal begun
        ours, at = clock() - begun, clock()
        floor.updates(LOG_EVERY)
        floors = clock() - at
        # The first interval holds what is done once.
        if done > LOG_EVERY:
            seconds["ours"].append(ours)
            seconds["in memory"].append(floors)
        begun = clock()

    with tempfile.TemporaryDirectory() as run, _on(device):
        training.train(data, config, Path(run), report)
    return Turns(
        {
            name: [sum(found[k : k + intervals]) for k in range(0, len(found), intervals)]
            for name, found in seconds.items()
        }
    )


@contextmanager
def _on(device: torch.device) -> Iterator[None]:
    """Train on this device, whatever there is."""
    with mock.patch.object(training, "choose_device", return_value=device):
        yield


def devices() -> list[torch.device]:
    """The CPU, and the GPU where there is one."""
    return [
        torch.device(name) for name in ("cpu", "cuda") if name == "cpu" or torch.cuda.is_available()
    ]


def measure(material: BenchmarkInputs) -> Section:
    """Both presets on each device, and the loop by the length of the embedding."""
    section = Section("training", "Training", ABOUT)
    rounds, intervals = material.pick(5, 2), material.pick(2, 1)
    for device in devices():
        for preset in PRESETS:
            note(f"training: {preset} on {device}")
            config = config_of_preset(preset)
            turns = compare(material.training_set(config), config, device, rounds, intervals)
            case = f"{preset}, {device.type}, {config.batch_size} pairs a batch"
            updates = LOG_EVERY * intervals
            section.figures.append(
                rate(case, turns, "ours", "in memory", updates, "updates/s", GOAL)
            )
    section.remarks.append(f"torch on {torch.get_num_threads()} thread(s).")
    if not torch.cuda.is_available():
        section.remarks.append("No GPU here: the same rows for CUDA are missing.")
    section.growth = [by_dimension(material)]
    return section


def by_dimension(material: BenchmarkInputs) -> Growth:
    """Time of an update by D, of the loop and of its floor."""
    rounds = material.pick(4, 1)
    found = []
    for dimension in DIMENSIONS:
        note(f"training: D = {dimension}")
        config = config_of_preset("equiv_drlim", dimension=dimension, batch_size=PAIRS_OF_DIMENSION)
        found.append(compare(material.training_set(config), config, devices()[0], rounds).seconds)
    ours, floors = (
        [[1e3 * s[name][k] / LOG_EVERY for s in found] for k in range(rounds)]
        for name in ("ours", "in memory")
    )
    sizes = [float(d) for d in DIMENSIONS]
    case = f"training, an update of equiv_drlim, {PAIRS_OF_DIMENSION} pairs"
    return Growth(case, "D", "ms", sizes, ours, "the update in memory", floors)
