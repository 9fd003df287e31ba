"""What is exported of the warp is the warp, whether motions share their start or not."""

from __future__ import annotations

import math

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from torch.nn import functional

from slowfeat_trainer.bundling.export_onnx import export_transform
from slowfeat_trainer.geometry.camera_geometry import CameraGeometry
from slowfeat_trainer.models.shared_warp import SharedTransform, SharedWarp, weights
from slowfeat_trainer.models.transform import TransformWithError
from slowfeat_trainer.models.warp_transform import WarpTransform


def trained(shape: tuple[int, int, int], slow: int = 0, window: float = 2.0) -> WarpTransform:
    """A warp none of whose weights is zero any more, with a lens that bends."""
    torch.manual_seed(0)
    motions = np.random.default_rng(0).normal(0, 0.2, (50, 6))
    warp = WarpTransform(CameraGeometry((1.2, 1.6), None), shape, motions, window=window, slow=slow)
    for parameter in warp.parameters():
        parameter.data += 0.05 * torch.randn_like(parameter)
    return warp.eval()


def some_motions(count: int) -> torch.Tensor:
    motions = torch.from_numpy(np.random.default_rng(1).normal(0, 0.4, (count, 6))).float()
    motions[0] = 0
    motions[1] = 100
    motions[2, 3:] = torch.tensor([0.0, 0.0, math.pi])
    return motions


@pytest.mark.parametrize(
    ("shape", "slow", "window"),
    [((16, 8, 8), 5, 2.0), ((3, 8, 16), 0, 0.0), ((7, 5, 6), 3, 1.0), ((1, 2, 3), 0, 2.0)],
)
@torch.no_grad()
def test_it_moves_a_map_as_the_warp_does(
    shape: tuple[int, int, int], slow: int, window: float
) -> None:
    warp = trained(shape, slow, window)
    motions = some_motions(9)
    z = torch.randn(9, math.prod(shape) + slow)
    shared = SharedWarp.of(warp)
    torch.testing.assert_close(shared(z, motions), warp(z, motions), rtol=1e-4, atol=1e-5)
    one = shared(z[4:5], motions)
    expected = warp(z[4:5].expand(9, -1), motions)
    torch.testing.assert_close(one, expected, rtol=1e-4, atol=1e-5)
    assert (one[3] - one[4]).abs().max() > 1e-3


@torch.no_grad()
def test_the_weights_are_those_of_linear_sampling_up_to_the_border() -> None:
    line = torch.randn(1, 1, 1, 7)
    where = torch.linspace(-1.5, 1.5, 61)
    grid = torch.stack([where, torch.zeros(61)], dim=-1)[None, None]
    expected = functional.grid_sample(
        line, grid, mode="bilinear", padding_mode="border", align_corners=False
    )
    found = line[0, 0] @ weights(where[None], 7)[0]
    torch.testing.assert_close(found[0], expected[0, 0, 0], rtol=1e-5, atol=1e-6)


@torch.no_grad()
def test_one_embedding_serves_for_all_motions_in_the_exported_model() -> None:
    warp = trained((8, 4, 6), slow=5)
    seen = np.random.default_rng(2).normal(0, 0.3, (20, 6))
    coefficients = np.array([0.1, 0.2, 0.1, 0.3, 0.2])
    module = TransformWithError(warp, seen, np.ones(6), coefficients, 5.0)
    dimension = 8 * 4 * 6 + 5
    model = export_transform(module, dimension)
    session = onnxruntime.InferenceSession(model)
    names = {i.name for i in onnx.load_from_string(model).graph.initializer}
    unused = {"low", "high", "inverse_scale"}
    assert set(module.state_dict()) - names <= unused
    free = {end.name: end.shape[0] for end in session.get_inputs()}
    assert free["embedding"] != free["motion"]
    motions = some_motions(11)
    z = torch.randn(11, dimension)
    for start in (z, z[:1]):
        inputs = {"embedding": start.numpy(), "motion": motions.numpy()}
        got = session.run(["embedding_after", "expected_error"], inputs)
        expected = module(start.expand(11, -1), motions)
        in_torch = SharedTransform.of(module)(start, motions)
        for a, b, c in zip(got, expected, in_torch, strict=True):
            np.testing.assert_allclose(a, b.numpy(), rtol=1e-4, atol=1e-5)
            np.testing.assert_allclose(c.numpy(), b.numpy(), rtol=1e-4, atol=1e-5)
