"""A short training as torchrun starts it; prints the seconds of its intervals as JSON."""

from __future__ import annotations

import json
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path

from benchmarks.performance.material import training_set_of
from slowfeat_trainer.config.train_config import config_of_preset
from slowfeat_trainer.device import distributed
from slowfeat_trainer.training.loop import train
from slowfeat_trainer.training.training_log import LOG_EVERY

# The first of them holds what is done once.
INTERVALS = 4


def main(path: Path) -> None:
    """Train on a dataset; the first process prints."""
    config = config_of_preset("slowfeat", steps=INTERVALS * LOG_EVERY)
    data = training_set_of(path, config)
    ends: list[float] = []
    with tempfile.TemporaryDirectory() as run, distributed.process_group():
        train(data, config, Path(run), lambda *_: ends.append(time.perf_counter()))
        if distributed.is_first():
            seconds = [b - a for a, b in pairwise(ends)]
            print(json.dumps({"seconds": seconds, "updates": LOG_EVERY}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
