"""Dictionaries of patches: their settings, their columns and pools."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from slowfeat_papers.goroshin.fc import VARIANTS, configuration, dictionary
from slowfeat_papers.goroshin.fc_findings import OVERLAP, SGD
from slowfeat_papers.goroshin.fc_method import FcDictionary
from slowfeat_papers.material.learning import still_part, still_set
from slowfeat_papers.material.part import Bench, Size, Sources
from slowfeat_trainer.config.change_settings import setting_of

BENCH = Bench(Path(), Path(), Sources(), Size.QUICK, 1)
BY_NAME = {variant.name: variant for variant in VARIANTS}


def test_plain_gradient_descent_has_no_momentum_and_the_others_have_adam() -> None:
    sgd = configuration(BENCH, BY_NAME[SGD], 0)
    assert (sgd.optimiser, sgd.momentum, sgd.schedule) == ("sgd", 0.0, "constant")
    others = [configuration(BENCH, v, 0).optimiser for v in VARIANTS if v.name != SGD]
    assert set(others) == {"adamw"}
    for variant in VARIANTS:
        made = configuration(BENCH, variant, 4)
        assert setting_of(made, "sparsity") == variant.sparsity
        assert setting_of(made, "slowness") == variant.slowness
        assert made.seed == 4


def test_columns_are_those_of_the_decoder_and_overlapping_pools_share_half_their_units() -> None:
    frames = np.random.default_rng(0).integers(0, 255, (500, 20, 20, 3), dtype=np.uint8)
    data = still_set(still_part(frames, np.repeat(np.arange(50), 10)))
    variant = BY_NAME[OVERLAP]
    method = FcDictionary(data, configuration(BENCH, variant, 0), variant.stride)
    kernels, pools = dictionary(method)
    assert kernels.shape == (512, 1, 20, 20)
    weight = method.first.decoder.weight.detach().numpy()
    np.testing.assert_allclose(kernels[7].ravel(), weight[:, 7])
    assert pools[:2] == [[0, 1, 2, 3], [2, 3, 4, 5]]
    assert {len(pool) for pool in pools} == {4}
