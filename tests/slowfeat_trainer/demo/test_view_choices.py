"""Which frames and pairs the page shows: by time and motion, never by how they came out."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from slowfeat_trainer.demo.view_choices import EXAMPLES, SAMPLES, choose


def with_motions(result: Any, motions: np.ndarray) -> Any:
    p = dataclasses.replace(result.predictions, motions=motions)
    return dataclasses.replace(result, predictions=p)


def test_examples_are_of_large_motions_where_there_are_enough(result: Any) -> None:
    count = len(result.before)
    motions = np.zeros((count, 6))
    motions[: EXAMPLES + 1, 0] = 2.0
    found = choose(with_motions(result, motions))
    assert found.large_only
    assert len(found.examples) == EXAMPLES
    assert found.examples.max() <= EXAMPLES
    few = choose(with_motions(result, np.zeros((count, 6))))
    assert not few.large_only
    # Spread over all of the pairs.
    assert few.examples.min() < count / EXAMPLES
    assert few.examples.max() > count - count / EXAMPLES - 1


def test_how_it_came_out_changes_nothing(result: Any) -> None:
    first = choose(result)
    other = choose(dataclasses.replace(result, nearest=result.nearest[::-1]))
    np.testing.assert_array_equal(first.examples, other.examples)
    np.testing.assert_array_equal(first.samples, other.samples)


def test_samples_are_frames_that_came_back(result: Any) -> None:
    samples = choose(result).samples
    assert len(samples) == SAMPLES
    # The third frame got no answer.
    assert set(samples.tolist()) <= set(result.seen.tolist())
    assert 2 not in result.seen
