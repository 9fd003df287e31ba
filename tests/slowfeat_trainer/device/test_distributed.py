"""Two processes train to the weights of one: the same batches, the same objective, shared work."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from slowfeat.bundle import load_bundle
from tests.helpers.bag_factory import BagRecipe, make_bag

pytestmark = pytest.mark.slow


def train(words: list[str], processes: int) -> subprocess.CompletedProcess[str]:
    launch = [sys.executable]
    if processes > 1:
        launch += ["-m", "torch.distributed.run", f"--nproc-per-node={processes}", "--standalone"]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""}
    return subprocess.run(
        [*launch, "-m", "slowfeat", "train", *words],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
        timeout=300,
    )


def test_two_processes_give_the_result_of_one(tmp_path: Path) -> None:
    bag = make_bag(tmp_path / "bag", BagRecipe(frames=300))
    # Its objective compares every frame of a batch with every other: it cannot be split by rows.
    flags = ["--steps", "30", "--batch-size", "15", "--size", "32x32"]
    flags += ["--learning-rate", "0.0003"]
    for processes in (1, 2):
        run = tmp_path / f"run{processes}"
        done = train([str(bag), "--out", str(run), *flags], processes)
        assert done.returncode == 0, done.stderr
        assert done.stdout.count("bundle: ") == 1
        assert done.stderr.count("training slowfeat") == 1
    logs = [
        [json.loads(x) for x in (tmp_path / f"run{n}" / "log.jsonl").read_text().splitlines()]
        for n in (1, 2)
    ]
    for one, two in zip(*logs, strict=True):
        for name in set(one) - {"data_s", "update_s"}:
            assert two[name] == pytest.approx(one[name], rel=2e-3, abs=2e-5), name
    frames = np.random.default_rng(0).integers(0, 256, (4, 32, 32, 3), dtype=np.uint8)
    one, two = (
        onnxruntime.InferenceSession(load_bundle(tmp_path / f"run{n}").encoder).run(
            None, {"image": frames}
        )[0]
        for n in (1, 2)
    )
    assert np.linalg.norm(one - two) < 0.02 * np.linalg.norm(one)
