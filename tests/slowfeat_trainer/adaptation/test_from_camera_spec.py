"""Bundles that are only told of a camera: geometry changes, what was learned stays."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch

from slowfeat import cli
from slowfeat.bundle import Bundle, load_bundle, sha256
from slowfeat.errors import UsageError
from slowfeat_trainer.adaptation.camera_fit import warp_of
from slowfeat_trainer.adaptation.from_camera_spec import (
    bundle_for_camera,
    middle_share,
    usual_distances,
)
from slowfeat_trainer.bundling.export_onnx import export_transform
from slowfeat_trainer.data.recording import Camera
from slowfeat_trainer.geometry.camera_geometry import CameraGeometry
from slowfeat_trainer.geometry.geometry_of_camera import crop_camera, geometry_of
from slowfeat_trainer.ingest.bundle_reading import shrink_of
from slowfeat_trainer.models.transform import TransformWithError
from slowfeat_trainer.models.warp_transform import WarpTransform
from tests.conftest import TINY_DIMENSION, tiny_encoder, tiny_info
from tests.helpers.bag_factory import HORIZONTAL_FOV, BagRecipe, make_bag

SHAPE, SLOW = (3, 6, 12), 4
D = math.prod(SHAPE) + SLOW
OPTICAL = [0.1, 0.0, 0.3, -0.5, 0.5, -0.5, 0.5]
WIDE = Camera("optical", (640, 480), "jpeg", 1.7, OPTICAL, [1.2, 1.6, 0.4])


def bundle_of(geometry: CameraGeometry, learned: float) -> Bundle:
    """A bundle in memory whose transform is a warp, so far from what it is before any training."""
    torch.manual_seed(0)
    rng = np.random.default_rng(0)
    motions = 0.3 * rng.normal(size=(50, 6))
    warp = WarpTransform(geometry, SHAPE, motions, hidden=8, slow=SLOW)
    with torch.no_grad():
        for name, weight in warp.named_parameters():
            if not name.startswith("geometry"):
                weight.add_(learned * torch.randn_like(weight))
        assert warp.slow is not None
        # As after a training, which gives map and slow code their shares; times one would be left
        # out of the graph.
        warp.slow.norm.fill_(0.5)
    module = TransformWithError(
        warp, motions, motions.std(axis=0), np.array([-1.0, 0.3, 0.2, 0.4, 0.5]), 1.8
    )
    info = tiny_info("warp")
    info.dimension, info.image_size = D, [48, 96]
    info.metrics = {"rho": 0.5}
    info.motion_patterns[0].rho = 0.4
    info.training = {"bags": []}
    info.sha256 = {"encoder.onnx": sha256(tiny_encoder())}
    return Bundle(Path("warp"), info, tiny_encoder(), export_transform(module, D))


def as_told(camera: Camera) -> CameraGeometry:
    geometry = geometry_of(camera)
    with torch.no_grad():
        geometry.depth.copy_(usual_distances())
    return geometry


def predictions(bundle: Bundle) -> tuple[np.ndarray, np.ndarray]:
    return run(bundle, np.random.default_rng(1).normal(0, D**-0.5, (len(MOTIONS), D)), MOTIONS)


def run(bundle: Bundle, z: np.ndarray, motions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    session = onnxruntime.InferenceSession(bundle.transform, providers=["CPUExecutionProvider"])
    given = {"embedding": z.astype(np.float32), "motion": motions.astype(np.float32)}
    after, error = session.run(["embedding_after", "expected_error"], given)
    return np.asarray(after), np.asarray(error)


@pytest.fixture(scope="module")
def learned() -> Bundle:
    found = bundle_of(as_told(WIDE), learned=0.1)
    assert warp_of(found) is not None
    return found


@pytest.fixture(scope="module")
def again(learned: Bundle) -> Bundle:
    """The same, told of the camera that it was learned with."""
    return bundle_for_camera(learned, WIDE, "drive", "base")


# From standing still to further than the training ever went.
MOTIONS = np.linspace(0, 4, 9)[:, None] * np.array([0.2, 0.1, 0, 0.05, 0.1, -0.3])


def test_told_of_its_own_camera_a_bundle_predicts_what_it_predicted(
    learned: Bundle, again: Bundle
) -> None:
    for own, found in zip(predictions(learned), predictions(again), strict=True):
        np.testing.assert_allclose(found, own, rtol=1e-4, atol=1e-5)
    assert again.encoder == learned.encoder


def test_a_pan_moves_the_picture_of_a_longer_lens_further() -> None:
    columns, wide, narrow = SHAPE[2], 2 * math.atan(1.0), 2 * math.atan(0.5)
    untrained = bundle_of(geometry_of(Camera(size=(4, 3), horizontal_fov=wide)), learned=1e-4)
    longer = bundle_for_camera(untrained, Camera(size=(4, 3), horizontal_fov=narrow))
    ramp = np.broadcast_to(np.arange(columns, dtype=np.float32), SHAPE).reshape(1, -1)
    z = np.concatenate([ramp, np.zeros((1, SLOW), np.float32)], axis=1)

    def shift(bundle: Bundle, turn: float) -> float:
        after, _ = run(bundle, z, np.array([[0, 0, 0, 0, 0, turn]]))
        moved = (after - z)[0, :-SLOW].reshape(SHAPE)
        return float(moved[:, 2:-2, 5:7].mean())

    # Of a map of so many columns, a turn to the left shows what was further left.
    assert shift(untrained, 0.02) == pytest.approx(-0.02 * columns / 2, rel=0.03)
    assert shift(longer, 0.02) == pytest.approx(2 * shift(untrained, 0.02), rel=0.03)


def test_what_it_says_of_itself_is_the_new_robots(learned: Bundle, again: Bundle) -> None:
    found = again.info
    assert found.name == "warp-drive"
    assert (found.frames.body, found.frames.camera) == ("base", "optical")
    assert found.frames.extrinsic == OPTICAL
    assert found.horizontal_fov == 1.7
    assert found.training["adapted"]["camera"] == {
        "horizontal_fov": 1.7,
        "mirror_xi": 0.4,
        "extrinsic": OPTICAL,
        "from": "drive",
    }
    # Measured on another robot.
    assert found.metrics == {}
    assert found.motion_patterns[0].rho is None
    own = learned.info
    assert (found.motion_min, found.motion_max) == (own.motion_min, own.motion_max)
    assert [p.centroid for p in found.motion_patterns] == [p.centroid for p in own.motion_patterns]
    # What was given is as it was.
    assert own.metrics == {"rho": 0.5}
    assert "adapted" not in own.training
    assert own.motion_patterns[0].rho == 0.4
    with pytest.raises(UsageError, match="adapted already"):
        bundle_for_camera(again, WIDE)


def test_a_crop_of_the_bundle_is_a_crop_of_the_camera() -> None:
    info = tiny_info()
    info.image_size = [48, 96]
    assert crop_camera(WIDE, shrink_of(info)) == WIDE
    reading = {"image_size": [48, 48], "crop": [0.0, 0.25, 0.0, 0.25]}
    info.training = {"configuration": {"reading": reading}}
    shrink = shrink_of(info)
    assert (shrink.whole, shrink.corner) == ((48, 96), (0, 24))
    assert crop_camera(WIDE, shrink).lens == pytest.approx([2.4, 1.6, 0.4])


def test_other_maps_are_given_the_motions_as_their_own_camera_would_make_them(
    tiny_bundle: Path,
) -> None:
    bundle = load_bundle(tiny_bundle)
    bundle.info.horizontal_fov = 2 * math.atan(1.0)
    longer = Camera(size=(4, 3), horizontal_fov=2 * math.atan(0.5))
    z, pan = np.zeros((1, TINY_DIMENSION)), np.array([[0, 0, 0, 0, 0, 0.1]])
    assert warp_of(bundle) is None
    (own, _), (twice, error) = (
        run(bundle, z, 2 * pan),
        run(bundle_for_camera(bundle, longer), z, pan),
    )
    np.testing.assert_allclose(twice, own, rtol=1e-5)
    assert error[0] == pytest.approx(0.1 + 0.2)
    # Where the bundle knows no field of view there is nothing to compare.
    bundle.info.horizontal_fov = None
    np.testing.assert_allclose(
        run(bundle_for_camera(bundle, longer), z, pan)[0], run(bundle, z, pan)[0]
    )


def test_the_share_that_a_pan_moves_knows_of_the_bend() -> None:
    camera = Camera(size=(4, 3), lens=[1.2, 1.6, 0.5])
    assert middle_share(geometry_of(camera)) == pytest.approx(0.8 / 2 * math.radians(1))


# -- as a user calls it ---------------------------------------------------------------------------


def slowfeat(*words: object) -> int:
    return cli.main([str(word) for word in words])


@pytest.fixture(scope="module")
def bag(tmp_path_factory: pytest.TempPathFactory) -> Path:
    recipe = BagRecipe(frames=30, with_camera_info=True, with_tf_static=True)
    return make_bag(tmp_path_factory.mktemp("bags") / "drive", recipe)


def test_a_bag_tells_of_its_camera(
    bag: Path, tiny_bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "told"
    assert slowfeat("adapt", tiny_bundle, bag, "--out", out, "--camera-only") == 0
    said = capsys.readouterr()
    assert "56 degrees from left to right" in said.out
    assert "0.1 0 0.2 m" in said.out
    assert "warning" not in said.err
    bundle = load_bundle(out)
    assert bundle.encoder == load_bundle(tiny_bundle).encoder
    assert bundle.info.horizontal_fov == pytest.approx(HORIZONTAL_FOV)
    assert bundle.info.training["adapted"]["camera"]["from"] == bag.name
    assert json.loads((out / "bundle.json").read_text())["metrics"] == {}
    assert slowfeat("adapt", out, bag, "--out", tmp_path / "twice") == 2
    assert "adapted already" in capsys.readouterr().err
    assert slowfeat("adapt", tiny_bundle, bag, "--out", out, "--camera-only") == 2
    assert "exists already" in capsys.readouterr().err


def test_flags_tell_of_a_camera_and_go_before_the_bag(
    bag: Path, tiny_bundle: Path, tmp_path: Path
) -> None:
    words = ("--fov", 90, "--extrinsic", "0.1 0 0.3 -0.5 0.5 -0.5 0.5", "--body-frame", "base")
    for name, more in (("flags", ()), ("bag", (bag, "--camera-only"))):
        assert slowfeat("adapt", tiny_bundle, *more, "--out", tmp_path / name, *words) == 0
        info = load_bundle(tmp_path / name).info
        assert info.horizontal_fov == pytest.approx(math.pi / 2)
        extrinsic = np.array(info.frames.extrinsic)
        np.testing.assert_allclose(extrinsic[:3], OPTICAL[:3])
        # A quaternion and its negative are one rotation.
        assert abs(extrinsic[3:] @ np.array(OPTICAL[3:])) == pytest.approx(1.0)
        assert info.frames.body == "base"
    assert load_bundle(tmp_path / "flags").info.name == "tiny-flags"


def test_with_a_drive_the_data_sheet_is_the_camera_that_is_started_from(
    tiny_bundle: Path, tmp_path: Path
) -> None:
    drive = make_bag(tmp_path / "drive", BagRecipe(frames=300))
    words = ("--odom-offset", "0", "--fov", "45")
    assert slowfeat("adapt", tiny_bundle, drive, "--out", tmp_path / "mine", *words) == 0
    assert load_bundle(tmp_path / "mine").info.horizontal_fov == pytest.approx(math.pi / 4)


def test_a_camera_that_nothing_tells_of_is_said_to_be_assumed(
    tiny_bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bare = make_bag(tmp_path / "bare", BagRecipe(frames=4))
    assert slowfeat("adapt", tiny_bundle, bare, "--out", tmp_path / "a", "--camera-only") == 0
    said = capsys.readouterr().err
    assert "105 degrees with a slight distortion; --fov" in said
    assert "--extrinsic" in said
    assert load_bundle(tmp_path / "a").info.horizontal_fov is None


@pytest.mark.parametrize(
    ("words", "named"),
    [
        ((), "give a BAG"),
        (("--camera-only",), "--camera-only reads a BAG"),
        (("--fisheye",), "--fisheye says"),
        (("BAG", "--fisheye"), "say --fov"),
        (("--aspect", "4:3"), "--aspect says"),
        (("--fov", "180"), "between 10 and 170"),
        (("--fov", "5", "--fisheye"), "between 10 and 200"),
        (("--fov", "90", "--odom-topic", "/odom"), "go without a BAG"),
        (("BAG", "--fov", "90", "--aspect", "16:9"), "--aspect is for"),
        (("none", "--camera-only"), "does not exist"),
        (("--fov", "90", "--extrinsic", "0 0 0 0 0 0 2"), "--extrinsic has"),
    ],
)
def test_wrong_use_is_one_line_and_leaves_nothing(
    bag: Path,
    tiny_bundle: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    words: tuple[str, ...],
    named: str,
) -> None:
    given = [bag if word == "BAG" else word for word in words]
    assert slowfeat("adapt", tiny_bundle, *given, "--out", tmp_path / "out") == 2
    said = capsys.readouterr().err
    assert named in said
    assert len(said.strip().splitlines()) == 1
    assert not (tmp_path / "out").exists()
