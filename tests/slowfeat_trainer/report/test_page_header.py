"""The top of the page: what was learned from, and the figures that matter."""

from __future__ import annotations

import dataclasses

from slowfeat_trainer.evaluation.measure_bundle import OWN
from slowfeat_trainer.report.page_header import key_figures, opening
from slowfeat_trainer.report.report_data import ReportData


def test_a_run_is_said_with_its_preset_size_and_bags(subject: ReportData) -> None:
    text = opening([subject], [("errors", "Errors")])
    assert "preset <code>equiv_drlim</code>, 120 steps, 64x64 pixels to 16 numbers" in text
    assert "learned from secret_home" in text
    assert '<a href="#errors">Errors</a>' in text
    alone = opening([dataclasses.replace(subject, config=None, name="<b>")], [])
    assert "preset" not in alone
    assert "&lt;b&gt;" in alone
    assert "<b>" not in alone


def test_the_four_numbers_are_those_of_the_evaluation(subject: ReportData) -> None:
    row = subject.evaluation.comparison.rows["bundle's map"]
    shown = key_figures([subject])
    assert f'<div class="big">{row.rho:.2f}</div>' in shown
    assert (
        f'<div class="big">{subject.evaluation.spaces[OWN].number("auc_time"):.2f}</div>' in shown
    )
    assert shown.count('class="big"') == 4
    # A heading tells runs apart only where there are several.
    assert subject.heading not in shown
    assert key_figures([subject, subject]).count(subject.heading) == 2
