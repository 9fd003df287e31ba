"""A network in an ONNX file as a frozen backbone: onnx:FILE[:TENSORS]. Its
graph is cut, never rewritten.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
import onnxruntime

from slowfeat.errors import UsageError
from slowfeat_trainer.config.backbone_spec import BackboneSpec
from slowfeat_trainer.models.backbones.identity import BackboneIdentity
from slowfeat_trainer.models.backbones.onnx_graph import load_model, with_outputs
from slowfeat_trainer.models.backbones.taps import last_of_each_stride

# What most networks of 8-bit images expect where nobody says otherwise: values within [-1, 1].
MEAN, STD = (127.0,) * 3, (128.0,) * 3
FLOAT = onnx.TensorProto.FLOAT


def load_onnx(
    spec: BackboneSpec, size: tuple[int, int]
) -> tuple[onnx.ModelProto, list[tuple[int, int, int]], BackboneIdentity]:
    """A model that computes the levels, with free batch and image size.

    Args:
        spec: its file, and the tensors to take; "" for the last of each stride.
        size: (h, w) of its input.

    Returns:
        The model; channels, rows and columns of each of its outputs; what it is.

    Raises:
        UsageError: the file cannot be read, is no network of images, or has no such tensors.
    """
    file = Path(spec.name)
    model, digest = load_model(file, f"--backbone {spec}")
    inputs = [
        i for i in model.graph.input if i.name not in {w.name for w in model.graph.initializer}
    ]
    shape = inputs[0].type.tensor_type.shape.dim if inputs else []
    if len(inputs) != 1 or len(shape) != 4 or inputs[0].type.tensor_type.elem_type != FLOAT:
        raise UsageError(
            f"--backbone {spec}: {file.name} is no network of images: it must have one input, "
            "float32 [N, 3, H, W]"
        )
    for at, name in ((0, "N"), (2, "H"), (3, "W")):
        shape[at].Clear()
        shape[at].dim_param = name
    # Shapes that were inferred for the old size are wrong for another one.
    del model.graph.value_info[:]
    wanted = [name for name in spec.detail.split(",") if name]
    shapes = _shapes(model, size, wanted, spec)
    names = wanted or last_of_each_stride(shapes, size, str(spec))
    flat = [name for name in names if len(shapes[name]) != 4]
    if flat:
        raise UsageError(
            f"--backbone {spec}: tensor {flat[0]} is {list(shapes[flat[0]])}, no feature map [N, "
            "C, rows, columns]"
        )
    name = ":".join(("onnx", file.name, ",".join(wanted))).rstrip(":")
    identity = BackboneIdentity(name, _licence(model), f"file {file.name}", digest)
    levels = [(shapes[n][1], shapes[n][2], shapes[n][3]) for n in names]
    return with_outputs(model, names, rank=4), levels, identity


def _shapes(
    model: onnx.ModelProto, size: tuple[int, int], wanted: Sequence[str], spec: BackboneSpec
) -> dict[str, tuple[int, ...]]:
    """Of the wanted tensors, or of all there are, by name, as ONNX Runtime
    computes them for one black image.
    """
    there = [name for node in model.graph.node for name in node.output if name]
    missing = [name for name in wanted if name not in there]
    if missing:
        raise UsageError(f"--backbone {spec}: {Path(spec.name).name} has no tensor {missing[0]!r}")
    names = list(wanted or _maps_of(model))
    try:
        session = onnxruntime.InferenceSession(
            with_outputs(model, names).SerializeToString(), providers=["CPUExecutionProvider"]
        )
        image = np.zeros((1, 3, *size), np.float32)
        found = session.run(names, {session.get_inputs()[0].name: image})
    except Exception as error:
        reason = str(error).strip().splitlines()[-1]
        height, width = size
        raise UsageError(
            f"--backbone {spec}: {Path(spec.name).name} cannot take images of {width}x{height} "
            f"({reason}); name tensors before the layer that is of one size "
            "(onnx:FILE:TENSOR,...), or give --size"
        ) from error
    return {name: np.shape(value) for name, value in zip(names, found, strict=True)}


def _maps_of(model: onnx.ModelProto) -> list[str]:
    """Names of what is float32 and has four axes, in the order of the graph."""
    inferred = onnx.shape_inference.infer_shapes(model).graph.value_info
    return [
        value.name
        for value in inferred
        if value.type.tensor_type.elem_type == FLOAT and len(value.type.tensor_type.shape.dim) == 4
    ]


def _licence(model: onnx.ModelProto) -> str:
    notes = {entry.key.lower(): entry.value for entry in model.metadata_props}
    return notes.get("license") or notes.get("licence") or ""
