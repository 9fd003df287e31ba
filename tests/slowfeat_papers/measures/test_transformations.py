import numpy as np
import pytest

from slowfeat_papers.measures.transformations import pair_retrieval


def sample(count=300, seed=0):
    rng = np.random.default_rng(seed)
    motion = rng.integers(0, 4, count)
    return rng, motion, rng.integers(0, 10, count)


def test_changes_that_are_the_motion_find_it_always():
    rng, motion, group = sample()
    exact = np.eye(4)[motion] * rng.uniform(1, 5, (len(motion), 1))
    found = pair_retrieval(exact, motion, group, exact, motion, group)
    assert found.precision == 1.0
    assert found.chance == pytest.approx(0.25, abs=0.03)


def test_noise_and_a_constant_get_chance():
    rng, motion, group = sample(2000)
    noise = rng.normal(size=(len(motion), 8))
    for changes in (noise, np.zeros_like(noise)):
        found = pair_retrieval(changes, motion, group, changes, motion, group)
        assert found.precision == pytest.approx(found.chance, abs=0.03)


def test_by_hand():
    bank = np.array([[1.0, 0], [0, 2], [3, 0.1], [-1, 0]])
    found = pair_retrieval(
        np.array([[2.0, 0]]),
        np.array([0]),
        np.array([9]),
        bank,
        np.array([0, 1, 1, 0]),
        np.arange(4),
        2,
    )
    assert found.found.tolist() == [[0, 2]]
    assert found.precision == 0.5
    assert found.chance == 0.5


def test_a_query_does_not_find_its_own_group():
    _, motion, group = sample(50)
    codes = np.eye(50)
    found = pair_retrieval(codes, motion, group, codes, motion, group, 3)
    assert not np.any(group[found.found] == group[:, None])
