"""The checklist of the paper and its experiments."""

from __future__ import annotations

from slowfeat_papers.jayaraman2017 import JAYARAMAN


def test_every_row_of_the_checklist_has_an_experiment():
    answered = {row for part in JAYARAMAN.parts for row in part.rows}
    assert answered == set(JAYARAMAN.checklist) == {f"J{n}" for n in range(1, 26)}
