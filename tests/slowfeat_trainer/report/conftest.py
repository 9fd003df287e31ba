"""A run as a user's command leaves it, and its page."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from slowfeat import cli
from slowfeat_trainer.report.report_data import ReportData, gather
from slowfeat_trainer.report.report_page import make_page
from tests.helpers.bag_factory import BagRecipe, make_bag

QUICK = ["--steps", "120", "--batch-size", "16", "--patterns", "3"]


def slowfeat(*words: object) -> int:
    return cli.main([str(word) for word in words])


@pytest.fixture(scope="session")
def bag(tmp_path_factory: pytest.TempPathFactory) -> Path:
    recipe = BagRecipe(frames=300, with_camera_info=True)
    return make_bag(tmp_path_factory.mktemp("bags") / "secret_home", recipe)


@pytest.fixture(scope="session")
def run(bag: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("runs") / "first"
    settings = ["--preset", "equiv_drlim", "--dimension", "16"]
    assert slowfeat("train", bag, "--out", out, *settings, *QUICK) == 0
    return out


@pytest.fixture(scope="session")
def subject(run: Path) -> ReportData:
    return gather([run], None)[0]


@pytest.fixture(scope="session")
def page(subject: ReportData) -> str:
    return make_page([subject], frames=True)


class Oracle:
    """An encoder whose prediction is given, in place of a bundle's."""

    def __init__(self, info: object, answers: np.ndarray) -> None:
        self.info = info
        self._answers = answers

    def predict(self, start: np.ndarray, _motions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        assert len(start) == len(self._answers)
        return self._answers, np.ones(len(start))


def changed(subject: ReportData, answers: np.ndarray) -> ReportData:
    """A subject whose predictions are the answers given."""
    return dataclasses.replace(subject, encoder=Oracle(subject.encoder.info, answers))  # type: ignore[arg-type]
