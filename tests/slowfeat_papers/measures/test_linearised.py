"""Angles told by a code's coordinates, and the angle between their directions."""

from __future__ import annotations

import numpy as np
import pytest

from slowfeat_papers.measures.linearised import gradient_angle, variables_explained

RNG = np.random.default_rng(0)
ANGLES = RNG.uniform(0, 90, (400, 2))
HALF = slice(0, 200), slice(200, 400)


def explained(z: np.ndarray) -> np.ndarray:
    """Fitted on one half, asked on the other."""
    a, b = HALF
    return variables_explained(z[a], ANGLES[a], z[b], ANGLES[b])


def test_any_linear_map_of_the_angles_explains_all() -> None:
    z = ANGLES @ np.array([[1.0, 2.0], [-0.5, 3.0]]) + 7
    assert explained(z) == pytest.approx([1, 1])


def test_a_code_of_one_angle_explains_that_one() -> None:
    z = np.stack([ANGLES[:, 0], np.zeros(400)], axis=1)
    first, second = explained(z)
    assert first == pytest.approx(1)
    assert second < 0.05


def test_a_constant_and_noise_explain_nothing() -> None:
    assert np.all(explained(np.ones((400, 2))) < 0.02)
    assert np.all(explained(RNG.normal(size=(400, 2))) < 0.02)


def test_a_folded_coordinate_explains_nothing_of_it() -> None:
    z = np.stack([np.abs(ANGLES[:, 0] - 45), ANGLES[:, 1]], axis=1)
    first, second = explained(z)
    assert first < 0.1
    assert second == pytest.approx(1)


@pytest.mark.parametrize(
    ("matrix", "degrees"),
    [
        ([[1, 0], [0, 1]], 90),
        ([[1, 0], [1, 1]], 45),
        ([[1, 2], [2, 4]], 0),
        ([[5, 0], [0, 0]], 0),
        ([[0, 0], [0, 0]], 0),
    ],
)
def test_the_angle_is_that_between_the_two_directions(
    matrix: list[list[float]], degrees: float
) -> None:
    assert gradient_angle(ANGLES @ np.array(matrix, float), ANGLES) == pytest.approx(
        degrees, abs=0.1
    )
