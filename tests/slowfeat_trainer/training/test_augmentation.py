"""Augmentation: what it changes, what it leaves, and that a step says all of it."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from slowfeat.errors import UsageError
from slowfeat_trainer.config.train_config import AUGMENTS, config_of_preset
from slowfeat_trainer.training.augmentation import AUGMENTATIONS, Augmentation


@pytest.fixture(scope="module")
def frames() -> torch.Tensor:
    rng = np.random.default_rng(0)
    return torch.from_numpy(rng.integers(40, 216, (6, 24, 32, 3), dtype=np.uint8))


def test_the_names_of_the_settings_are_those_of_the_transforms() -> None:
    assert tuple(AUGMENTATIONS) == AUGMENTS
    with pytest.raises(UsageError, match="there are light, grey, blur, noise"):
        config_of_preset("drlim", augment=["shear"])


def test_none_is_the_frames_themselves(frames: torch.Tensor) -> None:
    assert Augmentation([], 0)(frames, 3) is frames


@pytest.mark.parametrize("name", AUGMENTS)
def test_it_is_a_function_of_seed_and_step_and_disturbs_nobody(
    name: str, frames: torch.Tensor
) -> None:
    torch.manual_seed(7)
    expected_next = torch.rand(3)
    torch.manual_seed(7)
    outcomes = [Augmentation([name], 1)(frames, step) for step in range(12)]
    assert torch.equal(torch.rand(3), expected_next)
    assert torch.equal(Augmentation([name], 1)(frames, 5), outcomes[5])
    assert any(not torch.equal(outcomes[5], other) for other in outcomes)
    assert any(
        not torch.equal(o, Augmentation([name], 2)(frames, s)) for s, o in enumerate(outcomes)
    )
    assert all(o.shape == frames.shape and o.dtype == torch.uint8 for o in outcomes)
    assert any(not torch.equal(o, frames) for o in outcomes)


@pytest.mark.parametrize("name", [n for n in AUGMENTS if n != "noise"])
def test_equal_frames_of_a_batch_stay_equal(name: str, frames: torch.Tensor) -> None:
    twice = torch.cat([frames, frames])
    for step in range(4):
        before, after = Augmentation([name], 0)(twice, step).chunk(2)
        assert torch.equal(before, after)


@pytest.mark.parametrize("name", [*AUGMENTS])
def test_the_layout_stays_where_it_is(name: str) -> None:
    """A bright square in a dark image has its centre where it was, to a tenth of a pixel."""
    picture = torch.full((1, 24, 32, 3), 60, dtype=torch.uint8)
    picture[:, 6:12, 20:26] = 200
    for step in range(5):
        found = Augmentation([name], 0)(picture, step)[0].float().mean(dim=2)
        weight = (found - found.median()).clamp(min=25)
        weight = weight - weight.min()
        rows, columns = torch.meshgrid(torch.arange(24.0), torch.arange(32.0), indexing="ij")
        assert abs(float((weight * rows).sum() / weight.sum()) - 8.5) < 0.1
        assert abs(float((weight * columns).sum() / weight.sum()) - 22.5) < 0.1
