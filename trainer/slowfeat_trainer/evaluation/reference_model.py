"""Any ONNX model as a peer: a network that somebody would take instead of training one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from slowfeat.errors import UsageError
from slowfeat_trainer.data.frames import FrameStack
from slowfeat_trainer.metrics.equivariance import Matrix

BATCH = 32


@dataclass(frozen=True)
class ReferenceInput:
    """What a peer takes."""

    # Height and width in pixels; None asks the model.
    size: tuple[int, int] | None = None
    # "nchw" or "nhwc".
    layout: str = "nchw"
    # Subtracted from and divided out of each channel of RGB in 0 to 255; one number or three.
    mean: tuple[float, ...] = (0.0,)
    std: tuple[float, ...] = (255.0,)
    # Name of the output that is the embedding; empty for the first.
    output: str = ""


class ReferenceModel:
    """Embeds frames by an ONNX model; frames are enlarged or shrunk to its input.

    Args:
        path: the file.
        given: how it wants its input.

    Raises:
        UsageError: the file is no model that can be run, or the input does not fit it.
    """

    def __init__(self, path: Path, given: ReferenceInput) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        try:
            self._session = onnxruntime.InferenceSession(
                str(path), options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:
            reason = str(error).strip().splitlines()[0]
            raise UsageError(f"--peer {path} cannot be run: {reason}") from error
        self.name = path.stem
        self._input, self._given = self._session.get_inputs()[0], given
        outputs = [output.name for output in self._session.get_outputs()]
        self._output = given.output or outputs[0]
        if self._output not in outputs:
            raise UsageError(
                f"--peer-output {self._output} is unknown; {path} has {', '.join(outputs)}"
            )
        self.size = given.size or self._size_of(self._input.shape)

    def _size_of(self, shape: Sequence[Any]) -> tuple[int, int]:
        sides = shape[2:4] if self._given.layout == "nchw" else shape[1:3]
        if len(shape) != 4 or not all(isinstance(side, int) for side in sides):
            raise UsageError(f"the peer's input is {list(shape)}: say --peer-size WxH")
        return int(sides[0]), int(sides[1])

    def prepare(self, frames: FrameStack) -> Any:
        """The model's input of uint8 frames (N, H, W, 3) RGB."""
        height, width = self.size
        sized = np.stack(
            [cv2.resize(f, (width, height), interpolation=self._way(f.shape)) for f in frames]
        )
        if "uint8" not in self._input.type:
            mean, std = (np.asarray(v, np.float32) for v in (self._given.mean, self._given.std))
            sized = (sized.astype(np.float32) - mean) / std
        if "float16" in self._input.type:
            sized = sized.astype(np.float16)
        return (
            sized
            if self._given.layout == "nhwc"
            else np.ascontiguousarray(sized.transpose(0, 3, 1, 2))
        )

    def _way(self, shape: tuple[int, ...]) -> int:
        shrinks = self.size[0] * self.size[1] < shape[0] * shape[1]
        return int(cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)

    def __call__(self, frames: FrameStack) -> Matrix:
        """Embeddings (N, D) of frames (N, H, W, 3), flattened where the output is a map.

        Raises:
            UsageError: the model does not take such an input.
        """
        fixed = self._input.shape[0]
        batch = fixed if isinstance(fixed, int) else BATCH
        found = []
        for first in range(0, len(frames), batch):
            rows = np.arange(first, first + batch).clip(max=len(frames) - 1)
            inputs = {self._input.name: self.prepare(FrameStack([frames[rows]]))}
            try:
                given = self._session.run([self._output], inputs)[0]
            except Exception as error:
                reason = str(error).strip().splitlines()[0]
                raise UsageError(f"the peer does not take what the flags say: {reason}") from error
            found.append(np.asarray(given, np.float32).reshape(batch, -1))
        return np.concatenate(found)[: len(frames)]
