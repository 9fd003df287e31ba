"""The published figures keep what the paper says of them."""

from __future__ import annotations

from slowfeat_papers.jayaraman import published
from slowfeat_papers.jayaraman.clock import TASKS


def test_equiv_drlim_is_the_best_of_every_table_of_2017() -> None:
    for errors in (published.RHO_ATOMIC, published.RHO_COMPOSITE):
        assert min(errors, key=lambda name: errors[name]) == "equiv_drlim"
    for accuracy in (published.NORB_25, published.KITTI_4, published.SUN_TOP_1):
        others = {name: value for name, value in accuracy.items() if name != "ssfa"}
        assert max(others, key=lambda name: others[name]) == "equiv_drlim"


def test_two_motions_are_harder_than_one_for_all_but_clsnet() -> None:
    assert published.RHO_ATOMIC.keys() == published.RHO_COMPOSITE.keys()
    harder = {
        name
        for name, value in published.RHO_ATOMIC.items()
        if published.RHO_COMPOSITE[name] > value
    }
    assert harder == published.RHO_ATOMIC.keys() - {"random", "clsnet"}


def test_random_is_chance() -> None:
    assert published.NORB_25["random"] == 100 / 25
    assert published.KITTI_4["random"] == 100 / 4
    assert round(100 / 397, 2) == published.SUN_TOP_1["random"]


def test_every_task_has_its_minutes() -> None:
    assert set(TASKS.values()) == published.K40_MINUTES.keys()
