"""The AlexNet-size network: its maps have a bottleneck."""

from __future__ import annotations

import torch

from slowfeat_papers.jayaraman import networks
from slowfeat_papers.jayaraman.alexnet_run import DIMENSION, HIDDEN, build, settings
from slowfeat_papers.jayaraman.networks import Setting
from slowfeat_papers.material.part import Bench
from slowfeat_papers.measures.bottleneck_maps import BottleneckMaps


def test_full_maps_become_maps_with_a_bottleneck(setting: Setting) -> None:
    config = networks.configuration(setting, "equiv", 0, False)
    data = networks.prepared(setting.part, setting.camera, config, None)
    maps = build(data, config).terms["equivariance"].maps  # type: ignore[index, union-attr]
    assert isinstance(maps, BottleneckMaps)
    assert maps.down.shape == (len(data.patterns), config.dimension + 1, HIDDEN)
    assert maps(torch.zeros(3, config.dimension)).shape == (len(data.patterns), 3, config.dimension)


def test_quick_is_one_step_of_the_papers_optimisation(bench: Bench) -> None:
    quick = settings(bench)
    assert (quick["steps"], quick["dimension"], quick["encoder"]) == (1, DIMENSION, "alexnet")
    assert networks.PAPERS_OPTIMISATION.items() <= quick.items()
