"""Two short drives, and labels of the second."""

from __future__ import annotations

from pathlib import Path

import pytest

from slowfeat import cli
from tests.helpers.bag_factory import BagRecipe, make_bag, yaw_at


def slowfeat(*words: object) -> int:
    return cli.main([str(word) for word in words])


@pytest.fixture(scope="module")
def bags(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("bags")
    return [make_bag(folder / f"drive{k}", BagRecipe(frames=300 + 20 * k)) for k in range(2)]


@pytest.fixture(scope="module")
def labels(bags: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Half seconds that look left or right, as the robot's own heading tells."""
    path = tmp_path_factory.mktemp("labels") / "headings.csv"
    lines = [
        f"drive1,{k / 2},{k / 2 + 0.5},{'left' if yaw_at(k / 2 + 0.25) > 0 else 'right'}"
        for k in range(64)
    ]
    path.write_text("\n".join(["bag,from_s,to_s,label", *lines]) + "\n")
    return path
