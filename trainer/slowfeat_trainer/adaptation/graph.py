"""An adapter put around a transform.onnx, as nodes of the same self-contained graph."""

from __future__ import annotations

import numpy as np
import onnx
from onnx import compose, helper, numpy_helper

from slowfeat_trainer.adaptation.fit import Adapter
from slowfeat_trainer.models.onnx_export import to_bytes

INNER = "inner_"


def around(transform: bytes, adapter: Adapter) -> bytes:
    """transform.onnx that maps the motion first, then gives its prediction gain
    and bias, and scales the error.
    """
    inner = onnx.load_from_string(transform)
    size = adapter.gain.shape[0]
    count = inner.graph.input[0].type.tensor_type.shape.dim[0].dim_param or "N"
    first = _elementwise(
        "first",
        {"embedding": [count, size], "motion": ["N", 6]},
        {"embedding_in": [count, size], "motion_in": ["N", 6]},
        [
            ("Identity", ["embedding"], "embedding_in"),
            ("MatMul", ["motion", "motion_map"], "motion_in"),
        ],
        {"motion_map": adapter.motion_map.T.astype(np.float32)},
        inner,
    )
    last = _elementwise(
        "last",
        {"embedding_out": ["N", size], "error_out": ["N"]},
        {"embedding_after": ["N", size], "expected_error": ["N"]},
        [
            ("Mul", ["embedding_out", "gain"], "scaled"),
            ("Add", ["scaled", "bias"], "embedding_after"),
            ("Mul", ["error_out", "error_scale"], "expected_error"),
        ],
        {
            "gain": adapter.gain,
            "bias": adapter.bias,
            "error_scale": np.asarray(adapter.error_scale, np.float32),
        },
        inner,
    )
    inner = compose.add_prefix(inner, INNER)
    joined = compose.merge_models(
        first,
        inner,
        io_map=[("embedding_in", f"{INNER}embedding"), ("motion_in", f"{INNER}motion")],
    )
    joined = compose.merge_models(
        joined,
        last,
        io_map=[
            (f"{INNER}embedding_after", "embedding_out"),
            (f"{INNER}expected_error", "error_out"),
        ],
    )
    onnx.checker.check_model(joined)
    return to_bytes(joined)


def _elementwise(
    name: str,
    inputs: dict[str, list[str | int]],
    outputs: dict[str, list[str | int]],
    nodes: list[tuple[str, list[str], str]],
    weights: dict[str, np.ndarray],
    like: onnx.ModelProto,
) -> onnx.ModelProto:
    """A small graph of the versions of another model, which it can be joined to."""

    def values(shapes: dict[str, list[str | int]]) -> list[onnx.ValueInfoProto]:
        return [
            helper.make_tensor_value_info(n, onnx.TensorProto.FLOAT, s) for n, s in shapes.items()
        ]

    graph = helper.make_graph(
        [helper.make_node(op, given, [out], name=f"{name}_{out}") for op, given, out in nodes],
        name,
        values(inputs),
        values(outputs),
        [numpy_helper.from_array(np.asarray(w), n) for n, w in weights.items()],
    )
    return helper.make_model(graph, opset_imports=like.opset_import, ir_version=like.ir_version)
