"""Bundles with random weights, made on the spot without torch: of any
size, for what measures speed.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from onnx import TensorProto, helper, numpy_helper

from slowfeat.bundle import Bundle, write_bundle
from slowfeat.bundle_info import BundleInfo, Frames, MotionPattern

DIMENSION = 128
# Name -> side of the input, channels of the convolutions: about a camera robot's two ends.
ENCODERS = {"small": (64, (32, 64, 64)), "large": (224, (32, 64, 128, 256))}


def _model(
    nodes: list[Any], inputs: list[Any], outputs: list[Any], weights: dict[str, Any]
) -> bytes:
    tensors = [numpy_helper.from_array(np.asarray(v), k) for k, v in weights.items()]
    graph = helper.make_graph(nodes, "model", inputs, outputs, tensors)
    opset = [helper.make_opsetid("", 18)]
    made = helper.make_model(graph, opset_imports=opset, ir_version=8)
    return bytes(made.SerializeToString())


def encoder_model(side: int, channels: tuple[int, ...], dimension: int = DIMENSION) -> bytes:
    """3x3 convolutions of stride 2, mean over the image, and a matrix; random weights."""
    random = np.random.default_rng(0)
    weights: dict[str, Any] = {"scale": np.float32(1 / 255)}
    nodes = [
        helper.make_node("Cast", ["image"], ["f"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["f", "scale"], ["s"]),
        helper.make_node("Transpose", ["s"], ["x0"], perm=[0, 3, 1, 2]),
    ]
    before = 3
    for k, after in enumerate(channels):
        weights[f"w{k}"] = random.normal(0, 0.1, (after, before, 3, 3)).astype(np.float32)
        nodes.append(
            helper.make_node("Conv", [f"x{k}", f"w{k}"], [f"c{k}"], strides=[2, 2], pads=[1] * 4)
        )
        nodes.append(helper.make_node("Relu", [f"c{k}"], [f"x{k + 1}"]))
        before = after
    weights["m"] = random.normal(0, 0.1, (before, dimension)).astype(np.float32)
    nodes += [
        helper.make_node("GlobalAveragePool", [f"x{len(channels)}"], ["p"]),
        helper.make_node("Flatten", ["p"], ["flat"]),
        helper.make_node("MatMul", ["flat", "m"], ["embedding"]),
    ]
    value = helper.make_tensor_value_info
    return _model(
        nodes,
        [value("image", TensorProto.UINT8, ["N", side, side, 3])],
        [value("embedding", TensorProto.FLOAT, ["N", dimension])],
        weights,
    )


def transform_model(dimension: int = DIMENSION) -> bytes:
    """Bilinear: the embedding plus, for each component of the motion, a matrix times it."""
    random = np.random.default_rng(1)
    d = dimension
    weights = {
        "w": random.normal(0, 0.01, (d, 6 * d)).astype(np.float32),
        "shape": np.array([-1, 6, d], dtype=np.int64),
        "one": np.array([1], dtype=np.int64),
        "two": np.array([2], dtype=np.int64),
        "floor": np.array([0.1], dtype=np.float32),
    }
    nodes = [
        helper.make_node("MatMul", ["embedding", "w"], ["all"]),
        helper.make_node("Reshape", ["all", "shape"], ["each"]),
        helper.make_node("Unsqueeze", ["motion", "two"], ["u"]),
        helper.make_node("Mul", ["each", "u"], ["part"]),
        helper.make_node("ReduceSum", ["part", "one"], ["change"], keepdims=0),
        helper.make_node("Add", ["embedding", "change"], ["embedding_after"]),
        helper.make_node("ReduceL1", ["motion", "one"], ["size"], keepdims=0),
        helper.make_node("Add", ["size", "floor"], ["expected_error"]),
    ]
    value = helper.make_tensor_value_info
    return _model(
        nodes,
        [
            value("embedding", TensorProto.FLOAT, ["N", d]),
            value("motion", TensorProto.FLOAT, ["N", 6]),
        ],
        [
            value("embedding_after", TensorProto.FLOAT, ["N", d]),
            value("expected_error", TensorProto.FLOAT, ["N"]),
        ],
        weights,
    )


def made_bundle(path: Path, encoder: str = "small", dimension: int = DIMENSION) -> Bundle:
    """A bundle with one of ENCODERS, in a new folder `path`."""
    side, channels = ENCODERS[encoder]
    info = BundleInfo(
        name=path.name,
        image_size=[side, side],
        dimension=dimension,
        distance="l2",
        frames=Frames(),
        motion_patterns=[MotionPattern([0.1 * k, 0, 0, 0, 0, 0], 1) for k in range(6)],
        motion_min=[-1.0] * 6,
        motion_max=[1.0] * 6,
    )
    return write_bundle(
        path, info, encoder_model(side, channels, dimension), transform_model(dimension)
    )
