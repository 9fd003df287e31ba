"""What transform.onnx computes: every form of map, and the error beside it."""

from __future__ import annotations

import numpy as np
import onnxruntime
import pytest
import torch

from slowfeat_papers.measures.bottleneck_maps import NearestPatternMap
from slowfeat_trainer.bundling.export_onnx import export_transform
from slowfeat_trainer.models.motion_maps import PatternMaps
from slowfeat_trainer.models.transform import PatternTransform, TransformWithError
from tests.helpers.shaken_maps import CENTROIDS, FORMS, PATTERNS, SCALE, D, shaken


@pytest.mark.parametrize("form", ["bottleneck", "continuous", "lie"])
def test_every_form_is_exported_as_torch_computes_it(form: str) -> None:
    torch.manual_seed(0)
    rng = np.random.default_rng(0)
    coefficients = np.array([0.1, 0.2, 0.1, 0.3, 0.2])
    transform = shaken(FORMS[form]())
    module = TransformWithError(transform, CENTROIDS, SCALE, coefficients, 5.0)
    session = onnxruntime.InferenceSession(export_transform(module, D))
    z = rng.normal(size=(9, D)).astype(np.float32)
    motion = rng.normal(0, 0.5, (9, 6)).astype(np.float32)
    motion[0], motion[1], motion[2, 3:] = 0, 100, [0, 0, 1e-4]
    got = session.run(["embedding_after", "expected_error"], {"embedding": z, "motion": motion})
    with torch.no_grad():
        expected = module(torch.from_numpy(z), torch.from_numpy(motion))
    for a, b in zip(got, expected, strict=True):
        assert np.isfinite(a).all()
        np.testing.assert_allclose(a, b.numpy(), rtol=1e-4, atol=1e-5)
    assert np.abs(got[0][3:] - z[3:]).max() > 0.05


def test_the_nearest_pattern_decides_by_the_components_that_move() -> None:
    maps = shaken(PatternMaps(3, D))
    ours, there = NearestPatternMap(PATTERNS, maps), PatternTransform(PATTERNS, maps.weight)
    z, motion = torch.randn(20, D), 0.5 * torch.randn(20, 6)
    with torch.no_grad():
        torch.testing.assert_close(ours(z, motion), there(z, motion))
        sideways = motion + torch.tensor([0, 7.0, -3.0, 1.0, 2.0, 0])
        torch.testing.assert_close(ours(z, motion), ours(z, sideways))
