"""Drives to pretrain on: which maps, which robots."""

from __future__ import annotations

from slowfeat_trainer.pretraining.simulated_drives import MAPS_KEPT_OUT, maps_to_learn, plan


def test_kept_out_maps_are_never_learned() -> None:
    names = maps_to_learn()
    assert len(names) >= 25
    assert not set(names) & set(MAPS_KEPT_OUT)
    few = maps_to_learn(5)
    assert len(few) == 5
    assert set(few) <= set(names)


def test_drives_differ_and_are_a_function_of_the_seed() -> None:
    first = plan(["MAP09", "MAP10"], 2, 10.0, seed=0)
    assert list(first) == ["MAP09-0", "MAP09-1", "MAP10-0", "MAP10-1"]
    assert len({c.drive.speed for c in first.values()}) == 4
    assert first == plan(["MAP09", "MAP10"], 2, 10.0, seed=0)
    assert first != plan(["MAP09", "MAP10"], 2, 10.0, seed=1)
