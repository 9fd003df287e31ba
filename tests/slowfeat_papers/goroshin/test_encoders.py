"""Settings of the networks of the table, and pixels as a code."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from slowfeat_papers.goroshin.encoders import STEPS_FULL, STEPS_QUICK, configuration, pixels
from slowfeat_papers.material.part import Bench, Size, Sources
from slowfeat_trainer.data.frames import FrameStack


def bench(size: Size) -> Bench:
    return Bench(Path(), Path(), Sources(), size, 1)


def test_each_layer_that_is_trained_by_itself_gets_as_many_updates() -> None:
    steps = {p: configuration(bench(Size.FULL), p, 0).steps for p in ("goroshin_1", "goroshin_2")}
    assert steps == {"goroshin_1": STEPS_FULL, "goroshin_2": 2 * STEPS_FULL}
    # Jointly trained layers share theirs.
    assert configuration(bench(Size.FULL), "drlim_2", 0).steps == STEPS_FULL
    assert configuration(bench(Size.QUICK), "group_2", 3).steps == 2 * STEPS_QUICK


def test_quick_networks_learn_at_a_constant_rate_and_what_is_asked_for_wins() -> None:
    quick = configuration(bench(Size.QUICK), "goroshin_1", 5)
    assert (quick.schedule, quick.seed, quick.reading.image_size) == ("constant", 5, (32, 32))
    assert configuration(bench(Size.FULL), "goroshin_1", 0).schedule != "constant"
    assert configuration(bench(Size.QUICK), "goroshin_1", 0, steps=7).steps == 7


def test_pixels_are_a_code_from_zero_to_one() -> None:
    frames = np.zeros((2, 32, 32, 3), np.uint8)
    frames[1, 0, 0] = [255, 51, 0]
    z = pixels(FrameStack([frames]))
    assert z.shape == (2, 3072)
    np.testing.assert_allclose(z[1, :3], [1.0, 0.2, 0.0])
    assert not z[0].any()
