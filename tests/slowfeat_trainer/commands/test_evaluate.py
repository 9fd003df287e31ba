"""`slowfeat evaluate` with its flags, and everything that can be wrong with them."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from slowfeat import cli
from tests.helpers.bag_factory import BagRecipe, make_bag


def slowfeat(*words: object) -> int:
    return cli.main([str(word) for word in words])


@pytest.fixture(scope="module")
def bag(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_bag(tmp_path_factory.mktemp("bags") / "drive", BagRecipe(frames=200))


def test_repeats_images_and_json(
    tiny_bundle: Path, bag: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rng = np.random.default_rng(0)
    for name in ("bright", "dark"):
        (tmp_path / "set" / name).mkdir(parents=True)
        for i in range(6):
            grey = rng.integers(0, 100, (20, 20, 3)) + (150 if name == "bright" else 0)
            cv2.imwrite(str(tmp_path / "set" / name / f"{i}.png"), grey)
    out = tmp_path / "figures.json"
    flags = ["--repeats", 2, "--images", tmp_path / "set", "--json", out]
    assert slowfeat("evaluate", tiny_bundle, "--on", bag, *flags) == 0
    printed = capsys.readouterr().out
    assert "standard deviation over 1 bundle x 2 draws of what is random" in printed
    assert "linear probe" in printed
    figures = json.loads(out.read_text())
    assert [f["bundle"] for f in figures] == ["tiny", "tiny"]
    # The untrained network is another one each time, the bundle is not.
    first, second = figures
    fresh = "untrained network, refitted"
    assert first["rows"][fresh]["rho"] != second["rows"][fresh]["rho"]
    assert first["rows"]["bundle's map"] == second["rows"]["bundle's map"]
    assert first["recognition"]["bundle"]["repeats"] == 5
    assert first["recognition"]["bundle"]["linear"] == 1.0


@pytest.mark.parametrize(
    ("flags", "says"),
    [
        (["--repeats", "0"], "--repeats is 0"),
        (["--images", "nowhere"], "is no folder"),
        (["--peer", "nowhere.onnx"], "cannot be run"),
        (["--peer-mean", "1,2"], "give one number or three"),
        (["--peer-size", "224"], "--peer-size"),
    ],
)
def test_wrong_flags_are_told(
    tiny_bundle: Path, bag: Path, flags: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert slowfeat("evaluate", tiny_bundle, "--on", bag, *flags) == 2
    assert says in capsys.readouterr().err
