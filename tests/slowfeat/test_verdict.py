"""A verdict in words."""

from __future__ import annotations

import pytest

from slowfeat.verdict import LEVELS, NOT, WELL, Verdict


def test_a_level_that_is_none_is_a_problem() -> None:
    assert Verdict("great", "x", 0.5, 0.1).problem() == "predicts is not one of well, somewhat, not"
    assert [Verdict(level, "x", 0.5, 0.1).problem() for level in LEVELS] == ["", "", ""]


@pytest.mark.parametrize(("level", "words"), [(WELL, "predicts well"), (NOT, "does not predict")])
def test_it_says_gain_error_and_reason(level: str, words: str) -> None:
    assert str(Verdict(level, "use it", 0.678, 0.021)) == f"{words} (gain 0.68 +- 0.02): use it"
