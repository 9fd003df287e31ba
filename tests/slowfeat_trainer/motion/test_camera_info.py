"""What camera_info says of lenses, and when it is not to be believed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from slowfeat_trainer import bags
from slowfeat_trainer.data.options import IngestOptions
from slowfeat_trainer.ingest.ingest_bag import read_recording
from slowfeat_trainer.motion.camera_info import read_calibration
from tests.helpers.bag_factory import HORIZONTAL_FOV, BagRecipe, make_bag

RAW = "/camera/image/compressed"
BARREL = BagRecipe(
    frames=20, with_camera_info=True, distortion=("plumb_bob", (-0.2, 0.05, 0.0, 0.0, 0.0))
)


def told(
    path: Path, recipe: BagRecipe, topic: str = RAW
) -> tuple[float | None, list[float] | None]:
    with bags.open_bag(make_bag(path, recipe)) as reader:
        topics = bags.topics_of(reader)
        found = read_calibration(reader, topics, topic)
        return found.horizontal_fov, found.lens


def test_distortion_becomes_a_lens_that_bends(tmp_path: Path) -> None:
    fov, lens = told(tmp_path / "bag", BARREL)
    assert fov == pytest.approx(HORIZONTAL_FOV)
    assert lens is not None
    # Barrel distortion: the image shrinks towards the edge.
    assert lens[2] > 0.1
    focal, half = 1 / np.tan(HORIZONTAL_FOV / 2), np.array([32, 24])
    # Near the middle the lens is what the matrix says.
    np.testing.assert_allclose(np.array(lens[:2]) / (1 + lens[2]), focal * 32 / half, rtol=0.05)


@pytest.mark.parametrize(
    "distortion",
    [
        ("plumb_bob", (0.0,) * 5),
        ("", ()),
        ("somebody's own", (0.3, 0.2)),
        ("plumb_bob", (0.3,)),
        ("plumb_bob", (float("nan"),) * 5),
    ],
)
def test_what_is_no_distortion_or_is_not_known_is_a_pinhole(
    tmp_path: Path, distortion: tuple[str, tuple[float, ...]]
) -> None:
    fov, lens = told(tmp_path / "bag", replace(BARREL, distortion=distortion))
    assert fov == pytest.approx(HORIZONTAL_FOV)
    assert lens is None


@pytest.mark.parametrize(
    ("topic", "bends"),
    [
        ("/camera/image_rect", False),
        ("/camera/image_rect_color/compressed", False),
        ("/camera/rectified/image", False),
        ("/direct/image_raw", True),
    ],
)
def test_rectified_pictures_have_no_distortion_left(
    tmp_path: Path, topic: str, bends: bool
) -> None:
    assert (told(tmp_path / "bag", BARREL, topic)[1] is not None) is bends


def test_a_bag_without_camera_info_tells_nothing(tmp_path: Path) -> None:
    assert told(tmp_path / "bag", BagRecipe(frames=4)) == (None, None)


def test_a_recording_knows_its_lens(tmp_path: Path) -> None:
    recording = read_recording(make_bag(tmp_path / "bag", BARREL), IngestOptions())
    assert recording.camera.lens is not None
    assert recording.camera.horizontal_fov == pytest.approx(HORIZONTAL_FOV)
