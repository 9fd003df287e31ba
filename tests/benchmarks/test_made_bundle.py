"""Bundles that are made on the spot are bundles like any other, of the size that was asked for."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from benchmarks.made_bundle import made_bundle
from slowfeat.bundle import load_bundle
from slowfeat.encoder import Encoder


def test_it_loads_embeds_and_predicts(tmp_path: Path) -> None:
    made_bundle(tmp_path / "bundle", dimension=32)
    encoder = Encoder(load_bundle(tmp_path / "bundle"), "cpu")
    embedding = encoder.embed(np.zeros((48, 64, 3), np.uint8))
    after, expected = encoder.predict(embedding, np.zeros((3, 6)))
    assert (embedding.shape, after.shape, expected.shape) == ((32,), (3, 32), (3,))
    np.testing.assert_allclose(after, np.tile(embedding, (3, 1)))
