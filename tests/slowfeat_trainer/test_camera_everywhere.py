"""One camera, three places that speak of it: inspect's words, the bundle, and the node's ~/info."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from slowfeat.bundle import load_bundle, write_bundle
from slowfeat.encoder import Encoder
from slowfeat_trainer.bundling.bundle_run import TrainingBag
from slowfeat_trainer.bundling.bundle_run import describe as bundle_info_of
from slowfeat_trainer.config.train_config import config_of_preset
from slowfeat_trainer.data.options import IngestOptions
from slowfeat_trainer.ingest.ingest_bag import read_recording
from slowfeat_trainer.inspection.report_text import describe
from slowfeat_trainer.inspection.survey import inspect_bag
from tests.conftest import TINY_DIMENSION, TINY_PATTERNS, TINY_SIZE, tiny_encoder, tiny_transform
from tests.helpers import reported_bags as bags
from tests.helpers.painted_room import picture, yaw_at

pytest.importorskip("slowfeat_interfaces")
pytestmark = pytest.mark.ros

READING = IngestOptions(image_size=TINY_SIZE)


def small(t: float) -> np.ndarray:
    return picture(yaw_at(t), **bags.SMALL)


# Bags, and how many degrees the lens of each sees.
BAGS: dict[str, tuple[Callable[[Path], Path], float]] = {
    "jpeg": (bags.bag(), 56.1),
    "portrait": (bags.upside_down(), 56.1),
    "rgb8": (bags.raw_pictures(small, "rgb8"), 56.1),
    "bgr8": (bags.raw_pictures(lambda t: small(t)[..., ::-1], "bgr8"), 56.1),
    "mono8": (bags.raw_pictures(lambda t: small(t)[..., 1], "mono8"), 56.1),
    "twelve bits": (bags.twelve_bits(), 56.1),
    "fisheye": (
        bags.calibrated(focal=22.0, model="equidistant", coefficients=(0.02, -0.01, 0.003, 0.0)),
        111.0,
    ),
    "region of interest": (bags.calibrated(size=(128, 96), roi=(32, 24, 64, 48)), 56.1),
    "rectified": (bags.rectified(), 56.1),
    "frame that is not optical": (bags.frame_not_optical(), 56.1),
}


def node_says(bag: Path, folder: Path) -> tuple[Encoder, object]:
    """The encoder of a bundle for the bag's camera, and the message that a node sends of it."""
    from slowfeat.nodes.messages import Header, bundle_info_message

    recording = read_recording(bag, READING)
    data = SimpleNamespace(
        cameras=SimpleNamespace(of_recording=lambda _: 0),
        number=0,
        pairs=SimpleNamespace(motions=np.array(TINY_PATTERNS), gap_s=np.array([0.5, 0.5])),
        patterns=SimpleNamespace(centroids=np.array(TINY_PATTERNS), counts=[3, 4]),
    )
    config = config_of_preset("drlim", reading=IngestOptions(image_size=(32, 32)))
    config = replace(config, reading=READING)  # smaller than what is trained on
    fitted = SimpleNamespace(form="linear", calibration_error=0.1)
    info = bundle_info_of(
        "tiny",
        data,
        [recording],
        config,
        [TrainingBag("drive", recording.sha256)],
        fitted,
        TINY_DIMENSION,
    )  # type: ignore[arg-type]
    write_bundle(folder, info, tiny_encoder(), tiny_transform())
    encoder = Encoder(load_bundle(folder), provider="cpu")
    return encoder, bundle_info_message(encoder, Header().stamp)


@pytest.mark.parametrize(
    "name",
    [
        name if name in ("portrait", "rectified") else pytest.param(name, marks=pytest.mark.slow)
        for name in BAGS
    ],
)
def test_inspect_bundle_and_node_say_the_same_of_the_camera(name: str, tmp_path: Path) -> None:
    make, degrees = BAGS[name]
    bag = make(tmp_path / "drive")
    survey = inspect_bag(bag, IngestOptions())
    encoder, message = node_says(bag, tmp_path / "bundle")
    info = encoder.info
    assert survey.field_of_view is not None
    assert math.degrees(survey.field_of_view) == pytest.approx(degrees, abs=1.0)
    assert f"{math.degrees(survey.field_of_view):.0f} deg wide" in describe(survey)
    assert info.horizontal_fov == pytest.approx(survey.field_of_view)
    assert message.horizontal_fov == pytest.approx(survey.field_of_view)  # type: ignore[attr-defined]
    assert message.camera_frame == info.frames.camera == survey.camera.frame  # type: ignore[attr-defined]
    assert message.body_frame == info.frames.body == "base_link"  # type: ignore[attr-defined]
    assert info.frames.extrinsic == pytest.approx(survey.extrinsic)
    assert info.image_bits == (12 if name == "twelve bits" else 16)
