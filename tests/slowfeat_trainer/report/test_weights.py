"""Filters as drawings, from models and from dictionaries."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from slowfeat_trainer.report.report_data import ReportData, gather
from slowfeat_trainer.report.weights import dictionary_of, first_filters, weights_section
from tests.conftest import tiny_encoder
from tests.slowfeat_trainer.report.conftest import slowfeat


def test_a_model_without_convolutions_has_no_filters() -> None:
    assert first_filters(tiny_encoder()) is None


def test_filters_are_those_of_the_exported_network(subject: ReportData) -> None:
    kernels = first_filters(subject.encoder.bundle.encoder)
    assert kernels is not None
    assert kernels.shape == (32, 3, 5, 5)
    assert "32 of 32 filters of 5x5 pixels" in weights_section([subject])
    assert dictionary_of(subject) is None


@pytest.mark.slow
def test_a_dictionary_shows_its_columns_pool_by_pool(bag: Path, tmp_path: Path) -> None:
    out = tmp_path / "goroshin"
    settings = ["--preset", "goroshin_1", "--steps", "4", "--batch-size", "4", "--patterns", "2"]
    assert slowfeat("train", bag, "--out", out, *settings) == 0
    found = gather([out], None)
    dictionary = dictionary_of(found[0])
    assert dictionary is not None
    columns, pools = dictionary
    assert columns.shape == (64, 3, 9, 9)
    np.testing.assert_allclose(np.linalg.norm(columns.reshape(64, -1), axis=1), 1.0, rtol=1e-4)
    assert pools[1] == [4, 5, 6, 7]
    assert "in 16 pools" in weights_section(found)
