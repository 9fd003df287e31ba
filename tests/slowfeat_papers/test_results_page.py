"""The page of results: sections are replaced, images copied, verdicts told."""

from __future__ import annotations

from pathlib import Path

import pytest

from slowfeat_papers.material.part import Finding, Paper, Part, Result, Size, Table
from slowfeat_papers.results_page import checklist, markdown, write_page
from slowfeat_papers.run_parts import Done

ONE = Part("one", ("A1", "A2"), "The first", lambda _: Result([]))
TWO = Part("two", ("A2",), "The second", lambda _: Result([]))
PAPER = Paper(
    "p", "A paper", {"A1": "first row", "A2": "second row", "A3": "third row"}, (ONE, TWO)
)


@pytest.fixture
def done(tmp_path: Path) -> list[Done]:
    """Both experiments, the first with an image."""
    folder = tmp_path / "work"
    folder.mkdir()
    (folder / "plane.svg").write_text("<svg/>")
    first = Result(
        [Finding("A1", "came out.", agrees=True), Finding("A2", "did not.", agrees=False)],
        [Table("Figures", ["a|b", "c"], [["1", "|x|"]])],
        {"plane.svg": "What is seen."},
        ["A note."],
        seeds=3,
    )
    second = Result([Finding("A2", "says nothing.", agrees=None)])
    return [
        Done(ONE, first, 61.0, "slowfeat 1, 2 CPU cores", folder),
        Done(TWO, second, 3.0, "slowfeat 1, 2 CPU cores", folder),
    ]


def test_the_checklist_has_every_row_with_its_verdicts(done: list[Done]) -> None:
    lines = checklist(PAPER, done, Size.QUICK).splitlines()
    assert len(lines) == 2 + 3
    assert "| A1 | first row | came out. | yes |" in lines[2]
    assert "did not. says nothing. | **no**, - |" in lines[3]
    assert (
        "`slowfeat reproduce p --quick --seeds 3 --only one`; `slowfeat reproduce p --quick "
        "--seeds 3 --only two`"
    ) in lines[3]
    assert "not run yet | - |" in lines[4]
    # The usual number of seeds is nothing to type.
    assert "`slowfeat reproduce p --full --only one`" in checklist(PAPER, done[:1], Size.FULL)
    assert "`slowfeat reproduce p --quick --only two`" in checklist(PAPER, done[1:], Size.QUICK)


def test_bars_in_cells_do_not_end_them() -> None:
    text = markdown(Table("", ["|cos|", "b"], [["1", "2|3"]]))
    assert text.splitlines() == ["| \\|cos\\| | b |", "|---|---|", "| 1 | 2\\|3 |"]


def test_a_section_has_tables_pictures_notes_and_seeds(tmp_path: Path, done: list[Done]) -> None:
    page = tmp_path / "docs" / "page.md"
    page.parent.mkdir()
    write_page(page, PAPER, done, Size.QUICK)
    text = page.read_text()
    assert "# Results" in text
    assert "2 of 2 experiments" in text
    assert "The first. 3 seeds, 61 s." in text
    assert "The second. 1 seed, 3 s." in text
    assert "- A note." in text
    assert "Not run at this size: A3." in text
    assert "not run yet" not in text
    picture = page.parent / "images" / "results" / "p_quick_one_plane.svg"
    assert picture.read_text() == "<svg/>"
    assert "![What is seen.](images/results/p_quick_one_plane.svg)" in text


def test_written_again_a_section_is_replaced_and_the_others_stay(
    tmp_path: Path, done: list[Done]
) -> None:
    page = tmp_path / "page.md"
    page.write_text("# Mine\n\nKept.\n")
    write_page(page, PAPER, done[:1], Size.QUICK)
    write_page(page, PAPER, done[1:], Size.FULL)
    write_page(page, PAPER, done, Size.QUICK)
    text = page.read_text()
    assert text.count("## A paper, quick") == 1
    assert text.count("## A paper, full") == 1
    assert "Kept." in text
    assert not page.with_suffix(".tmp").exists()


def test_backslashes_in_results_survive(tmp_path: Path, done: list[Done]) -> None:
    page = tmp_path / "page.md"
    write_page(page, PAPER, done, Size.QUICK)
    write_page(page, PAPER, done, Size.QUICK)
    assert page.read_text().count("a\\|b") == 1
