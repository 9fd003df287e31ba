"""The report stands alone, shows every section, and leaves frames out where it must."""

from __future__ import annotations

import re
import shutil
from html.parser import HTMLParser
from pathlib import Path

import pytest

from slowfeat_trainer.report.report_data import ReportData, gather
from slowfeat_trainer.report.report_page import make_page
from tests.slowfeat_trainer.report.conftest import slowfeat

VOID = {"meta", "img", "br", "hr", "link", "input"}
LOADS = {"src", "srcset", "data", "poster", "action", "xlink:href"}
SECTIONS = (
    "held-out",
    "futures",
    "motions",
    "errors",
    "changes",
    "neighbours",
    "plane",
    "coherence",
    "slowness",
    "training",
    "weights",
)


class Balance(HTMLParser):
    """Notes elements that are open, closed in the wrong order, and what would be loaded."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.wrong: list[str] = []
        self.loaded: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in LOADS:
                self.loaded.append(value or "")
            if name == "id":
                self.ids.append(value or "")
            if name == "href":
                self.links.append(value or "")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, _tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.loaded += [value or "" for name, value in attrs if name in LOADS]

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.wrong.append(tag)

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def parse(page: str) -> Balance:
    parser = Balance()
    parser.feed(page)
    parser.close()
    return parser


def test_every_element_is_closed_in_order(page: str) -> None:
    parsed = parse(page)
    assert parsed.wrong == []
    assert parsed.open == []


def test_nothing_is_loaded_from_anywhere(page: str) -> None:
    parsed = parse(page)
    assert parsed.loaded
    assert all(value.startswith("data:image/jpeg;base64,") for value in parsed.loaded)
    assert not re.search(r"https?://|//[a-z]+\.|url\(|@import|<script|<link", page)


def test_every_section_is_there_and_linked(page: str) -> None:
    parsed = parse(page)
    assert set(SECTIONS) <= set(parsed.ids)
    assert parsed.links == [f"#{name}" for name in SECTIONS]


def test_numbers_are_numbers_and_no_path_is_told(page: str, run: Path) -> None:
    words = " ".join(parse(page).text).lower().split()
    assert not {"nan", "inf", "none", "none."} & set(words)
    # In a drawing a number that is not one would be silently left out.
    assert not re.search(r"=\"[^\"]*\bnan\b", page)
    assert str(run.parent) not in page


def test_without_frames_no_image_bytes_are_in_it(subject: ReportData, page: str) -> None:
    bare = make_page([subject], frames=False)
    parsed = parse(bare)
    assert parsed.loaded == []
    assert "data:" not in bare
    assert "<img" not in bare
    assert "<image" not in bare
    # Nor anything long enough to be bytes in disguise.
    assert not re.search(r"[A-Za-z0-9+/]{200}", bare)
    assert "frames were left out" in bare
    # The same expressions find them in the page that has them.
    assert "data:" in page
    assert re.search(r"[A-Za-z0-9+/]{200}", page)
    # What is not a frame stays.
    assert set(SECTIONS) <= set(parsed.ids)


def test_runs_stand_side_by_side(subject: ReportData, run: Path) -> None:
    both = gather([run, run / "bundle"], None)
    assert [s.name for s in both] == ["first", "first (2)"]
    assert both[0].material is both[1].material
    page = make_page(both, frames=True)
    assert parse(page).wrong == []
    assert "Side by side" in page
    assert page.count("<details>") == 2


def test_the_command_writes_one_file(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "report.html"
    assert slowfeat("report", run, "--out", out, "--without-frames") == 0
    assert "open it in any browser" in capsys.readouterr().out
    assert list(tmp_path.iterdir()) == [out]


def test_a_bundle_alone_needs_frames_from_elsewhere(
    run: Path, bag: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    alone = tmp_path / "robot" / "bundle"
    shutil.copytree(run / "bundle", alone)
    out = tmp_path / "report.html"
    assert slowfeat("report", alone, "--out", out) == 2
    assert "say which bag or dataset with --on" in capsys.readouterr().err
    assert slowfeat("report", alone, "--on", bag, "--out", out) == 0
    page = out.read_text()
    # No log, no training curves; all else is there.
    assert 'id="training"' not in page
    assert 'id="futures"' in page


def test_wrong_use_is_told_before_any_work(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert slowfeat("report", run, "--out", tmp_path) == 2
    assert "give a file" in capsys.readouterr().err
    assert slowfeat("report", run, "--on", tmp_path / "no", "--out", tmp_path / "a.html") == 2
    assert "does not exist" in capsys.readouterr().err
