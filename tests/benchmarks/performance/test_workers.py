"""Two workers stand beside one as a ratio and as an exponent, with
the floor's where there is one.
"""

from __future__ import annotations

import pytest

from benchmarks.performance.figures import Section
from benchmarks.performance.turns import Turns
from benchmarks.performance.workers import add

ROUNDS = {"one worker": [2.0, 4.0], "two workers": [1.0, 2.5]}


def test_two_workers_stand_beside_one() -> None:
    section = Section("workers", "Workers", "")
    add(section, "a case", Turns(ROUNDS), 10, "things/s")
    assert section.figures[0].ratio.high == pytest.approx(2.0)
    assert section.figures[0].ratio.low == pytest.approx(1.6)
    assert section.growth[0].whole.low == pytest.approx(-1.0)
    assert section.growth[0].peer_costs is None


def test_the_floor_says_whether_the_machine_has_two() -> None:
    section = Section("workers", "Workers", "")
    shared = {"floor 1": [1.0, 1.0], "floor 2": [0.9, 0.9]}
    slow = {"one worker": [2.0, 4.0], "two workers": [2.0, 4.0]}
    add(section, "a case", Turns(slow | shared), 10, "things/s", "the floor")
    assert section.growth[0].sentence().startswith("worse than linear, ")
    assert section.growth[0].peer_costs == [[1.0, 0.9], [1.0, 0.9]]
