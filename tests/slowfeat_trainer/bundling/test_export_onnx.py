"""From torch to ONNX: proven equal, of any number of rows, and without notes of this machine."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from torch import Tensor, nn

from slowfeat.errors import SlowfeatError
from slowfeat_trainer.bundling import export_onnx
from slowfeat_trainer.bundling.export_onnx import export_encoder
from slowfeat_trainer.models.convnet import Normalise, SmallConvNet
from tests.conftest import TINY_SIZE


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


def test_the_oldest_runtime_that_is_supported_knows_its_form(model: bytes) -> None:
    found = onnx.load_from_string(model)
    assert found.ir_version <= 8
    assert max(used.version for used in found.opset_import) <= 18


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


def frames(count: int = 16) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (count, *TINY_SIZE, 3), dtype=np.uint8)


def test_exported_models_equal_torch_on_any_batch_size() -> None:
    frames = np.random.default_rng(0).integers(0, 256, (7, 32, 48, 3), dtype=np.uint8)
    torch.manual_seed(0)
    net = SmallConvNet(Normalise.fitted_to(frames), (32, 48), 16).eval()
    session = onnxruntime.InferenceSession(export_encoder(net, (32, 48)))
    assert [i.name for i in session.get_inputs()] == ["image"]
    with torch.no_grad():
        expected = net(torch.from_numpy(frames)).numpy()
    for rows in (7, 2, 1):
        got = session.run(["embedding"], {"image": frames[:rows]})[0]
        np.testing.assert_allclose(got, expected[:rows], rtol=1e-4, atol=1e-5)


def test_an_exported_model_does_not_tell_where_it_was_made() -> None:
    frames = np.zeros((2, 32, 32, 3), np.uint8)
    model = export_encoder(SmallConvNet(Normalise.fitted_to(frames), (32, 32), 16), (32, 32))
    here = Path(__file__).resolve()
    for place in (sys.prefix, Path(torch.__file__).parent, here.parents[3], "stack_trace"):
        assert str(place).encode() not in model
