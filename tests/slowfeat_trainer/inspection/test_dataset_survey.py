"""What is said of a dataset, whole and damaged."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from slowfeat_trainer.data.options import IngestOptions, SplitRule
from slowfeat_trainer.ingest.dataset import Dataset, Entry
from slowfeat_trainer.inspection.dataset_survey import (
    DatasetSurvey,
    describe_dataset,
    record_of_dataset,
)

DATASET = Dataset(
    Path("data"),
    IngestOptions(image_size=(24, 32)),
    SplitRule(),
    [Entry("monday", "a" * 64, 100, 80), Entry("tuesday", "b" * 64, 50, 40)],
)


@pytest.fixture
def recording() -> Any:
    return SimpleNamespace(
        seconds=12.0,
        image_topic="/image",
        odom_topic="/odom",
        motion_kind="odometry",
        odom_offset_s=-0.2,
        dropped=Counter({"image: cannot be decoded": 3}),
        warnings=["look out"],
    )


def test_bags_frames_and_drops_are_added_up(recording: Any) -> None:
    survey = DatasetSurvey(DATASET, [recording, recording], [])
    assert survey.dropped == Counter({"image: cannot be decoded": 6})
    text = describe_dataset(survey)
    assert "dataset of 2 bags, 150 frames of 32x24, 120 pairs" in text
    assert "--size 32x24" in text
    assert "odometry -0.200 s" in text
    assert "dropped: 3 image: cannot be decoded" in text
    assert "warning: look out" in text
    assert "whole: every array is what was written" in text
    assert "slowfeat train data --out RUN" in text


def test_a_damaged_bag_is_named_and_nothing_is_trained_on(recording: Any) -> None:
    survey = DatasetSurvey(DATASET, [recording, None], ["tuesday: frames.npy is missing"])
    text = describe_dataset(survey)
    assert "damage:    tuesday: frames.npy is missing" in text
    assert "verdict:   damaged" in text
    assert "slowfeat train" not in text
    record = json.loads(json.dumps(record_of_dataset(survey)))
    assert [bag["warnings"] for bag in record["bags"]] == [["look out"], []]
    assert record["damage"] == survey.damage
    assert (record["frames"], record["pairs"]) == (150, 120)
