"""A pooled method: its terms, weighted, on frames that terms of one view share."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from slowfeat.errors import UsageError
from slowfeat_trainer.methods import build_method
from slowfeat_trainer.methods.pooled import PooledMethod
from slowfeat_trainer.methods.training_set import TrainingSet, draw_batch
from tests.helpers.made_up_drive import made_up_set, small_config


@pytest.fixture(scope="module")
def data() -> TrainingSet:
    return made_up_set()


def losses(data: TrainingSet, **terms: float) -> dict[str, float]:
    config = small_config("equiv_drlim", terms=terms)
    method, batch = build_method(data, config), draw_batch(data, config, 0)
    frames = torch.from_numpy(data.part.frames[method.frames_of(batch)])
    return {n: float(t.detach()) for n, t in method.losses(frames, batch, data, config).items()}


def test_each_term_counts_by_its_weight_and_one_of_weight_0_not_at_all(data: TrainingSet) -> None:
    single = losses(data, drlim=1.0, variance=1.0, temporal=0.0)
    assert set(single) == {"drlim", "variance"}
    double = losses(data, drlim=2.0, variance=0.5)
    assert double["drlim"] == pytest.approx(2 * single["drlim"], rel=1e-5)
    assert double["variance"] == pytest.approx(0.5 * single["variance"], rel=1e-5)


def test_terms_that_need_the_same_frames_share_them(data: TrainingSet) -> None:
    config = small_config("equiv_drlim", terms={"drlim": 1.0, "equivariance": 1.0, "variance": 1.0})
    batch = draw_batch(data, config, 0)
    got = build_method(data, config).frames_of(batch)
    both = [batch.near, batch.next, batch.before, batch.after]
    np.testing.assert_array_equal(got, np.concatenate(both))


def test_steps_without_an_objective_and_unknown_encoders_are_wrong_use(data: TrainingSet) -> None:
    with pytest.raises(UsageError, match="leave --steps out"):
        PooledMethod(data, small_config("equiv_drlim", terms={"drlim": 0.0}))
    with pytest.raises(UsageError, match="'resnet81' is unknown"):
        PooledMethod(data, small_config("equiv_drlim", encoder="resnet81"))


def test_maps_are_exported_only_of_a_method_that_trains(data: TrainingSet) -> None:
    trained = build_method(data, small_config("equiv_drlim"))
    still = build_method(data, small_config("equiv_drlim", steps=0))
    assert list(trained.transforms(data)) == ["patterns"]
    assert still.transforms(data) == {}
