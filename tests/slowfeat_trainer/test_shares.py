"""Each of several processes reads and embeds its share of a batch."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from slowfeat_trainer.data.frames import FrameStack
from slowfeat_trainer.device import distributed
from slowfeat_trainer.device.frame_source import FrameSource
from tests.helpers.bag_factory import BagRecipe, make_bag

# Trains three steps on a dataset, and prints which of its frames this process has read in them.
SCRIPT = """
import json, sys
from dataclasses import replace
from pathlib import Path
from slowfeat_trainer.device import distributed
from slowfeat_trainer.training import loop as training
from slowfeat_trainer.config.train_config import config_of_preset
from slowfeat_trainer.data.frames import FrameStack
from slowfeat_trainer.ingest.dataset import open_dataset
from slowfeat_trainer.methods import build_method
from slowfeat_trainer.data.pairs import split_recordings
from slowfeat_trainer.methods.training_set import TrainingSet, draw_batch

dataset = open_dataset(Path(sys.argv[1]))
config = config_of_preset(
    "slowfeat", steps=3, batch_size=10, reading=dataset.options, learning_rate=1e-4
)
recordings = dataset.recordings()
split = split_recordings(recordings, config.split)
data = TrainingSet.prepare(split.train, recordings[0].camera, config)
method = build_method(data, config)
# What is done once, before the first step, is no part of a step.
method.prepare = lambda *_: None
rows = []
get = FrameStack.__getitem__
FrameStack.__getitem__ = lambda self, which: (rows.append(len(which)), get(self, which))[1]
with distributed.process_group():
    run = Path(sys.argv[2])
    training.train(data, config, run, method=method)
    wanted = sum(len(method.frames_of(draw_batch(data, config, k))) for k in range(3))
    # One write: the processes share the stream.
    sys.stdout.write(json.dumps([distributed.rank(), sum(rows), wanted]) + "\\n")
"""


@pytest.mark.parametrize("count", [1, 2, 5, 7, 16])
@pytest.mark.parametrize("world", [1, 2, 4])
def test_shares_are_of_one_size_and_cover_all(
    count: int, world: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(distributed, "world_size", lambda: world)
    shares = []
    for rank in range(world):
        monkeypatch.setattr(distributed, "rank", lambda rank=rank: rank)
        shares.append(distributed.share(count))
    assert len({len(share) for share in shares}) == 1
    np.testing.assert_array_equal(np.concatenate(shares)[:count], np.arange(count))


def test_frames_of_the_other_shares_are_not_read() -> None:
    frames = np.random.default_rng(0).integers(1, 256, (9, 2, 2, 3), dtype=np.uint8)
    source = FrameSource(FrameStack([frames]), torch.device("cpu"))
    index, rows = np.array([8, 0, 3, 3]), np.array([1, 2])
    found = source.get(index, rows).numpy()
    np.testing.assert_array_equal(found[1:3], frames[[0, 3]])
    assert not found[[0, 3]].any()
    np.testing.assert_array_equal(source.get(index).numpy(), frames[index])


@pytest.mark.slow
def test_two_processes_read_half_of_the_frames_each(tmp_path: Path) -> None:
    from slowfeat.cli import main

    bag, dataset = make_bag(tmp_path / "bag", BagRecipe(frames=200)), tmp_path / "dataset"
    assert main(["ingest", str(bag), "--out", str(dataset), "--size", "32x32"]) == 0
    (tmp_path / "work.py").write_text(SCRIPT)
    launch = ["-m", "torch.distributed.run", "--nproc-per-node=2", "--standalone"]
    (tmp_path / "run").mkdir()
    done = subprocess.run(
        [
            sys.executable,
            *launch,
            *map(str, (tmp_path / "work.py", dataset, tmp_path / "run")),
        ],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
        env={**os.environ, "OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""},
    )
    assert done.returncode == 0, done.stderr
    told = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("[")]
    assert sorted(rank for rank, _, _ in told) == [0, 1]
    for _, read, wanted in told:
        assert read == pytest.approx(wanted / 2, abs=3)
