"""What several tests need: a bundle small enough to be made on the spot, without torch."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper

from slowfeat.bundle import write_bundle
from slowfeat.bundle_info import BundleInfo, Frames, MotionPattern

TINY_SIZE = (16, 24)
TINY_DIMENSION = 8
# Two patterns: half a metre forward, and a turn to the left by about 17 degrees.
TINY_PATTERNS = ([0.5, 0.0, 0.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0, 0.0, 0.3])


def tiny_encoder() -> bytes:
    """An ONNX model: means of 4x4 blocks, times a fixed random matrix."""
    height, width = TINY_SIZE
    features = 3 * (height // 4) * (width // 4)
    weights = np.random.default_rng(0).normal(0, 1e-2, (features, TINY_DIMENSION))
    nodes = [
        helper.make_node("Cast", ["image"], ["pixels"], to=TensorProto.FLOAT),
        helper.make_node("Transpose", ["pixels"], ["planes"], perm=[0, 3, 1, 2]),
        helper.make_node("AveragePool", ["planes"], ["means"], kernel_shape=[4, 4], strides=[4, 4]),
        helper.make_node("Flatten", ["means"], ["flat"]),
        helper.make_node("MatMul", ["flat", "weights"], ["embedding"]),
    ]
    graph = helper.make_graph(
        nodes,
        "encoder",
        [helper.make_tensor_value_info("image", TensorProto.UINT8, ["N", height, width, 3])],
        [helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["N", TINY_DIMENSION])],
        [numpy_helper.from_array(weights.astype(np.float32), "weights")],
    )
    return as_bytes(graph)


def tiny_transform() -> bytes:
    """An ONNX model: embedding + motion times a fixed matrix; expected error 0.1 + |motion|_1."""
    matrix = np.random.default_rng(1).normal(0, 1, (6, TINY_DIMENSION)).astype(np.float32)
    nodes = [
        helper.make_node("MatMul", ["motion", "matrix"], ["change"]),
        helper.make_node("Add", ["embedding", "change"], ["embedding_after"]),
        helper.make_node("ReduceL1", ["motion", "axes"], ["size"], keepdims=0),
        helper.make_node("Add", ["size", "floor"], ["expected_error"]),
    ]
    value = helper.make_tensor_value_info
    graph = helper.make_graph(
        nodes,
        "transform",
        [
            value("embedding", TensorProto.FLOAT, ["N", TINY_DIMENSION]),
            value("motion", TensorProto.FLOAT, ["N", 6]),
        ],
        [
            value("embedding_after", TensorProto.FLOAT, ["N", TINY_DIMENSION]),
            value("expected_error", TensorProto.FLOAT, ["N"]),
        ],
        [
            numpy_helper.from_array(matrix, "matrix"),
            numpy_helper.from_array(np.array([1]), "axes"),
            numpy_helper.from_array(np.array([0.1], dtype=np.float32), "floor"),
        ],
    )
    return as_bytes(graph)


def as_bytes(graph: object) -> bytes:
    """A self-contained model in an opset that every supported ONNX Runtime reads."""
    opset = [helper.make_opsetid("", 18)]
    model = helper.make_model(graph, opset_imports=opset, ir_version=8)  # type: ignore[arg-type]
    return bytes(model.SerializeToString())


def tiny_info(name: str = "tiny") -> BundleInfo:
    """What bundle.json says of the tiny bundle."""
    return BundleInfo(
        name=name,
        image_size=list(TINY_SIZE),
        dimension=TINY_DIMENSION,
        distance="l2",
        frames=Frames(),
        motion_patterns=[MotionPattern(list(c), 10 * (i + 1)) for i, c in enumerate(TINY_PATTERNS)],
        motion_min=[-1.0] * 6,
        motion_max=[1.0] * 6,
    )


@pytest.fixture(scope="session")
def tiny_bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a bundle: 24x16 pixels to 8 numbers, two motion patterns."""
    folder = tmp_path_factory.mktemp("bundles") / "tiny"
    write_bundle(folder, tiny_info(), tiny_encoder(), tiny_transform())
    return folder
