"""Bag formats x image encodings x sources of motion: each face of that cube, cell by cell.

In every cell frames, stamps and motions must be those of the drive that was recorded; nothing may
be lost. A cell that merely ran would prove little.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import cv2
import numpy as np
import pytest
from rosbags.rosbag2 import StoragePlugin, Writer

from slowfeat.geometry import relative_motion
from slowfeat.images import resize_for_encoder
from slowfeat_trainer.data.options import IngestOptions
from slowfeat_trainer.ingest.ingest_bag import read_recording
from tests.helpers.bag_factory import NS, START_S, BagRecipe, picture, yaw_at
from tests.helpers.bag_formats import FORMATS
from tests.helpers.image_topics import GREY, IMAGES, STORE
from tests.helpers.motion_bags import MOTIONS, WHEELBASE_M, truth

pytestmark = pytest.mark.slow
RECIPE = BagRecipe(frames=20, odom_rate=50.0)
SIZE = (24, 32)
# Formats that differ in how bytes lie, for the encodings; the motions meet every format.
BYTES = (
    "mcap",
    "mcap-storage-zstd",
    "mcap-message-zstd",
    "mcap-split",
    "mcap-file-lz4",
    "mcap-file-unchunked",
    "sqlite3",
    "sqlite3-file-zstd",
    "db3",
    "ros1",
    "ros1-bz2",
)
# Mean absolute error of a frame in grey levels: what the encoding itself loses.
LOSSY = {
    "bayer": 8.0,
    "video": 6.0,
    "ffmpeg": 6.0,
    "yuv": 3.0,
    "yuyv": 3.0,
    "nv": 4.0,
    "jpeg": 4.0,
    "webp": 4.0,
}


@cache
def pictures() -> list[np.ndarray]:
    """What the camera saw, in colour."""
    seen = []
    for k in range(RECIPE.frames):
        grey = picture(yaw_at(k / RECIPE.rate), 0.4 * k / RECIPE.rate).astype(np.float64)
        # A colour of its own for each channel, or a swap of two would go unseen.
        tint = np.array([1.0, 0.6, 0.3])
        seen.append(np.clip(cv2.GaussianBlur(grey, (0, 0), 2.0) * tint, 0, 255).astype(np.uint8))
    return seen


def stamps() -> list[int]:
    return [START_S * NS + round(k / RECIPE.rate * NS) for k in range(RECIPE.frames)]


def make(path: Path, encoding: str, motion: str) -> Path:
    with Writer(path, version=8, storage_plugin=StoragePlugin.MCAP) as writer:
        kind, messages = IMAGES[encoding](pictures(), stamps())
        connection = writer.add_connection("/camera/image", kind, typestore=STORE)
        for stamp, message in zip(stamps(), messages, strict=True):
            writer.write(connection, stamp, STORE.serialize_cdr(message, kind))
        MOTIONS[motion](writer, RECIPE)
    return path


def check(bag: Path, encoding: str, motion: str) -> None:
    options = IngestOptions(image_size=SIZE, wheelbase_m=WHEELBASE_M)
    recording = read_recording(bag, options)
    assert not [r for r in recording.dropped if r.startswith("image")], recording.dropped
    assert recording.stamps.tolist() == stamps()
    expected = np.stack([resize_for_encoder(p, SIZE) for p in pictures()]).astype(np.float64)
    if encoding in GREY:
        grey = [cv2.cvtColor(p, cv2.COLOR_RGB2GRAY) for p in pictures()]
        expected = np.stack([resize_for_encoder(np.stack([g] * 3, -1), SIZE) for g in grey])
    error = np.abs(recording.frames - expected.astype(np.float64)).mean(axis=(1, 2, 3))
    limit = next((v for name, v in LOSSY.items() if encoding.startswith(name)), 1.0)
    assert error.max() < limit
    assert recording.camera.frame == "camera_optical_frame"
    assert recording.camera.size == (64, 48)
    real = truth(motion, (recording.stamps - START_S * NS) / NS)
    found = relative_motion(recording.poses[:-5], recording.poses[5:])
    np.testing.assert_allclose(found, relative_motion(real[:-5], real[5:]), atol=5e-3)
    assert np.abs(found[:, 5]).max() > 0.1  # the drive turns: a constant would not pass


@pytest.mark.parametrize("encoding", IMAGES)
@pytest.mark.parametrize("format_", BYTES)
def test_every_encoding_in_every_kind_of_storage(
    format_: str, encoding: str, tmp_path: Path
) -> None:
    # The third side goes round, so that each meets a few of the others' pairs.
    names = list(MOTIONS)
    motion = names[(BYTES.index(format_) + list(IMAGES).index(encoding)) % len(names)]
    made = make(tmp_path / "bag", encoding, motion)
    check(FORMATS[format_](made, tmp_path / "other"), encoding, motion)


@pytest.mark.parametrize("motion", MOTIONS)
@pytest.mark.parametrize("format_", FORMATS)
def test_every_source_of_motion_in_every_format(format_: str, motion: str, tmp_path: Path) -> None:
    made = make(tmp_path / "bag", "jpeg", motion)
    check(FORMATS[format_](made, tmp_path / "other"), "jpeg", motion)


@pytest.mark.parametrize("motion", MOTIONS)
@pytest.mark.parametrize("encoding", IMAGES)
def test_every_encoding_with_every_source_of_motion(
    encoding: str, motion: str, tmp_path: Path
) -> None:
    check(make(tmp_path / "bag", encoding, motion), encoding, motion)
