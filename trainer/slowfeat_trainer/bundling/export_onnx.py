"""From torch to the bundle's two self-contained ONNX files, proven equal to torch."""

from __future__ import annotations

import io
import logging
import tempfile
import warnings
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import torch
from torch import Tensor, nn

from slowfeat.errors import SlowfeatError
from slowfeat_trainer.metrics.equivariance import Matrix
from slowfeat_trainer.models.backbone_map import BackboneMapNet
from slowfeat_trainer.models.backbones.onnx_graph import chain
from slowfeat_trainer.models.convnet import Cropped
from slowfeat_trainer.models.onnx_export import OPSET, to_bytes, to_onnx
from slowfeat_trainer.models.shared_warp import SharedTransform
from slowfeat_trainer.models.transform import TransformWithError
from slowfeat_trainer.models.warp_transform import WarpTransform

# How far ONNX Runtime may be from torch (design: the bundle).
RTOL, ATOL = 1e-4, 1e-5
# Rows of the inputs with which the two are compared.
PROBE = 5
PREDICTION = ["embedding_after", "expected_error"]


def export_encoder(encoder: nn.Module, image_size: tuple[int, int]) -> bytes:
    """encoder.onnx: `image` uint8 [N, H, W, 3] -> `embedding` float32 [N, D], N free."""
    generator = torch.Generator().manual_seed(0)
    image = torch.randint(0, 256, (PROBE, *image_size, 3), generator=generator, dtype=torch.uint8)
    inside = encoder.network if isinstance(encoder, Cropped) else encoder
    if not isinstance(inside, BackboneMapNet):
        return _export(encoder, {"image": image}, ["embedding"])
    model = to_bytes(with_backbone(encoder, inside, image))
    _prove_equal(model, encoder, {"image": image}, ["embedding"])
    return model


def with_backbone(encoder: nn.Module, inside: BackboneMapNet, image: Tensor) -> onnx.ModelProto:
    """An encoder with a pretrained backbone as one graph: `image` -> `embedding`.

    Args:
        encoder: whole, with its crop where it has one.
        inside: what is behind the crop.
        image: (N, H, W, 3) of the whole image.
    """
    encoder.cpu().eval()
    features = torch.zeros(len(image), inside.head.layout.length)
    head = onnx.load_from_string(_exported(inside.head, {"features": features}, ["embedding"]))
    crop = None
    if isinstance(encoder, Cropped):
        only = Cropped(nn.Identity(), encoder.shrink)
        crop = to_onnx(only, {"image": image}, ["cropped"])
    if inside.frozen is not None:
        backbone = inside.frozen.model
    else:
        assert inside.tuned is not None  # noqa: S101 - one of the two
        seen = torch.zeros(len(image), *inside.image_size, 3, dtype=torch.uint8)
        backbone = to_onnx(inside.tuned, {"image": seen}, ["features"])
    parts = [("backbone", backbone), ("head", head)]
    return chain(*([("crop", crop)] if crop is not None else []), *parts)


def export_transform(
    transform: TransformWithError, dimension: int, probe: Matrix | None = None
) -> bytes:
    """transform.onnx: `embedding`, `motion` -> `embedding_after`, `expected_error`, N free.

    Args:
        transform: to export.
        dimension: D.
        probe: (P, D) embeddings to compare it with torch on; None: noise of unit variance, which
            for embeddings of another scale is a place where no robot gets.
    """
    generator = torch.Generator().manual_seed(0)
    motion = 0.1 * torch.randn(PROBE, 6, generator=generator)
    motion[0] = 0.0  # where formulas of rotations break, if they do
    embedding = torch.randn(PROBE, dimension, generator=generator)
    if probe is not None and len(probe) >= PROBE:
        spaced = np.linspace(0, len(probe) - 1, PROBE).astype(int)
        embedding = torch.tensor(np.asarray(probe[spaced], np.float32))
    inputs = {"embedding": embedding, "motion": motion}
    if not isinstance(transform.transform, WarpTransform):
        return _export(transform, inputs, PREDICTION)
    # The first sizes have two names: one embedding may serve for all motions.
    shared = SharedTransform.of(transform.cpu().eval())
    sizes = {"embedding": "E", "motion": "N", **dict.fromkeys(PREDICTION, "N")}
    model = to_bytes(to_onnx(shared, inputs, PREDICTION, sizes, fold=False))
    _prove_equal(model, transform, inputs, PREDICTION)
    _prove_shared(model, transform, inputs)
    return model


def _prove_shared(model: bytes, transform: TransformWithError, inputs: dict[str, Tensor]) -> None:
    """Compare with torch where all motions start from one embedding."""
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    start, motion = inputs["embedding"][-1:], inputs["motion"]
    got = session.run(PREDICTION, {"embedding": start.numpy(), "motion": motion.numpy()})
    with torch.no_grad():
        expected = transform(start.expand(len(motion), -1), motion)
    _compare(PREDICTION, got, expected)


def _export(module: nn.Module, inputs: dict[str, Tensor], outputs: list[str]) -> bytes:
    model = _exported(module, inputs, outputs)
    _prove_equal(model, module, inputs, outputs)
    return model


def _exported(module: nn.Module, inputs: dict[str, Tensor], outputs: list[str]) -> bytes:
    module = module.cpu().eval()
    batch = torch.export.Dim("N")
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        # The exporter talks about its own passes; what matters is checked below.
        warnings.simplefilter("ignore")
        logging.getLogger("torch.onnx").setLevel(logging.ERROR)
        file = Path(folder) / "model.onnx"
        with redirect_stdout(io.StringIO()):
            torch.onnx.export(
                module,
                tuple(inputs.values()),
                str(file),
                input_names=list(inputs),
                output_names=outputs,
                dynamic_shapes=tuple({0: batch} for _ in inputs),
                opset_version=OPSET,
                dynamo=True,
                external_data=False,
                verbose=False,
            )
        return _without_notes(file.read_bytes())


def _without_notes(model: bytes) -> bytes:
    """A model without what the exporter noted beside it: the source file and line of each operation
    on this machine.

    They say where a stranger keeps his files, make models of equal weights differ, and are a fifth
    of a transform.
    """
    found = onnx.load_from_string(model)
    graph = found.graph
    for part in (
        found,
        graph,
        *graph.node,
        *graph.initializer,
        *graph.value_info,
        *graph.input,
        *graph.output,
    ):
        del part.metadata_props[:]
    return to_bytes(found)


def _prove_equal(
    model: bytes, module: nn.Module, inputs: dict[str, Tensor], outputs: list[str]
) -> None:
    """Compare with torch on batches of the traced and of another size."""
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    for rows in (PROBE, 1):
        part = {name: value[:rows] for name, value in inputs.items()}
        got = session.run(outputs, {name: value.numpy() for name, value in part.items()})
        with torch.no_grad():
            expected = module(*part.values())
        _compare(outputs, got, expected if isinstance(expected, tuple) else (expected,))


def _compare(outputs: list[str], got: Any, expected: Any) -> None:
    for name, a, b in zip(outputs, got, expected, strict=True):
        if not np.allclose(a, b.numpy(), rtol=RTOL, atol=ATOL):
            off = float(np.abs(a - b.numpy()).max())
            raise SlowfeatError(
                f"the exported {name} differs from torch's by {off:g}; nothing was written"
            )
