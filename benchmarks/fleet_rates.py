"""The rates that a fleet's arithmetic starts from, measured on this machine in a minute or two."""

from __future__ import annotations

import os
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

# Of the simulated bag: a camera as robots have it.
SECONDS, RATE_HZ, SIZE = 20, 30.0, "640x480"
# Kept of it for learning: neighbouring frames at 30 Hz add little.
KEPT_HZ = 10.0
STEPS, BATCH, ROUNDS = 10, 64, 3


@dataclass(frozen=True)
class Rates:
    """What one core does, and how large things are. Spreads are
    [least, median, most] of the rounds.
    """

    # Of the machine, in words.
    machine: str
    # Of the recorded bag, and images in it a second.
    bag_bytes_per_s: float
    pictures_per_s: float
    # Frames that --rate leaves, a second, and what each takes in a dataset.
    frames_per_s: float
    dataset_bytes_per_frame: float
    # CPU seconds of `slowfeat ingest --rate` for a second of the bag; and of reading and hashing
    # alone.
    ingest_s_per_s: list[float]
    reading_s_per_s: list[float]
    # CPU seconds of an update of the default preset, and frames that it looks at.
    update_s: list[float]
    frames_per_update: int
    # Of the bundle.
    bundle_bytes: int


def measure() -> Rates:
    """Simulate a bag, ingest it, train a few updates, look at the sizes; CPU
    seconds, one thread of torch.
    """
    import torch

    from slowfeat.cli import main
    from slowfeat_trainer.config.train_config import config_of_preset
    from slowfeat_trainer.data.options import IngestOptions
    from slowfeat_trainer.data.pairs import split_recordings
    from slowfeat_trainer.ingest.dataset import Dataset
    from slowfeat_trainer.ingest.engines import open_engine
    from slowfeat_trainer.ingest.ingest_bags import ingest
    from slowfeat_trainer.methods import build_method
    from slowfeat_trainer.methods.training_set import TrainingSet
    from slowfeat_trainer.training.loop import train

    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        bag = folder / "bag"
        drive = ["--seconds", str(SECONDS), "--rate", str(RATE_HZ), "--size", SIZE]
        say("simulating a drive")
        if main(["simulate", "--out", str(bag), *drive]):
            sys.exit("the drive could not be simulated")

        def read(target: str) -> Dataset:
            with open_engine() as engine:
                options = IngestOptions(rate_hz=KEPT_HZ)
                return ingest([bag], folder / target, options, engine, min_pairs=0)

        ingested, reading, updates = [], [], []
        for k in range(ROUNDS):
            say(f"round {k + 1} of {ROUNDS}")
            ingested.append(seconds_of(lambda k=k: read(f"kept{k}")) / SECONDS)
            reading.append(seconds_of(lambda: read_alone(bag)) / SECONDS)
            dataset = read(f"kept{k}")
            config = config_of_preset("slowfeat", steps=STEPS, batch_size=BATCH)
            recordings = dataset.recordings()
            split = split_recordings(recordings, config.split)
            data = TrainingSet.prepare(split.train, recordings[0].camera, config)
            method = build_method(data, config)
            method.prepare = lambda *_: None  # type: ignore[method-assign]
            run = folder / f"run{k}"
            run.mkdir()
            taken = seconds_of(
                lambda data=data, config=config, run=run, method=method: train(
                    data, config, run, method=method
                )
            )
            updates.append(taken / STEPS)
        say("a bundle")
        words = ["train", str(folder / "kept0"), "--out", str(folder / "run"), "--steps", "1"]
        if main([*words, "--test-fraction", "0.2"]):
            sys.exit("the bundle could not be made")
        return Rates(
            machine=f"{os.cpu_count()} CPU cores ({platform.machine()})",
            bag_bytes_per_s=size_of(bag) / SECONDS,
            pictures_per_s=RATE_HZ,
            frames_per_s=dataset.frames / SECONDS,
            dataset_bytes_per_frame=size_of(folder / "kept0" / "bags") / dataset.frames,
            ingest_s_per_s=spread(ingested),
            reading_s_per_s=spread(reading),
            update_s=spread(updates),
            frames_per_update=2 * BATCH,
            bundle_bytes=size_of(folder / "run" / "bundle"),
        )


def read_alone(bag: Path) -> None:
    """The part of ingest that is not divided: every message read, every byte hashed."""
    from slowfeat_trainer import bags

    bags.bag_sha256(bag)
    with bags.open_bag(bag) as reader:
        for _ in reader.messages():
            pass


def seconds_of(work: Callable[[], object]) -> float:
    """CPU seconds of this process, all threads."""
    begun = time.process_time()
    work()
    return time.process_time() - begun


def size_of(path: Path) -> int:
    """Bytes of all files below a folder."""
    return sum(file.stat().st_size for file in path.rglob("*") if file.is_file())


def spread(values: list[float]) -> list[float]:
    """Least, median, most."""
    return [min(values), statistics.median(values), max(values)]


def say(text: str) -> None:
    """Report what is being done."""
    print(text, file=sys.stderr, flush=True)
