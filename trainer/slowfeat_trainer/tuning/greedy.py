"""Greedy search (J, appendix): one setting after the other on its grid, the
best of each kept for the next.
"""

from __future__ import annotations

from slowfeat_trainer.tuning.spaces import Setting, Values
from slowfeat_trainer.tuning.trials import Row


def next_candidate(
    space: list[Setting], default: Values, rows: list[Row], criterion: str
) -> Values | None:
    """What is to be tried next, a pure function of what was tried; None when the search is through.

    A setting's value of before is among its candidates, so no step makes the score worse, and it
    stays where a candidate only ties with it.

    Args:
        space: in the order of the search.
        default: where it starts.
        rows: the finished trials.
        criterion: the figure that is maximised.
    """
    held = dict(default)
    if _find(held, rows) is None:
        return held
    for setting in space:
        candidates = [held | {setting.name: value} for value in setting.grid]
        for candidate in candidates:
            if _find(candidate, rows) is None:
                return candidate
        held = max([held, *candidates], key=lambda c: _score(c, rows, criterion))
    return None


def budget(space: list[Setting], default: Values) -> int:
    """How many trials the search takes at most."""
    return 1 + sum(len({*s.grid, default[s.name]}) - 1 for s in space)


def _find(settings: Values, rows: list[Row]) -> Row | None:
    return next((row for row in rows if row.settings == settings), None)


def _score(settings: Values, rows: list[Row], criterion: str) -> float:
    row = _find(settings, rows)
    score = None if row is None else row.score(criterion)
    return float("-inf") if score is None else score
