"""The default's transform for another camera: the weights that the bundle holds, and the camera
that the bag shows.
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import torch

from slowfeat import cli
from slowfeat.bundle import load_bundle
from slowfeat.encoder import Encoder
from slowfeat_trainer.adaptation import adapt_bundle
from slowfeat_trainer.adaptation.camera_fit import warp_of
from slowfeat_trainer.adaptation.from_camera_spec import middle_share
from slowfeat_trainer.data.recording import Camera
from slowfeat_trainer.geometry.geometry_of_camera import geometry_of
from slowfeat_trainer.training.finetune import newest_checkpoint
from tests.helpers.bag_factory import HORIZONTAL_FOV, BagRecipe, make_bag

WORDS = (
    "--size",
    "32x32",
    "--steps",
    "10",
    "--batch-size",
    "16",
    "--from-scratch",
    "--odom-offset",
    "0",
)


@pytest.fixture(scope="module")
def bag(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_bag(tmp_path_factory.mktemp("bags") / "drive", BagRecipe(frames=300))


@pytest.fixture(scope="module")
def run(bag: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("runs") / "first"
    assert cli.main(["train", str(bag), "--out", str(out), *WORDS]) == 0
    return out


def test_the_weights_in_a_bundle_are_those_that_were_trained(run: Path) -> None:
    warp = warp_of(load_bundle(run))
    assert warp is not None
    trained = newest_checkpoint(run)[1]["method"]
    own = warp.state_dict()
    compared = [
        n for n in own if n.startswith(("correct", "depth_head", "slow.change")) or n == "scale"
    ]
    assert len(compared) == 13
    # The bundle's channels have one spread: what reads and writes the map is scaled, channel by
    # channel.
    scale = (own["depth_head.weight"] / trained["warp.depth_head.weight"]).flatten()
    channels = len(scale)
    last = max(int(n.split(".")[1]) for n in compared if n.startswith("correct"))
    for name in compared:
        expected = trained[f"warp.{name}"].clone()
        if name in ("depth_head.weight", "correct.0.weight"):
            expected[:, :channels] *= scale[None, :, None, None]
        elif name == f"correct.{last}.weight":
            expected[:channels] /= scale[:, None, None, None]
        elif name == f"correct.{last}.bias":
            expected[:channels] /= scale
        torch.testing.assert_close(own[name], expected)


def test_other_maps_have_no_camera(tiny_bundle: Path) -> None:
    assert warp_of(load_bundle(tiny_bundle)) is None


def test_the_camera_is_found_again(
    run: Path, bag: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["adapt", str(run), str(bag), "--out", str(tmp_path / "mine"), "--odom-offset", "0"]
    assert cli.main(words) == 0
    said = capsys.readouterr().out
    told = float(said.partition("of the image by ")[2].partition(" %")[0])
    # The bag has no camera_info; its images show a lens of this focal length, in percent of the
    # width.
    true = 100 * (0.5 / math.tan(HORIZONTAL_FOV / 2)) * math.pi / 180
    assert told == pytest.approx(true, rel=0.25)
    assumed = 100 * middle_share(geometry_of(Camera(size=(64, 64))))
    assert told != pytest.approx(assumed, rel=0.1)
    bundle = load_bundle(tmp_path / "mine")
    figures = bundle.info.training["adapted"]["figures"]
    assert figures["adapted"]["rho"] < 1.1 * figures["as it was"]["rho"]
    z = np.zeros((2, bundle.info.dimension), np.float32)
    assert Encoder(bundle).predict(z, np.zeros((2, 6)))[0].shape == z.shape


def test_of_a_cut_picture_the_camera_is_that_of_what_is_left(
    bag: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # Whether it is better is another question: here it is kept.
    keep = adapt_bundle.Choice(adapt_bundle.ADAPTED, "as the test wants it")
    monkeypatch.setattr(adapt_bundle, "choose_candidate", lambda *_: keep)
    run, sides = tmp_path / "cut", "0,0.2,0,0.2"
    assert cli.main(["train", str(bag), "--out", str(run), *WORDS, "--crop", sides]) == 0
    if warp_of(load_bundle(run)) is None:
        pytest.skip(
            "so few steps on a cut image: another transform than the warp was the better one"
        )
    words = ["adapt", str(run), str(bag), "--out", str(tmp_path / "mine"), "--odom-offset", "0"]
    assert cli.main(words) == 0
    said = capsys.readouterr().out.partition("camera as calibrated")[2]
    told = float(said.partition("of the image by ")[2].partition(" %")[0])
    whole = 100 * (0.5 / math.tan(HORIZONTAL_FOV / 2)) * math.pi / 180
    assert told == pytest.approx(whole / 0.6, rel=0.25)
    assert told > 1.25 * whole
