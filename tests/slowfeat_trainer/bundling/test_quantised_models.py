"""An encoder in smaller numbers."""

from __future__ import annotations

import numpy as np
import onnx

from slowfeat_trainer.bundling.quantised_models import to_float16, to_int8
from tests.conftest import TINY_SIZE, tiny_encoder


def frames(count: int = 16) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (count, *TINY_SIZE, 3), dtype=np.uint8)


def test_smaller_numbers_keep_the_embeddings_and_are_smaller_numbers() -> None:
    import onnxruntime

    def run(model: bytes) -> np.ndarray:
        session = onnxruntime.InferenceSession(model)
        return np.asarray(session.run(["embedding"], {"image": frames()})[0])

    exact = run(tiny_encoder())
    scale = np.sqrt((exact**2).mean())
    int8, float16 = to_int8(tiny_encoder(), frames()), to_float16(tiny_encoder())
    types = {t.data_type for t in onnx.load_from_string(int8).graph.initializer}
    assert onnx.TensorProto.INT8 in types
    types = {t.data_type for t in onnx.load_from_string(float16).graph.initializer}
    assert onnx.TensorProto.FLOAT16 in types
    assert {onnx.load_from_string(model).ir_version for model in (int8, float16)} <= {7, 8}
    # int8 is coarse, and not exact by accident.
    assert 0 < np.abs(run(int8) - exact).max() < 0.1 * scale
    assert 0 < np.abs(run(float16) - exact).max() < 0.02 * scale


def test_a_value_that_two_float32_operators_read_is_cast_once() -> None:
    import onnxruntime
    from onnx import TensorProto, helper

    # Min and Max stay in float32.
    nodes = [
        helper.make_node("Mul", ["x", "two"], ["y"]),
        helper.make_node("Min", ["y", "two"], ["least"]),
        helper.make_node("Max", ["y", "two"], ["most"]),
        helper.make_node("Mul", ["least", "most"], ["out"]),
    ]
    made = {name: helper.make_tensor_value_info(name, TensorProto.FLOAT, [4]) for name in "x"}
    out = helper.make_tensor_value_info("out", TensorProto.FLOAT, [4])
    two = helper.make_tensor("two", TensorProto.FLOAT, [], [2.0])
    graph = helper.make_graph(nodes, "cast", list(made.values()), [out], [two])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=8)
    session = onnxruntime.InferenceSession(to_float16(model.SerializeToString()))
    x = np.array([0.0, 0.5, 1.0, 2.0], np.float32)
    np.testing.assert_allclose(session.run(None, {"x": x})[0], 4 * x, rtol=1e-3)
