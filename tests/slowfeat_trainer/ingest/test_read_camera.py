"""A bag's camera without its frames: the same as a whole reading finds."""

from __future__ import annotations

from pathlib import Path

import pytest

from slowfeat.errors import BagError, UsageError
from slowfeat_trainer.data.options import IngestOptions
from slowfeat_trainer.ingest.ingest_bag import read_recording
from slowfeat_trainer.ingest.read_camera import FIRST_IMAGES, read_camera
from tests.helpers.bag_factory import BagRecipe, make_bag

BARREL = ("plumb_bob", (-0.2, 0.05, 0.0, 0.0, 0.0))


def test_it_is_the_camera_that_a_whole_reading_finds(tmp_path: Path) -> None:
    recipe = BagRecipe(
        frames=30,
        with_camera_info=True,
        with_tf_static=True,
        distortion=BARREL,
        # The first image is broken.
        broken_jpeg={0},
    )
    bag = make_bag(tmp_path / "bag", recipe)
    found, whole = read_camera(bag, IngestOptions()), read_recording(bag, IngestOptions())
    assert found.camera == whole.camera
    assert found.body_frame == whole.body_frame
    assert found.camera.lens is not None
    assert not found.warnings


def test_no_odometry_is_needed_unless_it_is_asked_for(tmp_path: Path) -> None:
    bag = make_bag(tmp_path / "bag", BagRecipe(frames=3, odom_topics=(), with_tf_static=True))
    found = read_camera(bag, IngestOptions())
    assert found.body_frame == "base_link"
    assert found.camera.extrinsic is not None
    with pytest.raises(UsageError, match="/wheels"):
        read_camera(bag, IngestOptions(odom_topic="/wheels"))


def test_pictures_that_are_none_are_said(tmp_path: Path) -> None:
    frames = FIRST_IMAGES + 2
    bag = make_bag(tmp_path / "bag", BagRecipe(frames=frames, broken_jpeg=set(range(frames))))
    with pytest.raises(BagError, match="shows an image"):
        read_camera(bag, IngestOptions())
