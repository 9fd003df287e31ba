"""Curves of temporal coherence, with their areas."""

from __future__ import annotations

from slowfeat_trainer.evaluation.measure_bundle import OWN, PIXELS, UNTRAINED
from slowfeat_trainer.report.coherence_section import coherence_section
from slowfeat_trainer.report.report_data import ReportData


def test_each_space_has_its_curve_and_area(subject: ReportData) -> None:
    section = coherence_section([subject])
    spaces = subject.evaluation.spaces
    assert f"{subject.name}: {spaces[OWN].number('auc_time'):.2f}" in section
    for space in (PIXELS, UNTRAINED):
        assert f"{space}: {spaces[space].number('auc_time'):.2f}" in section
    assert f"by chance: {spaces[OWN].number('auc_time_chance'):.2f}" in section
    assert section.count("<path class=") - section.count('class="axis"') >= 4
