"""What every term offers: frames of the part by the name of a view, and a loss of their embeddings
that can be learned.
"""

from __future__ import annotations

import pytest
import torch

from slowfeat_trainer.methods.terms import TERMS
from slowfeat_trainer.methods.training_set import TrainingSet, draw_batch
from tests.helpers.made_up_drive import made_up_set, small_config


@pytest.fixture(scope="module")
def data() -> TrainingSet:
    return made_up_set(labelled=True)


@pytest.mark.parametrize("name", TERMS)
def test_its_views_are_frames_of_the_part_and_its_loss_reaches_them(
    data: TrainingSet, name: str
) -> None:
    torch.manual_seed(0)
    config = small_config("drlim")
    term, batch = TERMS[name].kind(data, config), draw_batch(data, config, 0)
    views = term.views(batch)
    assert all((index >= 0).all() and (index < len(data.part)).all() for index in views.values())
    # Small enough for every hinge to act.
    z = {v: (0.1 * torch.randn(len(i), 8)).requires_grad_() for v, i in views.items()}
    loss = term.loss(z, batch, data, config)
    assert loss.shape == ()
    loss.backward()
    assert any(part.grad is not None and part.grad.any() for part in z.values())


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("equivariance", "patterns"),
        ("equivariance_continuous", "continuous"),
        ("lie_ratio", "lie"),
        ("drlim", None),
        ("variance", None),
    ],
)
def test_only_terms_that_learn_a_map_export_one(
    data: TrainingSet, name: str, form: str | None
) -> None:
    found = TERMS[name].kind(data, small_config("drlim")).transforms(data)
    assert list(found) == ([form] if form else [])
