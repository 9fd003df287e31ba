"""What a report is measured on."""

from __future__ import annotations

from slowfeat_trainer.evaluation.measure_bundle import EvaluationData
from slowfeat_trainer.report.report_data import ReportData


def test_materials_are_of_the_part_that_was_kept_out(subject: ReportData) -> None:
    assert isinstance(subject.material, EvaluationData)
    # 40 % of 300 frames.
    assert len(subject.split.test) == 120
