"""A small grid of rendered views, and what a quick network of it learns from."""

from __future__ import annotations

from pathlib import Path

import pytest

from slowfeat_papers.jayaraman.networks import Setting
from slowfeat_papers.material.part import Bench, Size, Sources
from slowfeat_papers.material.view_grid import GridOfViews, make_grid, walks
from slowfeat_trainer.data.recording import Camera


@pytest.fixture(scope="session")
def grid(tmp_path_factory: pytest.TempPathFactory) -> GridOfViews:
    return make_grid(tmp_path_factory.mktemp("common"), 32, instances=3, lights=1)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path / "part", tmp_path, Sources(), size=Size.QUICK, seeds=1)


@pytest.fixture
def setting(grid: GridOfViews) -> Setting:
    settings = {"encoder": "norb_fc", "dimension": 10, "max_gap_s": 0.5, "patterns": 4}
    settings |= {"drop_slowest": 0.0, "batch_size": 16, "steps": 3}
    part = walks(grid, grid.known, 30, 0.5, 0)
    return Setting("grid", part, Camera(size=(32, 32)), settings)
