"""The report stands alone, shows every section, and leaves frames out where it must."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

from slowfeat_trainer.report.report_data import ReportData, gather
from slowfeat_trainer.report.report_page import make_page

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
