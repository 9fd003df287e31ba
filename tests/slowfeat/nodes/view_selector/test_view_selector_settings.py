"""Each parameter of the view selector that has a function sets one thing of the loop."""

from __future__ import annotations

import dataclasses
from types import SimpleNamespace
from typing import Any

import pytest

from slowfeat.live.view_loop import LoopSettings
from slowfeat.nodes.view_selector.view_selector_parameters import VIEW_SELECTOR_PARAMETERS

WITH_EFFECT = [row for row in VIEW_SELECTOR_PARAMETERS if row.apply is not None]


def flat(settings: LoopSettings) -> dict[str, Any]:
    found = dataclasses.asdict(settings)
    return found.pop("limits") | found


@pytest.mark.parametrize("row", WITH_EFFECT, ids=lambda row: row.name)
def test_a_changed_parameter_changes_one_setting(row: Any) -> None:
    node = SimpleNamespace(settings=LoopSettings())
    before = flat(node.settings)
    value = not row.default if isinstance(row.default, bool) else type(row.default)(7)
    row.apply(node, value)
    after = flat(node.settings)
    changed = [name for name in after if after[name] != before[name]]
    assert len(changed) == 1, changed
    assert after[changed[0]] == value
    assert row.name.endswith(changed[0])


def test_every_setting_of_the_loop_has_its_parameter_and_its_default() -> None:
    node = SimpleNamespace(settings=LoopSettings())
    before = flat(node.settings)
    assert len(WITH_EFFECT) == len(before)
    for row in WITH_EFFECT:
        assert row.apply is not None
        row.apply(node, row.default)
    assert flat(node.settings) == before
