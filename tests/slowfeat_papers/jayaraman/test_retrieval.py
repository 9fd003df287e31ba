"""Pairs of one transformation, retrieved by the change of the code."""

from __future__ import annotations

import numpy as np
import pytest

from slowfeat_papers.jayaraman.retrieval import METHODS, Place, minutes, result_of, retrieve
from slowfeat_trainer.data.frames import FrameStack
from slowfeat_trainer.data.pairs import Pairs, Part

RNG = np.random.default_rng(0)


def part(count: int) -> Part:
    return Part(
        FrameStack([np.zeros((count, 2, 2, 3), np.uint8)]),
        np.arange(count, dtype=np.int64) * 5_000_000_000,
        np.tile(np.eye(4), (count, 1, 1)),
        np.arange(count) // 4,
    )


def test_stretches_are_ten_seconds_of_one_block() -> None:
    # A frame each five seconds: two a stretch, four a block.
    numbers = minutes(part(8))
    assert len(set(numbers.tolist())) == 4
    assert [numbers[i] == numbers[i + 1] for i in range(0, 8, 2)] == [True] * 4


def test_a_code_that_changes_by_its_motion_finds_the_same_motion_elsewhere() -> None:
    count = 60
    motion = np.arange(count) % 3
    start = RNG.normal(size=(count, 3))
    z = np.concatenate([start, start + np.eye(3)[motion]])
    pairs = Pairs(
        np.arange(count), np.arange(count) + count, np.zeros((count, 6)), np.full(count, 0.5)
    )
    place = Place(part(2 * count), pairs, motion, np.arange(count) // 6, np.arange(count))
    assert retrieve(z, place, None)["real"].precision == 1.0
    noise = RNG.normal(size=z.shape)
    found = retrieve(noise, place, None)["real"]
    assert found.precision == pytest.approx(found.chance, abs=0.12)


@pytest.mark.parametrize(("predicted", "agrees"), [(0.6, True), (0.35, False), (0.28, False)])
def test_it_agrees_where_predictions_beat_chance_and_pixels(predicted: float, agrees: bool) -> None:
    figures = {("maps", method, "real"): [0.4] for method in METHODS}
    figures |= {("maps", "pixels", "real"): [0.4], ("maps", "chance", ""): [0.25]}
    figures["maps", "equiv", "predicted"] = [predicted]
    result = result_of(figures, ["maps"], 1)
    assert result.findings[0].agrees is agrees
    rows = {row[1]: row[2:] for row in result.tables[0].rows}
    assert rows["equiv"] == ["0.400", f"{predicted:.3f}", "0.250"]
    assert rows["drlim"] == ["0.400", "-", "0.250"]
