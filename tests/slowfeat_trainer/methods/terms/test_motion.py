"""Terms that are told the motion: a code that moves as it says costs nothing,
whatever the form of the map.
"""

from __future__ import annotations

import numpy as np
import pytest
import torch

from slowfeat_trainer.methods.terms.motion import (
    ContinuousTerm,
    EquivarianceTerm,
    LieTerm,
    LsmTerm,
)
from slowfeat_trainer.methods.training_set import TrainingSet, draw_batch
from tests.helpers.made_up_drive import made_up_set, small_config

CONFIG = small_config("equiv_drlim")


@pytest.fixture(scope="module")
def data() -> TrainingSet:
    return made_up_set()


def test_the_map_of_the_right_pattern_must_hit_and_all_others_miss(data: TrainingSet) -> None:
    torch.manual_seed(0)
    batch, term = draw_batch(data, CONFIG, 0), EquivarianceTerm(data, CONFIG)
    patterns = len(data.patterns)
    assert patterns > 1
    with torch.no_grad():  # pattern g moves the code by g along its first axis
        term.maps.weight[:, -1, 0] = torch.arange(patterns, dtype=torch.float32)
    before, step = torch.randn(8, 8), torch.from_numpy(batch.pattern).float()
    after = before.clone()
    after[:, 0] += step
    right = float(term.loss({"before": before, "after": after}, batch, data, CONFIG).detach())
    assert right == pytest.approx(0, abs=1e-5)
    after[:, 0] += 1
    assert float(term.loss({"before": before, "after": after}, batch, data, CONFIG).detach()) > 0.9


def test_the_continuous_map_is_driven_by_the_batchs_motions(data: TrainingSet) -> None:
    batch, term = draw_batch(data, CONFIG, 0), ContinuousTerm(data, CONFIG)
    before = torch.randn(8, 8)
    with torch.no_grad():
        term.map.drive.weight[3, 5] = 1.0  # the yaw moves the fourth axis
    after = before.clone()
    yaw = batch.motions[:, 5] / data.patterns.scale[5]
    after[:, 3] += torch.from_numpy(np.clip(yaw, -4, 4)).float()
    z = {"before": before, "after": after}
    assert float(term.loss(z, batch, data, CONFIG).detach()) == pytest.approx(0, abs=1e-5)
    z["after"] = before
    standing = float(term.loss(z, batch, data, CONFIG).detach())
    assert standing == pytest.approx(np.abs(yaw).mean(), rel=1e-4)


def test_of_the_rotations_the_error_counts_beside_that_of_standing_still(data: TrainingSet) -> None:
    torch.manual_seed(0)
    batch, term = draw_batch(data, CONFIG, 0), LieTerm(data, CONFIG)
    before = torch.randn(8, 8)
    motions = torch.tensor(batch.motions, dtype=torch.float32)
    with torch.no_grad():
        term.map.generators.mul_(20)
        moved = term.map(before, motions)
        exact = float(term.loss({"before": before, "after": moved}, batch, data, CONFIG))
        noise = float(
            term.loss({"before": before, "after": torch.randn(8, 8)}, batch, data, CONFIG)
        )
    # Nothing but the floor of the ratio is left, a few percent of the change.
    assert exact < -2
    assert noise > exact + 2


def test_the_bins_of_a_motion_between_close_views_are_told(data: TrainingSet) -> None:
    batch, term = draw_batch(data, CONFIG, 0), LsmTerm(data, CONFIG)
    views = term.views(batch)
    assert ((views["closely after"] - views["close"]) >= 1).all()
    z = {name: torch.randn(len(index), 8) for name, index in views.items()}
    with torch.no_grad():
        for layer in term.head.layers:
            if isinstance(layer, torch.nn.Linear):
                layer.weight.zero_()
        undecided = float(term.loss(z, batch, data, CONFIG))
    components = int((data.patterns.scale > 0).sum())
    assert undecided == pytest.approx(components * np.log(20), rel=1e-5)
