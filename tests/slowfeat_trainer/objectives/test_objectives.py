"""Each objective against a plain numpy reference, in value and gradient."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from slowfeat_trainer.objectives import drlim, equivariance, map_spread, ratio, variance_covariance

RNG = np.random.default_rng(0)


def drlim_reference(
    z_t: np.ndarray, z_near: np.ndarray, z_far: np.ndarray, is_far: np.ndarray, margin: float
) -> float:
    attract = [np.sqrt(((a - b) ** 2).sum()) for a, b in zip(z_t, z_near, strict=True)]
    repel = [
        max(0.0, margin - np.sqrt(((z_t[i] - z_far[j]) ** 2).sum()))
        for i in range(len(z_t))
        for j in range(len(z_far))
        if is_far[i, j]
    ]
    return float(np.mean(attract) + (np.mean(repel) if repel else 0.0))


def equivariance_reference(
    moved: np.ndarray, after: np.ndarray, pattern: np.ndarray, margin: float
) -> float:
    total = 0.0
    for g in range(len(moved)):
        for k in range(len(after)):
            d = np.sqrt(((moved[g, k] - after[k]) ** 2).sum())
            total += d if pattern[k] == g else max(0.0, margin - d)
    return total / len(after)


def test_drlim_is_its_reference() -> None:
    z_t, z_near = RNG.normal(0, 0.4, (2, 4, 3))
    z_far = RNG.normal(0, 0.4, (6, 3))
    is_far = RNG.random((4, 6)) < 0.6
    value = drlim(*(torch.tensor(a) for a in (z_t, z_near, z_far, is_far)), margin=1.0)
    assert float(value) == pytest.approx(drlim_reference(z_t, z_near, z_far, is_far, 1.0), rel=1e-6)


def test_drlim_is_symmetric_in_the_neighbours_without_negatives() -> None:
    a, b, far = (torch.tensor(RNG.normal(size=(4, 3))) for _ in range(3))
    none = torch.zeros(4, 4, dtype=torch.bool)
    assert float(drlim(a, b, far, none)) == float(drlim(b, a, far, none))


def test_drlim_of_a_collapsed_code_costs_the_margin() -> None:
    zero = torch.zeros(4, 3)
    assert float(
        drlim(zero, zero, zero, torch.ones(4, 4, dtype=torch.bool), margin=0.7)
    ) == pytest.approx(0.7, abs=1e-5)


def test_equivariance_is_its_reference() -> None:
    moved, after = RNG.normal(0, 0.3, (3, 5, 4)), RNG.normal(0, 0.3, (5, 4))
    pattern = np.array([0, 2, 1, 2, 2])
    value = equivariance(
        torch.tensor(moved), torch.tensor(after), torch.tensor(pattern), margin=0.5
    )
    assert float(value) == pytest.approx(
        equivariance_reference(moved, after, pattern, 0.5), rel=1e-6
    )


def test_equivariance_is_zero_where_the_right_map_hits_and_the_others_miss() -> None:
    after = torch.tensor(RNG.normal(size=(5, 4)))
    pattern = torch.tensor([0, 1, 0, 1, 1])
    moved = torch.stack([torch.where((pattern == g)[:, None], after, after + 10) for g in (0, 1)])
    assert float(equivariance(moved, after, pattern, margin=1.0)) == pytest.approx(0, abs=1e-5)
    swapped = moved.flip(0)
    assert float(equivariance(swapped, after, pattern, margin=1.0)) > 10


def test_the_guard_by_hand_and_for_constant_and_collapsed_codes() -> None:
    z = RNG.normal(size=(6, 3))
    scaled = (z - z.mean(axis=0)) / 0.5
    covariance = scaled.T @ scaled / 5
    expected = (covariance**2).sum() - (np.diag(covariance) ** 2).sum()
    variance, off_diagonal = variance_covariance(torch.tensor(z), 0.5)
    std = np.sqrt(np.diag(covariance) + 1e-6)
    assert float(variance) == pytest.approx(np.maximum(0, 1 - std).mean())
    assert float(off_diagonal) == pytest.approx(expected / 3)
    constant = variance_covariance(torch.ones(6, 3), 0.5)
    assert float(constant[0]) == pytest.approx(1.0, abs=0.01)
    line = torch.tensor(np.outer(RNG.normal(size=50), [1.0, 1.0, 1.0]))
    spread = torch.tensor(RNG.normal(size=(50, 3)))
    assert float(variance_covariance(line, 0.5)[1]) > 5 * float(variance_covariance(spread, 0.5)[1])


def test_gradients_agree_with_finite_differences() -> None:
    z = [torch.tensor(RNG.normal(0, 0.4, s), requires_grad=True) for s in ((4, 3), (4, 3), (6, 3))]
    is_far = torch.tensor(RNG.random((4, 6)) < 0.5)
    assert torch.autograd.gradcheck(lambda a, b, c: drlim(a, b, c, is_far), z)
    assert torch.autograd.gradcheck(lambda a: variance_covariance(a, 0.7), z[:1])
    moved = torch.tensor(RNG.normal(0, 0.3, (2, 4, 3)), requires_grad=True)
    after = torch.tensor(RNG.normal(0, 0.3, (4, 3)), requires_grad=True)
    pattern = torch.tensor([0, 1, 1, 0])
    assert torch.autograd.gradcheck(lambda a, b: equivariance(a, b, pattern, 0.8), (moved, after))


def test_gradients_stay_finite_where_embeddings_meet() -> None:
    z = torch.zeros(3, 2, requires_grad=True)
    drlim(z, z, z, torch.ones(3, 3, dtype=torch.bool)).backward()
    assert z.grad is not None
    assert torch.isfinite(z.grad).all()


@pytest.mark.parametrize(
    "call",
    [
        lambda: drlim(torch.zeros(4, 3), torch.zeros(4, 2), torch.zeros(5, 3), torch.ones(4, 5)),
        lambda: drlim(torch.zeros(4, 3), torch.zeros(4, 3), torch.zeros(5, 2), torch.ones(4, 5)),
        lambda: drlim(torch.zeros(4, 3), torch.zeros(4, 3), torch.zeros(5, 3), torch.ones(5, 4)),
        lambda: variance_covariance(torch.zeros(1, 3), 1.0),
        lambda: equivariance(torch.zeros(4, 3), torch.zeros(4, 3), torch.zeros(4)),
        lambda: equivariance(torch.zeros(2, 4, 3), torch.zeros(5, 3), torch.zeros(5)),
        lambda: equivariance(torch.zeros(2, 4, 3), torch.zeros(4, 3), torch.zeros(5)),
    ],
)
def test_wrong_shapes_are_named(call: object) -> None:
    with pytest.raises(ValueError, match="must"):
        call()  # type: ignore[operator]


def test_ratio_is_its_reference_and_slowness_cannot_win() -> None:
    z, predicted, after = RNG.normal(size=(3, 6, 4))
    error, change = ((predicted - after) ** 2).sum(1), ((z - after) ** 2).sum(1)
    floor = 0.03 * change.mean() + 1e-12
    expected = np.mean(np.log(error + floor) - np.log(change + floor))
    got = ratio(*(torch.tensor(a) for a in (z, predicted, after)))
    assert float(got) == pytest.approx(expected)
    # Standing still gains nothing, however slow the code is.
    for scale in (1.0, 1e-3):
        start, end = torch.tensor(scale * z), torch.tensor(scale * after)
        assert float(ratio(start, start, end)) == pytest.approx(0.0, abs=1e-9)
    assert float(ratio(torch.tensor(z), torch.tensor(after), torch.tensor(after))) < -3


def test_the_map_guard_tells_a_spread_map_from_a_constant_and_from_a_hidden_global_code() -> None:
    maps = torch.tensor(RNG.normal(size=(200, 3, 4, 8)))
    variance, covariance, rows = (float(t) for t in map_spread(maps))
    assert max(variance, rows) < 0.1
    assert covariance < 0.05
    constant = [float(t) for t in map_spread(torch.ones(200, 3, 4, 8))]
    assert constant == pytest.approx([1.0, 0.0, 1.0], abs=0.02)
    hidden = maps[:, :, :1, :1].expand(200, 3, 4, 8)
    variance, _, rows = (float(t) for t in map_spread(hidden))
    assert variance < 0.1
    assert rows > 0.9
    copied = maps[:, :1].expand(200, 3, 4, 8)
    assert float(map_spread(copied)[1]) > 1
    with pytest.raises(ValueError, match="must"):
        map_spread(torch.zeros(4, 3))
