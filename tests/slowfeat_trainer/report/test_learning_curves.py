"""The course of a training: its log as it stands, its network as it began and as it ended."""

from __future__ import annotations

from pathlib import Path

import pytest

from slowfeat_trainer.evaluation.temporal_coherence import slowness_auroc
from slowfeat_trainer.report.learning_curves import read_log, slowness_course, training_section
from slowfeat_trainer.report.report_data import ReportData


def test_the_course_ends_where_the_bundle_is(subject: ReportData) -> None:
    course = slowness_course(subject)
    assert [step for step, _, _ in course] == [0, 100, 120]
    test = subject.split.test
    assert course[-1][2] == pytest.approx(
        slowness_auroc(subject.own(test.frames), test.block), abs=1e-3
    )
    # Neighbouring frames are alike in any projection: J fig. 12.
    assert course[0][2] > 0.7


def test_a_torn_last_line_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "log.jsonl").write_text('{"step": 20, "drlim": 0.5}\n{"step": 40, "dr')
    assert read_log(tmp_path) == [{"step": 20, "drlim": 0.5}]
    assert read_log(None) == read_log(tmp_path / "nowhere") == []


def test_each_term_of_the_loss_has_its_curve(subject: ReportData) -> None:
    section = training_section([subject])
    for term in ("drlim", "equivariance"):
        assert f"<h3>{term}</h3>" in section
    assert "data_s" not in section
    assert "a step took" in section
