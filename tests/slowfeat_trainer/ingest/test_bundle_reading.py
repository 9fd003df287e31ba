"""A bag is read for a bundle as in its training, by the bundle's rule where it is new."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from slowfeat_trainer.config.train_config import TrainConfig
from slowfeat_trainer.data.options import IngestOptions
from slowfeat_trainer.ingest.bundle_reading import reading_for
from tests.conftest import tiny_info


@pytest.mark.parametrize("rule", ["whole", "scaled"])
def test_a_foreign_bag_is_decoded_by_the_bundles_rule(rule: str) -> None:
    info = tiny_info()
    info.image_decoding = rule
    assert reading_for(info, "ab", {}).options.decoding == rule
    assert reading_for(info, "ab", {"decoding": "whole"}).options.decoding == "whole"


@pytest.mark.parametrize(
    ("stored", "expected"), [("scaled", "scaled"), ("whole", "whole"), (None, "whole")]
)
def test_a_bag_of_the_training_is_decoded_as_then(stored: str | None, expected: str) -> None:
    reading = IngestOptions(decoding=stored or "scaled")
    settings: dict[str, Any] = dataclasses.asdict(TrainConfig(reading=reading))
    if stored is None:
        del settings["reading"]["decoding"]
    info = tiny_info()
    info.training = {"bags": [{"name": "a", "sha256": "ab"}], "configuration": settings}
    found = reading_for(info, "ab", {})
    assert found.options.decoding == expected
    assert found.trained is not None
