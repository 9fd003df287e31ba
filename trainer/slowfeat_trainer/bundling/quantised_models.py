"""An encoder.onnx in smaller numbers, by ONNX Runtime's own tools. Inputs and
outputs stay those of the contract.
"""

from __future__ import annotations

import logging
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx

from slowfeat_trainer.models.onnx_export import to_bytes

# What is computed in int8; all else costs next to nothing, or does not bear it.
INT8_OPERATORS = ["Conv", "MatMul", "Gemm"]
# Frames at a time while the ranges of the activations are found.
BATCH = 32


def to_float16(model: bytes) -> bytes:
    """The model with float16 weights and arithmetic; what goes in and comes out keeps its type."""
    from onnxruntime.transformers.float16 import convert_float_to_float16

    with warnings.catch_warnings():
        # It warns of every weight that is too small for float16 and becomes 0.
        warnings.simplefilter("ignore")
        smaller = convert_float_to_float16(onnx.load_from_string(model), keep_io_types=True)
    # A value that several nodes read is cast for each of them, under one name: once is enough.
    defined: set[str] = set()
    for node in list(smaller.graph.node):
        if defined.issuperset(node.output):
            smaller.graph.node.remove(node)
        defined.update(node.output)
    return to_bytes(smaller)


def to_int8(model: bytes, frames: npt.NDArray[np.uint8]) -> bytes:
    """The model with int8 weights, a scale a channel, and activations whose ranges are those of
    some frames.

    Args:
        model: an encoder.onnx.
        frames: (N, H, W, 3) of the training part.
    """
    from onnxruntime.quantization import QuantFormat, QuantType, quantize_static
    from onnxruntime.quantization.shape_inference import quant_pre_process

    class Frames:
        """What ONNX Runtime reads calibration data from."""

        def __init__(self) -> None:
            self._batches: Iterator[npt.NDArray[np.uint8]] = (
                frames[i : i + BATCH] for i in range(0, len(frames), BATCH)
            )

        def get_next(self) -> dict[str, Any] | None:
            batch = next(self._batches, None)
            return None if batch is None else {"image": batch}

        def set_range(self, start_index: int, end_index: int) -> None:
            self._batches = iter([frames[start_index:end_index]])

        def __len__(self) -> int:
            return len(frames)

    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        logging.getLogger().setLevel(logging.ERROR)
        source, ready, target = (Path(folder) / f"{name}.onnx" for name in ("a", "b", "c"))
        source.write_bytes(model)
        quant_pre_process(str(source), str(ready), skip_symbolic_shape=True)
        quantize_static(
            str(ready),
            str(target),
            Frames(),
            quant_format=QuantFormat.QDQ,
            per_channel=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            # 7 bits a weight: without VNNI a processor adds two products in 16 bits, which 8 bits
            # overflow, and a bundle does not know which processor it will meet.
            reduce_range=True,
            op_types_to_quantize=INT8_OPERATORS,
        )
        return to_bytes(onnx.load(str(target)))
