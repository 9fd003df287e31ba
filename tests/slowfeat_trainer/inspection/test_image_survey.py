"""Raw images and video are counted as ingest counts them, and shown on the page."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from rosbags.rosbag2 import StoragePlugin, Writer

from slowfeat.cli import main
from slowfeat_trainer.data.options import IngestOptions
from slowfeat_trainer.ingest.ingest_bag import read_recording
from slowfeat_trainer.inspection import image_survey as images_module
from slowfeat_trainer.inspection.survey import inspect_bag
from tests.helpers.bag_factory import NS, START_S, BagRecipe, _forward, make_bag, picture, yaw_at
from tests.helpers.image_topics import IMAGES, STORE
from tests.helpers.motion_bags import odometry

RECIPE = BagRecipe(frames=150)


def make(path: Path, encoding: str, drop_first: bool = False) -> Path:
    t = [k / RECIPE.rate for k in range(RECIPE.frames)]
    pictures = [picture(yaw_at(s), _forward(s, False)) for s in t]
    kind, messages = IMAGES[encoding](pictures, [START_S * NS + round(s * NS) for s in t])
    with Writer(path, version=8, storage_plugin=StoragePlugin.MCAP) as writer:
        connection = writer.add_connection("/camera/image", kind, typestore=STORE)
        for s, message in list(zip(t, messages, strict=True))[int(drop_first) :]:
            stamp = START_S * NS + round(s * NS)
            writer.write(connection, stamp, STORE.serialize_cdr(message, kind))
        odometry(writer, RECIPE)
    return path


@pytest.mark.parametrize("encoding", ["bgr8", "video-h264", "ffmpeg-h264"])
def test_pictures_of_every_kind_are_shown(encoding: str, tmp_path: Path) -> None:
    if encoding not in ("bgr8",):
        pytest.importorskip("av")
    bag = make(tmp_path / "bag", encoding)
    assert main(["inspect", str(bag), "--html", str(tmp_path / "a.html")]) == 0
    assert (tmp_path / "a.html").read_text(encoding="utf-8").count("<img") > 8


def test_video_without_its_first_keyframe_is_lost_as_ingest_loses_it(tmp_path: Path) -> None:
    pytest.importorskip("av")
    bag = make(tmp_path / "bag", "video-h264", drop_first=True)
    expected = read_recording(bag, IngestOptions()).dropped
    assert inspect_bag(bag, IngestOptions()).dropped == expected
    assert sum(expected.values()) > 0


def test_of_a_long_video_only_the_beginning_is_decoded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("av")
    monkeypatch.setattr(images_module, "FIRST", 60)
    bag = make(tmp_path / "bag", "video-h264")
    survey = inspect_bag(bag, IngestOptions())
    assert survey.images is not None
    assert survey.images.tried == 60
    assert not survey.dropped
    assert main(["inspect", str(bag), "--html", str(tmp_path / "a.html")]) == 0
    assert (tmp_path / "a.html").read_text(encoding="utf-8").count("<img") > 4


DEFAULT = IngestOptions()
FAULTY = BagRecipe(
    zero_stamp={5}, repeated_stamp={9, 10}, broken_jpeg={20, 21, 90}, nan_pose={30, 31, 32, 100}
)


@pytest.mark.parametrize("options", [DEFAULT, IngestOptions(rate_hz=5.0)])
def test_of_a_long_bag_a_sample_is_decoded_and_stamps_stay_exact(
    options: IngestOptions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The first broken image lies in what is decoded anyway, the other one where nothing is.
    recipe = replace(
        FAULTY, frames=300, broken_jpeg={20, 290}, zero_stamp={250}, repeated_stamp={260}
    )
    bag = make_bag(tmp_path / "bag", recipe)
    monkeypatch.setattr(images_module, "FIRST", 100)
    monkeypatch.setattr(images_module, "SAMPLES", 6)
    exact = read_recording(bag, options).dropped
    quick = inspect_bag(bag, options)
    assert quick.images is not None
    assert not quick.images.complete
    assert quick.images.tried < 130
    name = "image: cannot be decoded"
    assert quick.dropped.pop(name, 0) < exact.pop(name)
    assert quick.dropped == exact
    everything = inspect_bag(bag, options, everything=True)
    assert everything.images is not None
    assert everything.images.complete
    assert everything.dropped == read_recording(bag, options).dropped


def test_a_broken_image_among_the_samples_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bag = make_bag(tmp_path / "bag", BagRecipe(frames=300, broken_jpeg=set(range(150, 300))))
    monkeypatch.setattr(images_module, "FIRST", 100)
    monkeypatch.setattr(images_module, "SAMPLES", 30)
    survey = inspect_bag(bag, DEFAULT)
    assert survey.images is not None
    # 100 at the beginning and 20 samples behind them, of which 15 are broken.
    assert (survey.images.tried, survey.images.undecodable) == (120, 15)
