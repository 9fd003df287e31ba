"""`slowfeat adapt` as a user calls it, and the graph that it writes."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from slowfeat import cli
from slowfeat.bundle import load_bundle
from slowfeat.encoder import Encoder
from tests.conftest import TINY_DIMENSION
from tests.helpers.bag_factory import BagRecipe, make_bag


@pytest.fixture(scope="module")
def bag(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_bag(tmp_path_factory.mktemp("bags") / "drive", BagRecipe(frames=300))


def slowfeat(*words: object) -> int:
    return cli.main([str(word) for word in words])


def test_an_adapted_bundle_is_a_bundle_that_says_so(
    bag: Path, tiny_bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "mine"
    assert (
        slowfeat(
            "adapt", tiny_bundle, bag, "--out", out, "--odom-offset", "0", "--test-fraction", "0.3"
        )
        == 0
    )
    said = capsys.readouterr().out
    assert "as it was" in said
    assert "panning" in said
    before, after = load_bundle(tiny_bundle), load_bundle(out)
    assert after.encoder == before.encoder
    assert after.transform != before.transform
    figures = after.info.training["adapted"]["figures"]
    # The tiny transform knows nothing of this bag, so least squares must help on frames it has not
    # seen.
    assert figures["adapted"]["rho"] < figures["as it was"]["rho"]
    assert after.info.training["adapted"]["bag"] == bag.name
    assert after.info.training["adapted"]["split"]["test"] == 0.3
    assert Encoder(after).predict(np.zeros(TINY_DIMENSION), np.zeros((3, 6)))[0].shape == (3, 8)
    assert json.loads((out / "bundle.json").read_text())["metrics"] == {}


def test_wrong_use_is_one_line_and_leaves_nothing(
    bag: Path, tiny_bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "mine"
    assert slowfeat("adapt", tiny_bundle, tmp_path / "none", "--out", out) == 2
    assert "does not exist" in capsys.readouterr().err
    short = make_bag(tmp_path / "short", BagRecipe(frames=12))
    assert slowfeat("adapt", tiny_bundle, short, "--out", out) == 1
    assert not out.exists()
    assert slowfeat("adapt", tiny_bundle, bag, "--out", out, "--odom-offset", "0") == 0
    assert slowfeat("adapt", tiny_bundle, bag, "--out", out) == 2
    assert "exists already" in capsys.readouterr().err
    assert slowfeat("adapt", out, bag, "--out", tmp_path / "twice") == 2
    assert "adapted already" in capsys.readouterr().err
