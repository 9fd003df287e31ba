"""Settings of a training small enough for a test."""

from __future__ import annotations

from slowfeat_trainer.config.train_config import TrainConfig, config_of_preset
from slowfeat_trainer.data.options import IngestOptions

READING = IngestOptions(image_size=(32, 32))


def config(**changes: object) -> TrainConfig:
    """Four steps of eight pairs, but for changes."""
    return config_of_preset("slowfeat", reading=READING, batch_size=8, **{"steps": 4, **changes})
