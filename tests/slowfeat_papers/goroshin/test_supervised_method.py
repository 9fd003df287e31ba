"""The supervised network: its loss and its classes, with a small encoder in place of the layers."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from slowfeat_papers.goroshin import supervised_method
from slowfeat_papers.goroshin.supervised_method import SupervisedNet
from slowfeat_papers.material.learning import still_part, still_set
from slowfeat_trainer.config.train_config import config_of_preset
from slowfeat_trainer.data.labels import Labels


class First1024(nn.Module):
    """The first pixels of a frame, in [0, 1]."""

    def forward(self, frames: Tensor) -> Tensor:
        return frames.flatten(1)[:, :1024].float() / 255


@pytest.fixture
def net(monkeypatch: pytest.MonkeyPatch) -> SupervisedNet:
    monkeypatch.setattr(supervised_method, "build_encoder", lambda *_: First1024())
    part = still_part(np.zeros((4, 20, 20, 3), np.uint8), np.arange(4))
    data = still_set(part, Labels(["a", "b", "c"], np.array([0, 1, 2, 0])))
    return SupervisedNet(data, config_of_preset("drlim"))


def frames(count: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (count, 20, 20, 3), dtype=np.uint8)


def test_the_loss_is_the_cross_entropy_of_the_classes(net: SupervisedNet) -> None:
    classes = np.array([2, 0, 1, 1])

    class Drawn:
        labelled = (np.arange(4), classes)

    found = net.losses(torch.from_numpy(frames(4)), Drawn(), None, None)  # type: ignore[arg-type]
    scores = net.scores(torch.from_numpy(frames(4))).detach().numpy().astype(float)
    likelihood = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    expected = -np.log(likelihood[np.arange(4), classes]).mean()
    assert float(found["classification"]) == pytest.approx(expected, rel=1e-4)
    assert net.frames_of(Drawn()).tolist() == [0, 1, 2, 3]  # type: ignore[arg-type]


def test_more_pictures_than_a_batch_are_classified_in_their_order(net: SupervisedNet) -> None:
    many = frames(130)
    one_by_one = [int(net.classify(many[[i]])[0]) for i in (0, 127, 128, 129)]
    found = net.classify(many)
    assert len(found) == 130
    assert found[[0, 127, 128, 129]].tolist() == one_by_one
