"""Exponents are those of the power that made the costs, and the
sentence says no more than they do.
"""

from __future__ import annotations

import pytest

from benchmarks.performance.growth import Growth, exponent

SIZES = [1.0, 4.0, 16.0]


def powers(k: float, constant: float = 0.0) -> list[list[float]]:
    return [[constant + factor * size**k for size in SIZES] for factor in (1.0, 2.0)]


@pytest.mark.parametrize("k", [0.0, 0.5, 1.0, 2.0])
def test_the_exponent_of_a_power_is_found(k: float) -> None:
    assert exponent(SIZES, powers(k)[0]) == pytest.approx(k, abs=1e-9)


def test_a_constant_hides_growth_from_the_fit_but_not_from_the_last_step() -> None:
    growth = Growth("x", "size", "s", SIZES, powers(2.0, constant=30.0))
    assert growth.whole.median < 1.0
    assert growth.last.median > 1.05
    assert growth.is_worse_than_linear


def test_linear_is_not_worse_than_linear() -> None:
    growth = Growth("x", "size", "s", SIZES, powers(1.0))
    assert growth.sentence() == "no worse than linear"


def test_rounds_that_disagree_cannot_tell() -> None:
    growth = Growth("x", "size", "s", SIZES, [*powers(0.8), *powers(1.1), *powers(1.2)])
    assert not growth.is_worse_than_linear
    assert growth.sentence() == "linear, as far as these rounds show"


def test_where_the_peer_grows_alike_it_is_not_ours() -> None:
    growth = Growth("x", "size", "s", SIZES, powers(2.0), "bare", powers(2.0))
    assert (
        growth.sentence()
        == "worse than linear, and so is bare (2.00): it is the work or the machine"
    )


def test_where_the_peer_grows_less_it_is_ours() -> None:
    growth = Growth("x", "size", "s", SIZES, powers(1.5), "bare", powers(1.0))
    assert growth.sentence().endswith("the difference is ours")


def test_two_workers_in_half_the_time_are_linear_and_a_useless_one_is_not() -> None:
    halved = Growth("x", "workers", "s", [1.0, 2.0], [[2.0, 1.0]], linear=-1.0)
    useless = Growth("x", "workers", "s", [1.0, 2.0], [[2.0, 2.0]], linear=-1.0)
    assert not halved.is_worse_than_linear
    assert useless.is_worse_than_linear
