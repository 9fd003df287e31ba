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

OPSET = 18


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
