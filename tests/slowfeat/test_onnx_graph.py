"""What a model computes is read before it is run: hostile graphs are
refused, and damage is one exception.
"""

from __future__ import annotations

import random

import numpy as np
import pytest
from onnx import ModelProto, TensorProto, helper, load_from_string, numpy_helper

from slowfeat.onnx_graph import GraphError, check_graph
from tests.conftest import as_bytes, tiny_encoder, tiny_transform


def graph_of(nodes: list[object], constants: dict[str, object], name: str = "g") -> object:
    value = helper.make_tensor_value_info
    return helper.make_graph(
        nodes,
        name,
        [value("x", TensorProto.FLOAT, ["N"])],
        [value("y", TensorProto.FLOAT, ["N"])],
        [numpy_helper.from_array(np.asarray(a), n) for n, a in constants.items()],
    )


def loop() -> bytes:
    body = helper.make_graph(
        [helper.make_node("Identity", ["c"], ["d"]), helper.make_node("Identity", ["s"], ["t"])],
        "body",
        [
            helper.make_tensor_value_info("i", TensorProto.INT64, []),
            helper.make_tensor_value_info("c", TensorProto.BOOL, []),
            helper.make_tensor_value_info("s", TensorProto.FLOAT, None),
        ],
        [
            helper.make_tensor_value_info("d", TensorProto.BOOL, []),
            helper.make_tensor_value_info("t", TensorProto.FLOAT, None),
        ],
    )
    node = helper.make_node("Loop", ["trips", "go", "x"], ["y"], body=body)
    return as_bytes(graph_of([node], {"trips": np.int64(2**62), "go": np.bool_(True)}))


def branch(inner: object) -> bytes:
    other = helper.make_graph([helper.make_node("Identity", ["x"], ["z"])], "e", [], [])
    node = helper.make_node("If", ["go"], ["y"], then_branch=inner, else_branch=other)
    return as_bytes(graph_of([node], {"go": np.bool_(True)}))


def nested(depth: int) -> bytes:
    inner = helper.make_graph([helper.make_node("Identity", ["x"], ["z"])], "t", [], [])
    for _ in range(depth):
        node = helper.make_node("If", ["go"], ["z"], then_branch=inner, else_branch=inner)
        inner = helper.make_graph([node], "t", [], [])
    return branch(inner)


def external(model: bytes, where: str = "initializer") -> bytes:
    proto = load_from_string(model)
    if where == "initializer":
        tensor = proto.graph.initializer[0]
    else:
        node = helper.make_node("Constant", [], ["c"], value=numpy_helper.from_array(np.zeros(3)))
        proto.graph.node.append(node)
        tensor = proto.graph.node[-1].attribute[0].t
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    entry = tensor.external_data.add()
    entry.key, entry.value = "location", "weights.bin"
    return bytes(proto.SerializeToString())


def other_order(model: bytes) -> bytes:
    """The value of an entry before its key: legal, and the same to
    every reader of protocol buffers.
    """
    usual = b"\x0a\x08location\x12\x0bweights.bin"
    assert model.count(usual) == 1
    return model.replace(usual, b"\x12\x0bweights.bin\x0a\x08location")


def big(shape: list[int], operation: str = "ConstantOfShape") -> bytes:
    first = ["x", "shape"] if operation in ("Expand", "Tile") else ["shape"]
    nodes = [
        helper.make_node(operation, first, ["b"]),
        helper.make_node("ReduceMax", ["b"], ["y"], keepdims=0),
    ]
    return as_bytes(graph_of(nodes, {"shape": np.array(shape, np.int64)}))


def with_function() -> bytes:
    proto = ModelProto()
    proto.ParseFromString(tiny_encoder())
    body = [helper.make_node("Identity", ["a"], ["b"])]
    opset = [helper.make_opsetid("", 18)]
    proto.functions.append(helper.make_function("", "Mine", ["a"], ["b"], body, opset))
    return bytes(proto.SerializeToString())


def evil() -> bytes:
    return as_bytes(graph_of([helper.make_node("Evil", ["x"], ["y"], domain="evil")], {}))


def test_models_of_ours_pass() -> None:
    check_graph(tiny_encoder())
    check_graph(tiny_transform())
    check_graph(big([1000, 1000]))
    check_graph(nested(3))


@pytest.mark.parametrize(
    ("model", "says"),
    [
        (loop(), "Loop, which may never end"),
        (branch(load_from_string(loop()).graph), "Loop, which may never end"),
        (external(tiny_encoder()), "weights in another file"),
        (other_order(external(tiny_encoder())), "weights in another file"),
        (external(tiny_encoder(), "attribute"), "weights in another file"),
        (branch(load_from_string(external(tiny_encoder())).graph), "weights in another file"),
        (big([1 << 34]), "17179869184 numbers at once"),
        (big([1 << 17, 1 << 17], "Expand"), "Expand for 17179869184 numbers"),
        (nested(9), "graphs in graphs"),
        (evil(), "'Evil' of 'evil'"),
        (with_function(), "functions of its own"),
        (b"", "no ONNX model"),
        (b"\xff" * 1000, "damaged"),
        (tiny_encoder()[:-100], "damaged"),
    ],
)
def test_what_is_hostile_or_damaged_is_refused(model: bytes, says: str) -> None:
    with pytest.raises(GraphError, match=says):
        check_graph(model)


def test_random_damage_raises_nothing_else() -> None:
    rng, good = random.Random(0), other_order(external(tiny_transform(), "initializer"))
    for _ in range(1000):
        data = bytearray(good)
        for _ in range(rng.randint(1, 8)):
            data[rng.randrange(len(data))] = rng.randrange(256)
        try:
            check_graph(bytes(data[: rng.randint(0, len(data))]))
        except GraphError as error:
            assert "\n" not in str(error)  # noqa: PT017
