"""The table of the view selector's parameters: defaults that it allows itself, and
numbers out of bounds refused.
"""

from __future__ import annotations

import pytest

from slowfeat.live.steering import Limits
from slowfeat.nodes.parameters import NodeParameter
from slowfeat.nodes.view_selector.view_selector_parameters import VIEW_SELECTOR_PARAMETERS
from slowfeat.view_selection.policies import POLICIES

ROWS = {row.name: row for row in VIEW_SELECTOR_PARAMETERS}


@pytest.mark.parametrize("row", VIEW_SELECTOR_PARAMETERS, ids=lambda row: str(row.name))
def test_every_default_is_allowed_and_every_bound_is_held(row: NodeParameter) -> None:
    assert row.why_wrong(row.default) is None
    if row.bounds is not None:
        low, high = row.bounds
        kind = type(row.default)
        assert row.why_wrong(kind(high)) is None
        assert row.why_wrong(high + 1) is not None
        assert row.why_wrong(low - 1) is not None


def test_names_are_there_once_and_no_robot_moves_by_default() -> None:
    assert len(ROWS) == len(VIEW_SELECTOR_PARAMETERS)
    assert ROWS["start_moving"].default is False
    assert ROWS["allow_outside_range"].default is False


def test_every_policy_may_be_chosen_and_nothing_else() -> None:
    assert all(ROWS["policy"].why_wrong(policy) is None for policy in POLICIES)
    assert ROWS["policy"].why_wrong("luck") is not None


def test_speeds_are_those_of_the_steering() -> None:
    limits = Limits()
    assert ROWS["max_speed"].default == limits.speed
    assert ROWS["max_turn_rate"].default == limits.turn_rate


def test_motions_come_in_sixes() -> None:
    assert ROWS["motions"].why_wrong([0.1] * 12) is None
    assert ROWS["motions"].why_wrong([0.1] * 7) is not None
