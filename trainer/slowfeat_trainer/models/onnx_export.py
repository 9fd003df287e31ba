"""A network as an ONNX model with a free batch size, and nothing of the machine that made it.

By tracing, which takes a second where torch.export takes half a minute for a backbone of a hundred
layers, and by the opset that most robots' runtimes know. Networks whose path depends on their input
are not for it.
"""

from __future__ import annotations

import io
import logging
import warnings
from collections.abc import Sequence

import onnx
import torch
from torch import Tensor, nn

# The newest operators, and the newest version of the file's form, that ONNX Runtime 1.15 knows: the
# one of JetPack 5 and Debian 12.
OPSET, IR_VERSION = 18, 8


def to_onnx(
    module: nn.Module,
    inputs: dict[str, Tensor],
    outputs: Sequence[str],
    sizes: dict[str, str] | None = None,
    fold: bool = True,
) -> onnx.ModelProto:
    """Export a module as it computes in eval mode.

    Args:
        module: on the CPU.
        inputs: examples by name, the batch first; its size stays free.
        outputs: their names.
        sizes: name of the free size of each input and output; None: N for all.
        fold: compute here what is made of weights alone, which then lose their names.
    """
    written = io.BytesIO()
    with warnings.catch_warnings(), torch.no_grad():
        # The exporter talks about its own future.
        warnings.simplefilter("ignore")
        logging.getLogger("torch.onnx").setLevel(logging.ERROR)
        torch.onnx.export(
            module.eval(),
            tuple(inputs.values()),
            written,  # type: ignore[arg-type]
            input_names=list(inputs),
            output_names=list(outputs),
            dynamic_axes={name: {0: (sizes or {}).get(name, "N")} for name in (*inputs, *outputs)},
            opset_version=OPSET,
            do_constant_folding=fold,
            dynamo=False,
        )
    model = onnx.load_from_string(written.getvalue())
    for node in model.graph.node:
        node.doc_string = ""
    return model


def to_bytes(model: onnx.ModelProto) -> bytes:
    """A model as a bundle has it, in the oldest form that its operators are known in.

    A backbone of yours with newer operators keeps the form that it came in.
    """
    if all(used.version <= OPSET for used in model.opset_import if used.domain in ("", "ai.onnx")):
        # Later forms add types of numbers, and notes, of which there are none in it.
        model.ir_version = min(model.ir_version, IR_VERSION)
    return bytes(model.SerializeToString())
