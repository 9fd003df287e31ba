"""Graphs of ONNX models: cut behind some tensors, and joined one behind the other."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import onnx
from onnx import compose, version_converter

from slowfeat.errors import SlowfeatError, UsageError


def load_model(file: Path, asked: str) -> tuple[onnx.ModelProto, str]:
    """A model and the hash of its file; `asked` is what the user said, for errors.

    Raises:
        UsageError: it cannot be read, or its weights are in other files.
    """
    try:
        content = file.read_bytes()
        model = onnx.load_from_string(content)
        onnx.checker.check_model(model)
    except FileNotFoundError as error:
        raise UsageError(f"{asked}: there is no file {file}") from error
    except Exception as error:
        reason = str(error).strip().splitlines()[0]
        raise UsageError(f"{asked}: {file} cannot be read as an ONNX model ({reason})") from error
    outside = [w.name for w in model.graph.initializer if w.data_location == w.EXTERNAL]
    if outside:
        raise UsageError(
            f"{asked}: {file.name} keeps its weights in another file; save it with all in one "
            "(onnx.save with save_as_external_data=False)"
        )
    return model, hashlib.sha256(content).hexdigest()


def with_outputs(
    model: onnx.ModelProto, names: Sequence[str], rank: int | None = None
) -> onnx.ModelProto:
    """The part of a model that computes some of its tensors, which become its
    outputs, float32, of so many axes.
    """
    found = onnx.ModelProto()
    found.CopyFrom(model)
    graph = found.graph
    del graph.output[:]
    for name in names:
        axes = None if rank is None else [f"{name}_{axis}" for axis in range(rank)]
        graph.output.append(onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, axes))
    needed, nodes = set(names), []
    for node in reversed(model.graph.node):
        if needed.intersection(node.output):
            nodes.append(node)
            needed.update(_read_by(node))
    for field, kept in (
        (graph.node, list(reversed(nodes))),
        (graph.initializer, [w for w in model.graph.initializer if w.name in needed]),
        (graph.input, [i for i in model.graph.input if i.name in needed]),
        (graph.value_info, []),
    ):
        del field[:]
        field.extend(kept)
    return found


def _read_by(node: onnx.NodeProto) -> set[str]:
    """Names that a node reads, those of the graphs within it included."""
    names = set(node.input)
    for attribute in node.attribute:
        for graph in [attribute.g, *attribute.graphs]:
            for inner in graph.node:
                names |= _read_by(inner)
    return names


def opset_of(model: onnx.ModelProto) -> int:
    """Version of the standard operators."""
    return max((o.version for o in model.opset_import if o.domain in ("", "ai.onnx")), default=1)


def chain(*models: tuple[str, onnx.ModelProto]) -> onnx.ModelProto:
    """One model of several with their prefixes, the outputs of each the inputs of the next.

    A model's inputs are taken from the last of the outputs that are left, in their order, so that
    what an early one hands over to a late one passes by. The names of the first input and of the
    last output stay.

    Raises:
        SlowfeatError: their operators cannot be brought to one version.
    """
    newest = max(opset_of(model) for _, model in models)
    parts = [_prefixed(prefix, _at_opset(model, newest)) for prefix, model in models]
    whole = parts[0]
    for following in parts[1:]:
        weights = {w.name for w in following.graph.initializer}
        names = [i.name for i in following.graph.input if i.name not in weights]
        outputs = [o.name for o in whole.graph.output][-len(names) :]
        following.ir_version = whole.ir_version = max(following.ir_version, whole.ir_version)
        whole = compose.merge_models(whole, following, list(zip(outputs, names, strict=True)))
    # Merging lists the operators' version once a model.
    del whole.opset_import[:]
    whole.opset_import.append(onnx.helper.make_opsetid("", newest))
    return _with_ends(whole, models[0][1].graph.input[0].name, models[-1][1].graph.output[0].name)


def _at_opset(model: onnx.ModelProto, wanted: int) -> onnx.ModelProto:
    if opset_of(model) == wanted:
        return model
    try:
        return version_converter.convert_version(model, wanted)
    except Exception as error:
        raise SlowfeatError(
            f"an ONNX model of opset {opset_of(model)} cannot be brought to {wanted} ({error}): "
            "export it again with a newer opset"
        ) from error


def _prefixed(prefix: str, model: onnx.ModelProto) -> onnx.ModelProto:
    found = compose.add_prefix(model, f"{prefix}.")
    del found.metadata_props[:]
    return found


def _with_ends(model: onnx.ModelProto, first: str, last: str) -> onnx.ModelProto:
    """The model with its one input and its one output under these names."""
    graph = model.graph
    names = {graph.input[0].name: first, graph.output[0].name: last}
    for value in (*graph.input, *graph.output):
        value.name = names.get(value.name, value.name)
    for node in graph.node:
        for side in (node.input, node.output):
            for at, name in enumerate(side):
                side[at] = names.get(name, name)
    return model
