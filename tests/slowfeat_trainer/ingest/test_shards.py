"""Datasets that several workers have made are trained on as one."""

from __future__ import annotations

from pathlib import Path

import pytest

from slowfeat.bundle import load_bundle
from slowfeat.cli import main
from slowfeat.errors import UsageError
from slowfeat_trainer.ingest.shards import open_shards, recordings_of
from tests.helpers.bag_factory import BagRecipe, make_bag

SMALL = ["--size", "32x32"]


def slowfeat(*words: object) -> int:
    return main([str(word) for word in words])


@pytest.fixture(scope="module")
def bags(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("bags")
    return [make_bag(folder / f"drive{k}", BagRecipe(frames=200 + 10 * k)) for k in range(2)]


@pytest.fixture(scope="module")
def shards(bags: list[Path], tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("shards")
    paths = [folder / bag.name for bag in bags]
    for bag, path in zip(bags, paths, strict=True):
        assert slowfeat("ingest", bag, "--out", path, *SMALL) == 0
    return paths


def test_from_shards_comes_the_bundle_of_one_dataset(
    bags: list[Path], shards: list[Path], tmp_path: Path
) -> None:
    assert slowfeat("ingest", *bags, "--out", tmp_path / "whole", *SMALL) == 0
    flags = ["--preset", "random", "--dimension", "8", "--batch-size", "16"]
    for name, given in (("one", [tmp_path / "whole"]), ("many", shards)):
        assert slowfeat("train", *given, "--out", tmp_path / name / "run", *flags) == 0
    one, many = (load_bundle(tmp_path / name / "run") for name in ("one", "many"))
    assert one.info == many.info
    assert (one.encoder, one.transform) == (many.encoder, many.transform)


def test_a_bag_in_two_shards_counts_once(
    shards: list[Path], bags: list[Path], tmp_path: Path
) -> None:
    assert slowfeat("ingest", *bags, "--out", tmp_path / "both", *SMALL) == 0
    found = recordings_of(open_shards([*shards, tmp_path / "both"]))
    assert [recording.path.name for recording in found] == ["drive0", "drive1"]


def test_shards_of_other_options_are_refused(
    shards: list[Path], bags: list[Path], tmp_path: Path
) -> None:
    assert slowfeat("ingest", bags[1], "--out", tmp_path / "large", "--size", "48x32") == 0
    with pytest.raises(UsageError, match=r"image_size \(32, 32\), \(32, 48\)"):
        open_shards([shards[0], tmp_path / "large"])
