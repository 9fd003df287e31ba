"""Each parameter of the encoder that may change at once does what its row says."""

from __future__ import annotations

from typing import Any

import pytest

from slowfeat.live.motion_check import MotionCheck
from slowfeat.nodes.parameters import AT_ONCE, ENCODER_PARAMETERS

# Read where they are needed, by others than the node's settings.
READ_ELSEWHERE = {"lost_share_warning"}


class Node:
    """What the functions need, and nothing else."""

    def __init__(self) -> None:
        self.check = MotionCheck()
        self.given: list[Any] = []

    def use_motions(self, flat: Any) -> None:
        self.given.append(("motions", flat))

    def use_predictions_part(self, part: str) -> None:
        self.given.append(("part", part))

    def use_offset(self, asked_s: float) -> None:
        self.given.append(("offset", asked_s))

    def use_goal_image(self, path: str) -> None:
        self.given.append(("goal", path))


def state(node: Node) -> dict[str, Any]:
    judge = node.check.self_check
    found = {**vars(node.check), **vars(judge), "given": list(node.given)}
    return {name: value for name, value in found.items() if isinstance(value, float | list)}


@pytest.mark.parametrize(
    "row", [row for row in ENCODER_PARAMETERS if row.apply is not None], ids=lambda row: row.name
)
def test_a_changed_parameter_changes_one_thing(row: Any) -> None:
    node = Node()
    before = state(node)
    value = {"motions": [0.5] * 6, "goal_image": "goal.png", "predictions_part": "map"}.get(
        row.name, 1.25
    )
    row.apply(node, value)
    after = state(node)
    changed = [name for name in after if after[name] != before[name]]
    assert len(changed) == 1, changed
    assert after[changed[0]] in (
        value,
        [("motions", value)],
        [("part", value)],
        [("offset", value)],
        [("goal", value)],
    )
    # The name of what is changed is that of the parameter, but for what the node itself does.
    assert changed[0] == "given" or row.name == f"check_{changed[0]}"


def test_the_defaults_are_those_of_the_check() -> None:
    node = Node()
    before = state(node)
    for row in ENCODER_PARAMETERS:
        if row.apply is not None and row.name.startswith("check_"):
            row.apply(node, row.default)
    assert state(node) == before


def test_what_may_change_at_once_has_an_effect_or_is_read_elsewhere() -> None:
    silent = {row.name for row in ENCODER_PARAMETERS if row.change == AT_ONCE and not row.apply}
    assert silent == READ_ELSEWHERE
