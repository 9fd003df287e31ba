"""The ratios that the guard watches: small, on one thread, in CPU seconds."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from functools import cached_property, partial
from pathlib import Path

import cv2
import torch

from benchmarks.made_bundle import made_bundle
from benchmarks.performance import embedding, ingest, predictions, training
from benchmarks.performance.bare_session import NAME as BARE
from benchmarks.performance.made_bag import make_bag
from benchmarks.performance.material import quiet, training_set_of
from benchmarks.performance.turns import Turns, Work, call, cpu_of_children, take_turns
from slowfeat.bundle import Bundle
from slowfeat.scaled_decoding import WHOLE
from slowfeat_trainer.config.train_config import TrainConfig, config_of_preset
from slowfeat_trainer.data.options import IngestOptions
from slowfeat_trainer.ingest.engines import open_engine
from slowfeat_trainer.ingest.ingest_bags import ingest as ingest_bags
from slowfeat_trainer.methods.training_set import TrainingSet

FRAMES = 400
PICTURE = (320, 240)
TURN_S = 0.05
CPU = time.process_time


class Guarded:
    """Makes what is measured, in `folder`, and measures it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        # The ratio that was measured last.
        self.last = 0.0
        torch.set_num_threads(1)
        cv2.setNumThreads(1)

    def ratios(self) -> dict[str, Callable[[], float]]:
        """By name: measures how fast ours is in units of its peer."""
        found: dict[str, Callable[[], tuple[Turns, str]]] = {
            "slowfeat --help": self.start_up,
            "reading of images": self.reading,
            "ingest": self.ingest,
            "training": self.training,
            "prediction of 100 motions": partial(self.prediction, 100),
            "prediction of 1,000 motions": partial(self.prediction, 1000),
            "embedding of a frame": self.embedding,
        }
        return {name: partial(self._measure, work) for name, work in found.items()}

    def _measure(self, work: Callable[[], tuple[Turns, str]]) -> float:
        turns, peer = work()
        self.last = turns.speed("ours", peer).median
        return self.last

    def start_up(self) -> tuple[Turns, str]:
        """The program's --help beside Python with numpy."""
        works: dict[str, Work] = {
            "ours": partial(call, sys.executable, "-m", "slowfeat", "--help"),
            "numpy": partial(call, sys.executable, "-c", "import numpy"),
        }
        return take_turns(works, 7, clock=cpu_of_children), "numpy"

    @cached_property
    def _bag(self) -> Path:
        return make_bag(self._folder / "bag", FRAMES, PICTURE)

    def reading(self) -> tuple[Turns, str]:
        """The images of a bag, read and stored, beside the bare loop; both decode every pixel."""
        return self._beside_decode_loop(ingest.images, 7)

    def ingest(self) -> tuple[Turns, str]:
        """All of ingest, with its checks of mount and odometry, beside the bare decode loop.

        The checks look at so many pairs of images at most, so that on a short bag they take most of
        the time.
        """
        return self._beside_decode_loop(ingest.ours, 5)

    @cached_property
    def _jpegs(self) -> ingest.Pictures:
        return ingest.jpegs_of(self._bag)

    def _beside_decode_loop(
        self, ours: Callable[[Path, int, str], None], rounds: int
    ) -> tuple[Turns, str]:
        # Read before anything is timed.
        bag, jpegs = self._bag, self._jpegs
        works: dict[str, Work] = {
            "ours": lambda: ours(bag, 1, WHOLE),
            "decode loop": lambda: ingest.floor(jpegs, 1, whole=True),
        }
        return take_turns(works, rounds, clock=CPU), "decode loop"

    def training_set(self, config: TrainConfig) -> TrainingSet:
        """The training part of the bag."""
        target = self._folder / "dataset"
        if not target.exists():
            with quiet(), open_engine("threads", 1) as engine:
                ingest_bags([self._bag], target, IngestOptions(image_size=(32, 32)), engine)
        return training_set_of(target, config)

    def training(self) -> tuple[Turns, str]:
        """The loop beside updates in memory."""
        config = config_of_preset(
            "equiv_drlim", batch_size=16, reading=IngestOptions(image_size=(32, 32))
        )
        data = self.training_set(config)
        turns = training.compare(data, config, torch.device("cpu"), 5, clock=CPU)
        return turns, "in memory"

    @cached_property
    def _bundle(self) -> Bundle:
        return made_bundle(self._folder / "bundle")

    def prediction(self, motions: int) -> tuple[Turns, str]:
        """The engine beside bare ONNX Runtime."""
        return predictions.compare(self._bundle, motions, 9, TURN_S, CPU, threads=1), BARE

    def embedding(self) -> tuple[Turns, str]:
        """One frame of a camera's size, likewise."""
        return embedding.compare_one(self._bundle, 9, TURN_S, CPU, threads=1), BARE
