"""The linear probe: what an oracle, noise and a constant get, and a boundary known by hand."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from slowfeat_trainer.evaluation.probe import fit_logistic, linear_probe
from slowfeat_trainer.metrics.standard_errors import standard_error

CLASSES = np.arange(4).repeat(100)


@pytest.mark.parametrize(
    ("kind", "share", "off"), [("oracle", 1.0, 0.0), ("noise", 0.25, 0.07), ("constant", 0.25, 0.0)]
)
def test_an_oracle_is_perfect_and_what_knows_nothing_gets_chance(
    kind: str, share: float, off: float
) -> None:
    rng = np.random.default_rng(0)
    z = {
        "oracle": np.eye(4)[CLASSES] + 0.01 * rng.normal(size=(400, 4)),
        "noise": rng.normal(size=(400, 8)),
        "constant": np.full((400, 8), 3.0),
    }[kind]
    rows = rng.permutation(400)
    # As many of each class among those that are asked for.
    train = np.concatenate([rows[CLASSES[rows] == c][:20] for c in range(4)])
    test = np.concatenate([rows[CLASSES[rows] == c][20:] for c in range(4)])
    got = linear_probe(z[train], CLASSES[train], z[test], CLASSES[test])
    assert got == pytest.approx(share, abs=off + 1e-9)


def test_the_boundary_between_two_points_is_half_way() -> None:
    x = torch.tensor([[-1.0], [3.0]])
    weight, bias = fit_logistic(x, torch.tensor([0, 1]), 2, strength=1e-3)
    at = 1.0 * weight + bias
    assert float(at[0, 0] - at[0, 1]) == pytest.approx(0.0, abs=1e-2)
    assert float((x @ weight + bias).argmax(dim=1)[1]) == 1


def test_a_direction_that_only_varies_in_the_queries_changes_nothing() -> None:
    rng = np.random.default_rng(0)
    z = np.eye(4)[CLASSES] + 0.01 * rng.normal(size=(400, 4))
    z = np.concatenate([z, np.zeros((400, 1))], axis=1)
    train, test = np.arange(0, 400, 4), np.arange(1, 400, 4)
    z[test, 4] = 1e6
    assert linear_probe(z[train], CLASSES[train], z[test], CLASSES[test]) == 1.0


def test_a_label_a_class_is_enough_to_fit() -> None:
    z = np.eye(3)
    classes = np.arange(3)
    assert linear_probe(z, classes, z, classes) == 1.0


def test_standard_error_by_hand() -> None:
    # Standard deviation 1, over the root of three.
    assert standard_error([1.0, 2.0, 3.0]) == pytest.approx(1 / np.sqrt(3))
    assert standard_error([0.7]) == 0.0
