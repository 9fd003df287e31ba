"""A foreign ONNX model gets its input as the flags say."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper

from slowfeat.errors import UsageError
from slowfeat_trainer.data.frames import FrameStack
from slowfeat_trainer.evaluation.reference_model import ReferenceInput, ReferenceModel
from tests.conftest import as_bytes

FRAMES = FrameStack([np.random.default_rng(0).integers(0, 256, (5, 8, 8, 3)).astype(np.uint8)])
REAL = Path(__file__).parents[4] / "shared" / "data" / "efficientnet_lite0.onnx"


def model(path: Path, shape: list[object], kind: int = TensorProto.FLOAT) -> Path:
    """Outputs `sum`, one number, and `same`, the input flattened."""
    nodes = [
        helper.make_node("Cast", ["in"], ["x"], to=TensorProto.FLOAT),
        helper.make_node("Flatten", ["x"], ["same"]),
        helper.make_node("ReduceSum", ["same", "axes"], ["sum"], keepdims=1),
    ]
    value = helper.make_tensor_value_info
    graph = helper.make_graph(
        nodes,
        "peer",
        [value("in", kind, shape)],
        [value("sum", TensorProto.FLOAT, None), value("same", TensorProto.FLOAT, None)],
        [numpy_helper.from_array(np.array([1]), "axes")],
    )
    path.write_bytes(as_bytes(graph))
    return path


def test_layout_mean_and_deviation_are_as_told(tmp_path: Path) -> None:
    path = model(tmp_path / "peer.onnx", ["N", 3, 8, 8])
    given = ReferenceInput(mean=(10.0, 20.0, 30.0), std=(2.0,), output="same")
    frames = FRAMES[:].astype(np.float32)
    expected = ((frames - [10, 20, 30]) / 2).transpose(0, 3, 1, 2).reshape(5, -1)
    np.testing.assert_allclose(ReferenceModel(path, given)(FRAMES), expected, rtol=1e-6)


def test_channels_last_and_the_size_asked_for(tmp_path: Path) -> None:
    path = model(tmp_path / "peer.onnx", ["N", "h", "w", 3])
    with pytest.raises(UsageError, match="say --peer-size"):
        ReferenceModel(path, ReferenceInput(layout="nhwc"))
    got = ReferenceModel(path, ReferenceInput(size=(4, 6), layout="nhwc", output="same"))(FRAMES)
    assert got.shape == (5, 4 * 6 * 3)
    assert 0 <= got.min() < got.max() <= 1


def test_models_of_one_frame_and_of_bytes(tmp_path: Path) -> None:
    path = model(tmp_path / "peer.onnx", [1, 8, 8, 3], TensorProto.UINT8)
    got = ReferenceModel(path, ReferenceInput(layout="nhwc", output="same"))(FRAMES)
    np.testing.assert_array_equal(got, FRAMES[:].reshape(5, -1))


def test_what_does_not_fit_is_told(tmp_path: Path) -> None:
    path = model(tmp_path / "peer.onnx", ["N", 3, 8, 8])
    with pytest.raises(UsageError, match="has sum, same"):
        ReferenceModel(path, ReferenceInput(output="logits"))
    with pytest.raises(UsageError, match="does not take"):
        ReferenceModel(path, ReferenceInput(size=(4, 4)))(FRAMES)
    (tmp_path / "no.onnx").write_bytes(b"no model")
    with pytest.raises(UsageError, match="cannot be run"):
        ReferenceModel(tmp_path / "no.onnx", ReferenceInput())


@pytest.mark.skipif(not REAL.exists(), reason="../shared/data is not there")
def test_a_real_model_runs() -> None:
    got = ReferenceModel(REAL, ReferenceInput(mean=(127.0,), std=(128.0,), output="feat"))(FRAMES)
    assert got.shape == (5, 1280)
    assert np.isfinite(got).all()
