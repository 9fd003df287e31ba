"""A made drive, and a training so short that a trial takes a second."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.helpers.bag_factory import BagRecipe, make_bag, yaw_at

# What makes a trial small: to be given to slowfeat tune.
SMALL = (
    *("--preset", "drlim", "--size", "32x32", "--steps", "6", "--repeats", "0"),
    *("--set", "dimension=8", "--set", "batch_size=16", "--set", "patterns=3"),
)


@pytest.fixture(scope="session")
def drive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_bag(tmp_path_factory.mktemp("tuning") / "drive", BagRecipe(frames=400))


@pytest.fixture(scope="session")
def headings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Labels of half seconds: which way the robot looks."""
    path = tmp_path_factory.mktemp("tuning") / "headings.csv"
    lines = [
        f"drive,{k / 2},{k / 2 + 0.5},{'left' if yaw_at(k / 2 + 0.25) > 0 else 'right'}"
        for k in range(80)
    ]
    path.write_text("\n".join(["bag,from_s,to_s,label", *lines]) + "\n")
    return path
