"""The floor of ingest makes the frames that ingest makes, and longer bags are longer bags."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from rosbags.highlevel import AnyReader

from benchmarks.performance import ingest
from benchmarks.performance.long_bags import lengthen
from benchmarks.performance.made_bag import make_bag
from slowfeat.errors import UsageError
from slowfeat_trainer.data.options import IngestOptions
from slowfeat_trainer.ingest.ingest_bag import read_recording
from tests.helpers.bag_factory import BagRecipe
from tests.helpers.bag_factory import make_bag as bag_of_a_recipe

FRAMES = 40


@pytest.fixture(scope="module")
def bag(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_bag(tmp_path_factory.mktemp("bags") / "drive", FRAMES, (160, 120))


def test_the_floor_does_the_work_of_ingest(bag: Path) -> None:
    jpegs = ingest.jpegs_of(bag)
    frames = read_recording(bag, IngestOptions()).frames
    assert len(jpegs) == len(frames) == FRAMES
    np.testing.assert_array_equal([ingest.small(jpeg) for jpeg in jpegs], frames)


def test_the_floor_reduces_as_ingest_does(tmp_path: Path) -> None:
    larger = make_bag(tmp_path / "larger", FRAMES, (426, 240))
    jpegs = ingest.jpegs_of(larger)
    flag = ingest.flag_of(jpegs)
    assert flag
    frames = read_recording(larger, IngestOptions()).frames
    np.testing.assert_array_equal([ingest.small(jpeg, flag) for jpeg in jpegs], frames)
    whole = read_recording(larger, IngestOptions(decoding="whole")).frames
    np.testing.assert_array_equal([ingest.small(jpeg) for jpeg in jpegs], whole)


def test_all_of_them_run(bag: Path) -> None:
    turns = ingest.compare(bag, ingest.jpegs_of(bag), 1, 0.0)
    assert set(turns.seconds) == {ingest.FLOOR, ingest.WHOLE, "ours", "naive"}


def test_a_bag_without_jpegs_is_refused(tmp_path: Path) -> None:
    silent = bag_of_a_recipe(tmp_path / "silent", BagRecipe(frames=4, image_topics=()))
    with pytest.raises(UsageError, match="holds no JPEG images"):
        ingest.jpegs_of(silent)


def test_a_bag_made_longer_goes_on_in_time(bag: Path, tmp_path: Path) -> None:
    longer = lengthen(bag, 3, tmp_path / "longer")
    recording = read_recording(longer, IngestOptions())
    assert len(recording) == 3 * FRAMES
    assert np.all(np.diff(recording.stamps) > 0)
    with AnyReader([bag]) as one, AnyReader([longer]) as three:
        assert three.message_count == 3 * one.message_count
