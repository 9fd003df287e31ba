"""Two short bags, and the dataset of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from slowfeat_trainer.data.options import IngestOptions
from slowfeat_trainer.ingest.dataset import (
    Dataset,
)
from slowfeat_trainer.ingest.engines import open_engine
from slowfeat_trainer.ingest.ingest_bags import ingest
from tests.helpers.bag_factory import BagRecipe, make_bag

SMALL = IngestOptions(image_size=(16, 24))


@pytest.fixture(scope="module")
def bags(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("bags")
    return [make_bag(folder / name, BagRecipe(frames=n)) for name, n in (("a", 120), ("b", 150))]


def take(bags: list[Path], out: Path, options: IngestOptions = SMALL, **more: object) -> Dataset:
    with open_engine(workers=2) as engine:
        return ingest(bags, out, options, engine, **more)  # type: ignore[arg-type]
