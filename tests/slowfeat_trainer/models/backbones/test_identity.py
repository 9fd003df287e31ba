"""A hash of weights depends on every one of them and on nothing else."""

from __future__ import annotations

import torch
from torch import nn

from slowfeat_trainer.models.backbones.identity import sha256_of_weights


def network() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4))


def test_equal_weights_have_one_hash() -> None:
    assert sha256_of_weights(network()) == sha256_of_weights(network())
    assert len(sha256_of_weights(network())) == 64


def test_one_weight_and_one_statistic_change_it() -> None:
    first, weight, statistic = network(), network(), network()
    weight[0].weight.data[0, 0, 0, 0] += 1e-6  # type: ignore[union-attr,index]
    statistic[1].running_mean[2] += 1.0  # type: ignore[union-attr,index,operator]
    assert len({sha256_of_weights(n) for n in (first, weight, statistic)}) == 3
