"""Bags drawn from a grammar of faults: none ends in a foreign error, and none whose faults are
known is called good.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from slowfeat.errors import SlowfeatError
from slowfeat_trainer.data.options import IngestOptions
from slowfeat_trainer.inspection.finding import Finding
from slowfeat_trainer.inspection.survey import inspect_bag
from slowfeat_trainer.inspection.verdict import is_trainable, judge
from tests.helpers.fault_grammar import draw
from tests.helpers.painted_room import write

# What every bag of the grammar is, and what no fault of its hides behind.
USUAL = {"short", "several_image_topics", "several_motion_topics"}


def is_called_good(findings: list[Finding]) -> bool:
    return is_trainable(findings) and not {finding.code for finding in findings} - USUAL


@pytest.mark.parametrize("bags", [3, pytest.param(60, marks=pytest.mark.slow)])
def test_no_drawn_bag_is_misjudged(bags: int, tmp_path: Path) -> None:
    missed = []
    for seed in range(bags):
        drawn = draw(seed)
        bag = write(tmp_path / f"bag{seed}", drawn.topics)
        try:
            findings = judge(inspect_bag(bag, IngestOptions()))
        except SlowfeatError:
            continue
        if is_called_good(findings) and not drawn.is_sound:
            missed.append((seed, drawn.faults))
    assert missed == []
