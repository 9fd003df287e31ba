"""The page in a real browser: complete, silent, and not wider than the window."""

from __future__ import annotations

from pathlib import Path

import pytest

from slowfeat_trainer.page.document import document
from slowfeat_trainer.report.report_data import ReportData
from slowfeat_trainer.report.report_page import make_page
from tests.helpers.browser import look_at, needs_browser


@needs_browser
@pytest.mark.parametrize("width", [390, 1280])
def test_the_page_is_complete_silent_and_not_wider_than_the_window(
    page: str, width: int, tmp_path: Path
) -> None:
    seen = look_at(page, width, tmp_path)
    assert seen.console == []
    assert seen.images > 40
    assert seen.broken == 0
    assert seen.wide <= width
    assert seen.tall > 2000


@needs_browser
def test_runs_side_by_side_fit_a_phone(subject: ReportData, tmp_path: Path) -> None:
    seen = look_at(make_page([subject, subject, subject], frames=True), 390, tmp_path)
    assert (seen.console, seen.broken) == ([], 0)
    assert seen.wide <= 390


@needs_browser
def test_the_browser_notices_what_is_wrong(tmp_path: Path) -> None:
    wrong = (
        '<img src="data:image/jpeg;base64,AAAA"><div '
        'style="width:700px">wide</div><script>console.error("bad")</script>'
    )
    seen = look_at(document("wrong", [wrong]), 390, tmp_path)
    assert (seen.images, seen.broken) == (1, 1)
    assert seen.wide >= 700
    assert any("bad" in line for line in seen.console)
