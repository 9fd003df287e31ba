"""Errors relative to the distance moved, for a code that knows everything or nothing."""

from __future__ import annotations

import pytest

from slowfeat_trainer.report.held_out_section import error_ratios
from slowfeat_trainer.report.report_data import ReportData
from tests.slowfeat_trainer.report.conftest import changed


def test_errors_of_an_oracle_and_of_standing_still(subject: ReportData) -> None:
    pairs = subject.material.pairs.single
    z = subject.own(subject.split.test.frames)
    assert error_ratios(changed(subject, z[pairs.after])).max() == 0.0
    still = changed(subject, z[pairs.before])
    assert error_ratios(still).mean() == pytest.approx(1.0, abs=0.05)
