"""The classifier on the embedding: only labelled frames are looked at, and classes
that stand apart are learned.
"""

from __future__ import annotations

import pytest
import torch

from slowfeat.errors import UsageError
from slowfeat_trainer.methods.terms.classification_term import ClassificationTerm
from slowfeat_trainer.methods.training_set import draw_batch
from tests.helpers.made_up_drive import made_up_set, small_config

CONFIG = small_config("drlim")


def test_without_labels_it_says_what_to_give() -> None:
    with pytest.raises(UsageError, match="--labels"):
        ClassificationTerm(made_up_set(), CONFIG)


def test_only_labelled_frames_are_looked_at() -> None:
    data = made_up_set(labelled=True)
    index = ClassificationTerm(data, CONFIG).views(draw_batch(data, CONFIG, 0))["labelled"]
    assert data.labels is not None
    assert (data.labels.of_frame[index] >= 0).all()


def test_a_code_that_tells_the_classes_costs_less_than_one_that_does_not() -> None:
    data = made_up_set(labelled=True)
    term, batch = ClassificationTerm(data, CONFIG), draw_batch(data, CONFIG, 0)
    with torch.no_grad():
        term.head.layer.weight.copy_(torch.zeros(2, 8))
        term.head.layer.weight[0, 0], term.head.layer.weight[1, 0] = -1.0, 1.0
    sign = torch.from_numpy(batch.labelled[1]).float() * 2 - 1
    good = 5 * sign[:, None].expand(-1, 8)
    right, wrong = (
        float(term.loss({"labelled": z}, batch, data, CONFIG).detach()) for z in (good, -good)
    )
    assert right < 0.01
    assert wrong == pytest.approx(10, abs=0.01)
