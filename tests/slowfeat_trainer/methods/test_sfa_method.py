"""Slow feature analysis as a method: fitted when built, nothing to
step, refused where it cannot be.
"""

from __future__ import annotations

import numpy as np
import pytest
import torch

from slowfeat.errors import BagError, UsageError
from slowfeat_trainer.methods.sfa_method import SfaMethod
from slowfeat_trainer.methods.training_set import draw_batch
from tests.helpers.made_up_drive import made_up_set, small_config


def test_it_is_fitted_to_the_training_frames_with_unit_variance() -> None:
    data, config = made_up_set(frames=120), small_config("sfa", steps=0)
    method, batch = SfaMethod(data, config), draw_batch(data, config, 0)
    with torch.no_grad():
        z = method.encoder(torch.from_numpy(data.part.frames[:])).double().numpy()
    assert method.dimension == z.shape[1] == 8
    np.testing.assert_allclose(z.std(axis=0), 1, atol=1e-2)
    assert len(method.frames_of(batch)) == 0
    assert method.losses(torch.zeros(0), batch, data, config) == {}
    assert method.transforms(data) == {}


def test_steps_are_wrong_use_and_too_long_a_code_is_a_poor_bag() -> None:
    data = made_up_set()
    with pytest.raises(UsageError, match="leave --steps out"):
        SfaMethod(data, small_config("sfa", steps=3))
    with pytest.raises(BagError, match="sfa cannot be fitted"):
        SfaMethod(data, small_config("sfa", steps=0, dimension=4000))
