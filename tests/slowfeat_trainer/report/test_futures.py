"""Predicted frames, for a code that knows everything or nothing."""

from __future__ import annotations

from slowfeat_trainer.report.futures import found_share
from slowfeat_trainer.report.report_data import ReportData
from tests.slowfeat_trainer.report.conftest import changed


def test_finds_of_an_oracle_and_of_standing_still(subject: ReportData) -> None:
    pairs = subject.material.pairs.single
    z = subject.own(subject.split.test.frames)
    assert found_share(changed(subject, z[pairs.after]))[0] == 1.0
    right, chance = found_share(changed(subject, z[pairs.before]))
    assert right == 0.0
    assert 0 < chance < 0.1
