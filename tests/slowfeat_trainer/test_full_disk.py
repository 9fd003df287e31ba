"""A disk that fills up while a run is written: one line, nothing half-written, and it goes on."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import pytest
import torch

from slowfeat.bundle import load_bundle
from slowfeat.cli import main
from tests.helpers.bag_factory import BagRecipe, make_bag

WORDS = ("--preset", "drlim", "--size", "32x32", "--dimension", "8", "--batch-size", "8")


def full_disk_for(monkeypatch: pytest.MonkeyPatch, suffix: str, after: int) -> None:
    """Path.write_bytes writes half a file and fails for files of this name, but for the first `after`."""
    write, count = Path.write_bytes, [0]

    def write_bytes(self: Path, data: Any) -> int:
        if self.name.endswith(suffix):
            count[0] += 1
            if count[0] > after:
                write(self, bytes(data)[: len(data) // 2])
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return write(self, data)

    monkeypatch.setattr(Path, "write_bytes", write_bytes)


@pytest.fixture(scope="module")
def words(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    bag = make_bag(tmp_path_factory.mktemp("bags") / "bag", BagRecipe(frames=1200, rate=20.0))
    return ["train", str(bag), *WORDS, "--steps", "101"]  # checkpoints after 100 and 101


@pytest.fixture(scope="module")
def whole(words: list[str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    run = tmp_path_factory.mktemp("runs") / "whole"
    assert main([*words, "--out", str(run)]) == 0
    return run


@pytest.mark.slow
@pytest.mark.parametrize(("suffix", "after"), [(".tmp", 1), ("transform.onnx", 0)])
def test_it_is_one_line_and_the_same_command_goes_on(
    suffix: str,
    after: int,
    words: list[str],
    whole: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    out = tmp_path / "run"
    with monkeypatch.context() as patch:
        full_disk_for(patch, suffix, after)
        assert main([*words, "--out", str(out)]) == 1
    said = capsys.readouterr().err.strip().splitlines()[-1]
    assert said.startswith("slowfeat train: ")
    assert "cannot be written: No space left on device; mend that" in said
    assert not [
        p for p in out.rglob("*") if p.name.endswith(".tmp") or p.name.startswith(".bundle")
    ]
    assert not (out / "bundle").exists()

    assert main([*words, "--out", str(out)]) == 0
    weights = [
        torch.load(run / "checkpoints" / "last", weights_only=True)["method"]
        for run in (out, whole)
    ]
    assert all(torch.equal(weights[0][name], weights[1][name]) for name in weights[1])
    load_bundle(out)
