"""The order of methods: Kendall's tau, and how often chance does as well."""

from __future__ import annotations

import pytest

from slowfeat_papers.measures.rank_agreement import compare_order

PUBLISHED = {"a": 1.0, "b": 2.0, "c": 3.0, "d": 4.0}


def test_the_same_order_has_a_tau_of_one_and_is_rare() -> None:
    order = compare_order({"a": 0.1, "b": 0.2, "c": 0.3, "d": 0.31}, PUBLISHED)
    assert (order.agreeing, order.pairs, order.tau) == (6, 6, 1.0)
    assert order.chance == pytest.approx(1 / 24)


def test_the_reversed_order_has_a_tau_of_minus_one() -> None:
    order = compare_order({name: -value for name, value in PUBLISHED.items()}, PUBLISHED)
    assert (order.agreeing, order.tau, order.chance) == (0, -1.0, 1.0)


def test_one_swap_costs_two_of_six() -> None:
    # Five pairs agree and one does not: (5 - 1) / 6.
    order = compare_order({"a": 2.0, "b": 1.0, "c": 3.0, "d": 4.0}, PUBLISHED)
    assert order.agreeing == 5
    assert order.tau == pytest.approx(4 / 6)
    # The identity and the three swaps of neighbours do as well.
    assert order.chance == pytest.approx(4 / 24)


def test_a_constant_gets_zero() -> None:
    order = compare_order(dict.fromkeys(PUBLISHED, 7.0), PUBLISHED)
    assert (order.agreeing, order.tau) == (0, 0.0)
    assert order.chance > 0.5


def test_methods_that_only_one_table_has_do_not_count() -> None:
    assert compare_order({"a": 1.0, "z": 9.0, "b": 2.0}, PUBLISHED).pairs == 1
    assert compare_order({"a": 1.0}, PUBLISHED).pairs == 0


def test_pairs_that_the_published_table_ties_do_not_count() -> None:
    assert compare_order({"a": 1.0, "b": 2.0}, {"a": 5.0, "b": 5.0}).pairs == 0


def test_more_methods_than_eight_are_compared_with_draws() -> None:
    many = {str(k): float(k) for k in range(12)}
    assert compare_order(many, many).chance < 0.001
