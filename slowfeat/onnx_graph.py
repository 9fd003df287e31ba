"""What an ONNX file computes, read from its graph before anything runs it; needs no onnx package.

The file is a protocol buffer (github.com/onnx/onnx, onnx.proto). Fields may stand in any order and
be repeated, so only reading all of it shows whether weights come from other files, or whether
something may never end.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

# The sets of operators that every ONNX Runtime has; "com.microsoft" are those of its quantised and
# fused networks.
DOMAINS = {"", "ai.onnx", "com.microsoft"}
# What repeats as often as its input says, runs another network, or keeps something from one image
# to the next.
REFUSED = {"Loop", "Scan", "SequenceMap"}
# What makes a tensor of the size that an input says.
SIZED = {"ConstantOfShape", "Expand", "Tile", "Resize", "Range", "OneHot", "RandomNormal"}
# Numbers in such a tensor, at most: 1 GiB of float32.
MOST_NUMBERS = 1 << 28
# Graphs within graphs, operations in all.
MOST_DEPTH, MOST_NODES = 8, 100_000
# Field numbers of onnx.proto.
_MODEL_GRAPH, _MODEL_FUNCTIONS = 7, 25
_GRAPH_NODE, _GRAPH_INITIALIZER, _GRAPH_SPARSE = 1, 5, 15
_NODE_INPUT, _NODE_OUTPUT, _NODE_OP, _NODE_ATTRIBUTE, _NODE_DOMAIN = 1, 2, 4, 5, 7
_ATTRIBUTE_TENSOR, _ATTRIBUTE_GRAPH, _ATTRIBUTE_TENSORS, _ATTRIBUTE_GRAPHS = 5, 6, 10, 11
_ATTRIBUTE_SPARSE, _ATTRIBUTE_SPARSES = 22, 23
_SPARSE_VALUES, _SPARSE_INDICES = 1, 2
_TENSOR_DIMS, _TENSOR_TYPE, _TENSOR_INTS, _TENSOR_NAME, _TENSOR_RAW = 1, 2, 7, 8, 9
_TENSOR_EXTERNAL, _TENSOR_LOCATION = 13, 14
_INT64 = 7


class GraphError(Exception):
    """Why a model is not to be run."""


@dataclass
class _Read:
    """What has been read of a model so far."""

    nodes: int = 0


def check_graph(model: bytes) -> None:
    """Refuse a model that is damaged, takes weights from other files, may never end or asks for
    absurd memory.

    Raises:
        GraphError: saying which, in words that go on from "the model ...".
    """
    read = _Read()
    for field, value in _fields(memoryview(model)):
        if field == _MODEL_GRAPH:
            _graph(_message(value), read, 0)
        elif field == _MODEL_FUNCTIONS:
            raise GraphError("defines functions of its own")
    if not read.nodes:
        raise GraphError("is no ONNX model, or an empty one")


def _graph(data: memoryview, read: _Read, depth: int) -> None:
    if depth > MOST_DEPTH:
        raise GraphError(f"has graphs in graphs, more than {MOST_DEPTH} deep")
    shapes: dict[str, list[int]] = {}
    nodes = []
    for field, value in _fields(data):
        if field == _GRAPH_INITIALIZER:
            name, numbers = _tensor(_message(value))
            if numbers:
                shapes[name] = numbers
        elif field == _GRAPH_SPARSE:
            _sparse(_message(value))
        elif field == _GRAPH_NODE:
            nodes.append(_message(value))
    for node in nodes:
        _node(node, shapes, read, depth)


def _node(data: memoryview, shapes: dict[str, list[int]], read: _Read, depth: int) -> None:
    read.nodes += 1
    if read.nodes > MOST_NODES:
        raise GraphError(f"has more than {MOST_NODES} operations")
    operation = domain = ""
    inputs: list[str] = []
    outputs: list[str] = []
    constants: list[int] = []
    for field, value in _fields(data):
        if field in (_NODE_OP, _NODE_DOMAIN, _NODE_INPUT, _NODE_OUTPUT):
            text = bytes(_message(value)).decode("utf-8", "replace")
            if field == _NODE_OP:
                operation = text
            elif field == _NODE_DOMAIN:
                domain = text
            else:
                (inputs if field == _NODE_INPUT else outputs).append(text)
        elif field == _NODE_ATTRIBUTE:
            constants += _attribute(_message(value), read, depth)
    if domain not in DOMAINS:
        raise GraphError(f"has the operation {operation!r} of {domain!r}, which is not ONNX's")
    if operation in REFUSED:
        raise GraphError(f"has the operation {operation}, which may never end")
    if operation == "Constant" and outputs and constants:
        shapes[outputs[0]] = constants
    if operation in SIZED:
        for name in inputs:
            size = math.prod(abs(number) for number in shapes.get(name, [0]))
            if size > MOST_NUMBERS:
                raise GraphError(f"has the operation {operation} for {size} numbers at once")


def _attribute(data: memoryview, read: _Read, depth: int) -> list[int]:
    numbers: list[int] = []
    for field, value in _fields(data):
        if field in (_ATTRIBUTE_TENSOR, _ATTRIBUTE_TENSORS):
            numbers = _tensor(_message(value))[1]
        elif field in (_ATTRIBUTE_GRAPH, _ATTRIBUTE_GRAPHS):
            _graph(_message(value), read, depth + 1)
        elif field in (_ATTRIBUTE_SPARSE, _ATTRIBUTE_SPARSES):
            _sparse(_message(value))
    return numbers


def _sparse(data: memoryview) -> None:
    for field, value in _fields(data):
        if field in (_SPARSE_VALUES, _SPARSE_INDICES):
            _tensor(_message(value))


def _tensor(data: memoryview) -> tuple[str, list[int]]:
    """Name and, of a short list of int64 such as a shape, its numbers."""
    name, kind, size, raw = "", 0, 1, b""
    numbers: list[int] = []
    for field, value in _fields(data):
        if field == _TENSOR_EXTERNAL or (field == _TENSOR_LOCATION and value):
            raise GraphError("keeps weights in another file (external data)")
        if field == _TENSOR_DIMS:
            for dimension in [value] if isinstance(value, int) else _varints(value):
                size *= dimension
        elif field == _TENSOR_TYPE and isinstance(value, int):
            kind = value
        elif field == _TENSOR_NAME:
            name = bytes(_message(value)).decode("utf-8", "replace")
        elif field == _TENSOR_RAW and len(_message(value)) <= 64:
            raw = bytes(_message(value))
        elif field == _TENSOR_INTS:
            numbers += [value] if isinstance(value, int) else list(_varints(value))[:64]
    if size > MOST_NUMBERS:
        raise GraphError(f"has a tensor of {size} numbers")
    if kind != _INT64:
        return name, []
    if raw and len(raw) % 8 == 0:
        numbers = np.frombuffer(raw, "<i8").tolist()
    return name, [n - (1 << 64) if n >> 63 else n for n in numbers]


def _message(value: int | memoryview) -> memoryview:
    if isinstance(value, int):
        raise GraphError("is damaged: a number where a message should be")
    return value


def _fields(data: memoryview) -> Iterator[tuple[int, int | memoryview]]:
    """Number and value of each field of a message in wire format."""
    at, end = 0, len(data)
    while at < end:
        tag, at = _varint(data, at)
        field, kind = tag >> 3, tag & 7
        if kind == 0:
            value, at = _varint(data, at)
            yield field, value
            continue
        if kind == 2:
            length, at = _varint(data, at)
        elif kind in (1, 5):
            length = 8 if kind == 1 else 4
        else:
            raise GraphError("is damaged: a field of an unknown kind")
        if length > end - at:
            raise GraphError("is damaged: it ends in the middle of a field")
        yield field, data[at : at + length]
        at += length


def _varints(data: memoryview) -> Iterator[int]:
    at = 0
    while at < len(data):
        value, at = _varint(data, at)
        yield value


def _varint(data: memoryview, at: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        if at >= len(data):
            raise GraphError("is damaged: it ends in the middle of a number")
        byte = data[at]
        value |= (byte & 127) << shift
        at += 1
        if byte < 128:
            return value & ((1 << 64) - 1), at
    raise GraphError("is damaged: a number that does not end")
