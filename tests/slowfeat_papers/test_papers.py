"""Both papers: their checklists and experiments."""

from __future__ import annotations

import pytest

from slowfeat_papers.papers import PAPERS


@pytest.mark.parametrize("name", PAPERS)
def test_every_row_of_a_paper_has_an_experiment_and_no_experiment_an_unknown_row(name: str) -> None:
    paper = PAPERS[name]
    rows = {row for part in paper.parts for row in part.rows}
    if name == "goroshin2015":
        assert rows == set(paper.checklist) == {f"G{k}" for k in range(1, 27)}
    assert rows <= set(paper.checklist)
    names = [part.name for part in paper.parts]
    assert len(names) == len(set(names))
