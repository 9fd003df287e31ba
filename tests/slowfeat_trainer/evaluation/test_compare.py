"""The table of a bundle: what must not change its figures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from slowfeat_trainer.data.motion_patterns import discover_patterns
from slowfeat_trainer.data.options import IngestOptions
from slowfeat_trainer.data.pairs import GAP_S, split_by_time
from slowfeat_trainer.evaluation import compare
from slowfeat_trainer.ingest.ingest_bag import read_recording
from tests.helpers.bag_factory import BagRecipe, make_bag


@pytest.mark.parametrize("scale", [1e-3, 1e3])
def test_refitted_figures_know_no_scale(scale: float, tmp_path: Path) -> None:
    bag = make_bag(tmp_path / "drive", BagRecipe(frames=600, rate=20.0))
    split = split_by_time([read_recording(bag, IngestOptions(image_size=(32, 32)))])
    pairs = compare.HeldOutPairs.of(split.test)
    patterns = discover_patterns(split.train.pairs_at_gap(GAP_S).motions)
    plain = compare.refitted(lambda f: compare.pixels(f)[:, ::32], split, patterns, pairs)
    scaled = compare.refitted(lambda f: scale * compare.pixels(f)[:, ::32], split, patterns, pairs)
    for row, figures in plain.items():
        for name, value in figures.items():
            other = scaled[row][name]
            assert (value is None) == (other is None)
            if value is not None:
                np.testing.assert_allclose(other, value, rtol=1e-4, atol=1e-6, err_msg=name)
