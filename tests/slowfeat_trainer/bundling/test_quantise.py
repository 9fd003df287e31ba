"""A bundle in smaller numbers, and what that costs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from slowfeat import cli
from slowfeat.bundle import load_bundle
from slowfeat.encoder import Encoder
from tests.conftest import TINY_SIZE
from tests.helpers.bag_factory import BagRecipe, make_bag


@pytest.fixture(scope="module")
def bag(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_bag(tmp_path_factory.mktemp("bags") / "drive", BagRecipe(frames=300))


def slowfeat(*words: object) -> int:
    return cli.main([str(word) for word in words])


def frames(count: int = 16) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (count, *TINY_SIZE, 3), dtype=np.uint8)


def test_what_was_lost_is_measured_and_written(
    tiny_bundle: Path, bag: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "int8"
    words = ("export", tiny_bundle, "--out", out, "--on", bag, "--quantise", "int8")
    assert slowfeat(*words) == 0
    assert "retrieval MRR" in capsys.readouterr().out
    bundle = load_bundle(out)
    found = bundle.info.metrics["quantised"]
    assert found["kind"] == "int8"
    assert found["embedding_change"] > 0
    assert found["time_ratio"] > 0
    assert bundle.transform == load_bundle(tiny_bundle).transform
    assert Encoder(bundle, provider="cpu").embed_batch(frames(2)).shape == (2, 8)
    assert (
        slowfeat("export", out, "--out", tmp_path / "twice", "--on", bag, "--quantise", "int8") == 2
    )
    assert "quantised already" in capsys.readouterr().err


def test_too_large_a_loss_is_refused_and_nothing_written(
    tiny_bundle: Path, bag: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "int8"
    words = ("export", tiny_bundle, "--out", out, "--on", bag, "--quantise", "int8")
    # A loss of less than minus one is one that nothing can have.
    assert slowfeat(*words, "--max-loss", "-1.5") == 1
    assert "nothing was written" in capsys.readouterr().err
    assert not out.exists()
