"""What is measured on: bags, a dataset and bundles, each made when it is first asked for."""

from __future__ import annotations

import contextlib
import io
import sys
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from benchmarks.performance.made_bag import make_bag
from slowfeat.bundle import Bundle, load_bundle
from slowfeat_trainer.config.train_config import TrainConfig, config_of_preset
from slowfeat_trainer.data.options import IngestOptions, SplitRule
from slowfeat_trainer.data.pairs import split_recordings
from slowfeat_trainer.ingest.dataset import open_dataset
from slowfeat_trainer.ingest.engines import open_engine
from slowfeat_trainer.ingest.ingest_bags import ingest
from slowfeat_trainer.methods.training_set import TrainingSet

PRESETS = ("slowfeat", "equiv_drlim")
RATE_HZ = 30.0
SIZE = (640, 480)
# Updates of the bundles whose speed is measured: they must be of the right shape, not good.
STEPS = 5


@dataclass
class BenchmarkInputs:
    """Everything is made in `folder`, on a simulated drive of so many seconds."""

    folder: Path
    quick: bool = False
    # Bags of the user, measured beside our own.
    given: list[Path] = field(default_factory=list)

    @property
    def seconds(self) -> float:
        """Length of the drive."""
        return 20.0 if self.quick else 60.0

    def pick(self, full: int, quick: int) -> int:
        """A number of rounds or steps: of the whole benchmark, or of --quick."""
        return quick if self.quick else full

    @cached_property
    def bag(self) -> Path:
        """A drive through a simulated place; painted images where ViZDoom is not installed."""
        return self.drive("drive", self.seconds)

    @cached_property
    def short_bag(self) -> Path:
        """A sixth of it, to be made longer."""
        return self.drive("short_drive", self.seconds / 6)

    def drive(self, name: str, seconds: float) -> Path:
        """A drive of so many seconds."""
        path = self.folder / name
        note(f"making a drive of {seconds:.0f} s")
        try:
            import vizdoom  # noqa: F401
        except ImportError:
            note("ViZDoom is not installed: painted images instead")
            return make_bag(path, round(seconds * RATE_HZ), SIZE, RATE_HZ)
        from slowfeat_trainer.simulation.drive import SimulationConfig, simulate

        config = SimulationConfig(seconds=seconds, rate=RATE_HZ, size=SIZE)
        simulate(path, config, progress=False)
        return path

    @cached_property
    def dataset(self) -> Path:
        """The bag as slowfeat ingest leaves it, 64x64."""
        target = self.folder / "dataset"
        with quiet(), open_engine() as engine:
            ingest([self.bag], target, IngestOptions(), engine)
        return target

    def training_set(self, config: TrainConfig) -> TrainingSet:
        """What a training on the dataset draws from."""
        return training_set_of(self.dataset, config)

    def bundle(self, preset: str) -> Bundle:
        """A bundle of a preset, hardly trained."""
        from slowfeat_trainer.runs import train_run  # brings torch

        run = self.folder / f"run_{preset}"
        if not run.exists():
            note(f"making a bundle of {preset}")
            # Without a test part nothing is evaluated.
            config = config_of_preset(preset, steps=STEPS, split=SplitRule(test=0.0))
            with quiet():
                train_run([self.dataset], run, config)
        return load_bundle(run)


def training_set_of(path: Path, config: TrainConfig) -> TrainingSet:
    """What a training on the training part of a dataset draws from."""
    dataset = open_dataset(path)
    recordings = dataset.recordings()
    part = split_recordings(recordings, dataset.split).train
    return TrainingSet.prepare(part, recordings[0].camera, config)


def quiet() -> contextlib.AbstractContextManager[object]:
    """What slowfeat says of its work is not wanted here."""
    return contextlib.redirect_stderr(io.StringIO())


def note(text: str) -> None:
    """Report how far the benchmark is."""
    print(text, file=sys.stderr, flush=True)
