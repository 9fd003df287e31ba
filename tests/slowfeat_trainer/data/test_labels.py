"""Labels belong to a bag, whatever the time was."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np

from slowfeat_trainer.data.labels import UNLABELLED, label_frames
from slowfeat_trainer.data.options import IngestOptions
from slowfeat_trainer.data.pairs import split_by_time
from slowfeat_trainer.ingest.ingest_bag import read_recording
from tests.helpers.bag_factory import BagRecipe, make_bag


def test_robots_that_drove_at_once_keep_their_own_classes(tmp_path: Path) -> None:
    bag = make_bag(tmp_path / "one", BagRecipe(frames=100, rate=20.0))
    one = read_recording(bag, IngestOptions(image_size=(32, 32)))
    two = dataclasses.replace(one, path=tmp_path / "two", sha256="ab12")
    file = tmp_path / "labels.csv"
    file.write_text("bag,from_s,to_s,label\none,0,100,hall\ntwo,0,1.01,yard\n")
    part = split_by_time([one, two], 0.2, 0.2).train
    labels = label_frames(file, [one, two], part)
    assert labels.names == ["hall", "yard"]
    first, second = (labels.of_frame[part.source == r.key] for r in (one, two))
    assert len(first) == len(second) == len(part) // 2
    assert set(first) == {0}
    np.testing.assert_array_equal(second[:20], 1)
    assert set(second[22:]) == {UNLABELLED}
