"""DrLIM with the grid of views as its neighbourhood."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from slowfeat_papers.goroshin.toy_method import ToyMethod, neighbours
from slowfeat_papers.material.learning import still_part, still_set
from slowfeat_trainer.config.train_config import config_of_preset
from slowfeat_trainer.methods.training_set import draw_batch

RNG = np.random.default_rng(0)
GRID = np.stack(np.meshgrid(range(3), range(3), indexing="ij"), axis=-1).reshape(-1, 2)


def test_neighbours_are_one_step_apart_in_one_angle() -> None:
    edges = neighbours(GRID)
    # 12 lines of a grid of 3 x 3, in both directions.
    assert len(edges) == 24
    assert np.all(np.abs(GRID[edges[:, 0]] - GRID[edges[:, 1]]).sum(axis=1) == 1)


def test_neighbours_do_not_jump_over_a_view_that_is_held_out() -> None:
    left = GRID[~(GRID == [1, 1]).all(axis=1)]
    assert len(neighbours(left)) == 16


def test_the_toy_minimises_drlim_with_the_grid_as_its_neighbourhood() -> None:
    frames = RNG.integers(0, 255, (9, 12, 12, 3), dtype=np.uint8)
    data = still_set(still_part(frames, np.zeros(9, int)))
    config = config_of_preset("drlim", batch_size=5, drlim_margin=2.0)
    method = ToyMethod(data, config, GRID, hidden=4)
    batch = draw_batch(data, config, 3)
    index = method.frames_of(batch)
    assert len(index) == 15
    z = method.encoder(torch.from_numpy(frames)).detach().numpy().astype(float)
    near = np.linalg.norm(z[index[:5]] - z[index[5:10]], axis=1).mean()
    others = np.concatenate([index[:5], index[10:]])
    pushed = [
        max(0.0, 2.0 - float(np.linalg.norm(z[i] - z[j])))
        for i in index[:5]
        for j in others
        if np.abs(GRID[i] - GRID[j]).sum() > 1
    ]
    loss = method.losses(torch.from_numpy(frames[index]), batch, data, config)["drlim"]
    assert float(loss) == pytest.approx(near + np.mean(pushed), rel=1e-4)
    assert np.array_equal(index, method.frames_of(draw_batch(data, config, 3)))
