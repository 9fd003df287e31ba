"""What judges a trial: a collapse wins nothing, and figures say what they
should on codes that are known.
"""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from slowfeat_trainer.config.train_config import config_of_preset
from slowfeat_trainer.data.options import IngestOptions
from slowfeat_trainer.data.recording import Recording
from slowfeat_trainer.ingest.ingest_bag import read_recording
from slowfeat_trainer.tuning.folds import (
    calibration_fold,
)
from slowfeat_trainer.tuning.judging import Fold, judge, nearest_recall
from tests.helpers.bag_factory import BagRecipe, make_bag

READING = IngestOptions(image_size=(32, 32))


class Code(nn.Module):
    """A fixed linear code of the shrunk image, as large as asked for."""

    def __init__(self, dimension: int, scale: float = 1.0, constant: bool = False) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.matrix = nn.Parameter(scale * torch.randn(8 * 8 * 3, dimension))
        self.constant = constant

    def forward(self, image: Tensor) -> Tensor:
        small = nn.functional.avg_pool2d(image.float().permute(0, 3, 1, 2), 4).flatten(1) / 255
        z: Tensor = (small - 0.5) @ self.matrix
        return 0 * z + 1 if self.constant else z


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Recording:
    bag = make_bag(tmp_path_factory.mktemp("judging") / "drive", BagRecipe(frames=1200, rate=20.0))
    return read_recording(bag, READING)


@pytest.fixture(scope="module")
def fold(recording: Recording) -> Fold:
    return calibration_fold([recording], config_of_preset("drlim", reading=READING))


def test_a_constant_gets_chance_no_gain_and_counts_as_collapsed(fold: Fold) -> None:
    found = judge(Code(8, constant=True), fold)
    assert found.auc_time == pytest.approx(found.auc_chance)
    assert found.motion_gain == pytest.approx(0.0, abs=1e-6)
    assert found.has_collapsed


def test_a_line_counts_as_collapsed_however_well_it_ranks(fold: Fold) -> None:
    assert judge(Code(1), fold).has_collapsed


def test_pictures_are_above_chance_tell_the_motion_and_do_not_depend_on_scale(fold: Fold) -> None:
    found, small = judge(Code(24), fold), judge(Code(24, 1e-3), fold)
    assert found.auc_time is not None
    assert found.auc_chance is not None
    assert found.auc_time > found.auc_chance + 0.05
    assert found.motion_gain is not None
    assert found.motion_gain > 0.05
    assert not found.has_collapsed
    assert small.auc_time == pytest.approx(found.auc_time, abs=1e-6)
    assert small.motion_gain == pytest.approx(found.motion_gain, abs=1e-3)


def test_more_dimensions_than_frames_change_neither_rank_nor_gain_much(fold: Fold) -> None:
    """A wide random projection keeps distances; only principal components are fitted."""
    narrow, wide = judge(Code(160), fold), judge(Code(900), fold)
    assert wide.effective_rank == pytest.approx(narrow.effective_rank, rel=0.3)
    assert wide.motion_gain == pytest.approx(narrow.motion_gain, abs=0.25)


def test_neighbours_vote_and_every_class_counts_alike() -> None:
    bank = np.array([[1.0, 0.0], [1.0, 0.1], [0.0, 1.0], [0.1, 1.0]])
    classes = np.array([0, 0, 1, 1])
    queries = np.array([[2.0, 0.1]] * 9 + [[1.0, 0.2]])
    truth = np.array([0] * 9 + [1])
    assert nearest_recall(bank, classes, queries, truth, 2) == pytest.approx(0.5)
    assert nearest_recall(bank, classes, bank, classes, 2) == 1.0
    constant = np.ones((10, 2))
    assert nearest_recall(np.ones((4, 2)), classes, constant, truth, 2) == 0.5
