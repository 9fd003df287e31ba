"""From torch to ONNX: proven equal, of any number of rows, and without notes of this machine."""

from __future__ import annotations

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from torch import Tensor, nn

from slowfeat.errors import SlowfeatError
from slowfeat_trainer.bundling import export_onnx
from slowfeat_trainer.bundling.export_onnx import export_encoder


class Channels(nn.Module):
    """The mean of each channel, times a weight."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.tensor([1.0, 2.0, 3.0]))

    def forward(self, image: Tensor) -> Tensor:
        return image.float().mean(dim=(1, 2)) * self.weight


@pytest.fixture(scope="module")
def model() -> bytes:
    return export_encoder(Channels(), (4, 6))


@pytest.mark.parametrize("rows", [1, 2, 9])
def test_any_number_of_frames_goes_in(model: bytes, rows: int) -> None:
    frames = np.random.default_rng(0).integers(0, 256, (rows, 4, 6, 3), dtype=np.uint8)
    session = onnxruntime.InferenceSession(model)
    (z,) = session.run(["embedding"], {"image": frames})
    np.testing.assert_allclose(z, frames.mean(axis=(1, 2)) * [1, 2, 3], rtol=1e-5)


def test_nothing_of_this_machine_is_in_it(model: bytes) -> None:
    found = onnx.load_from_string(model)
    assert not any(node.metadata_props for node in found.graph.node)
    assert b"site-packages" not in model
    assert export_encoder(Channels(), (4, 6)) == model


def test_a_model_that_differs_from_torch_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def spoiled(model: bytes) -> bytes:
        found = onnx.load_from_string(model)
        for tensor in found.graph.initializer:
            if list(tensor.dims) == [3]:
                values = np.array([1.0, 2.0, 3.1], np.float32)
                tensor.CopyFrom(onnx.numpy_helper.from_array(values, tensor.name))
        return bytes(found.SerializeToString())

    monkeypatch.setattr(export_onnx, "_without_notes", spoiled)
    with pytest.raises(SlowfeatError, match="the exported embedding differs from torch's"):
        export_encoder(Channels(), (4, 6))
