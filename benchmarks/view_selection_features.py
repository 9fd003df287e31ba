"""Features of images, all with the same interface: pixels, a bundle's
embeddings, a network from ImageNet.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from slowfeat.bundle import load_bundle
from slowfeat.encoder import Encoder
from slowfeat.geometry import Array
from slowfeat.view_selection.policies import unit

# Images (N of (H, W, 3)) RGB to features (N, D).
Features = Callable[[npt.NDArray[np.uint8]], Array]
PIXEL_SIDE, IMAGENET_SIDE = 16, 224


def pixels(images: npt.NDArray[np.uint8]) -> Array:
    """16 x 16 RGB pixels of length one."""
    side = (PIXEL_SIDE, PIXEL_SIDE)
    small = np.stack([cv2.resize(i, side, interpolation=cv2.INTER_AREA) for i in images])
    return unit(small.reshape(len(images), -1))[0]


def of_bundle(run: Path) -> Features:
    """A bundle's embeddings."""
    encoder = Encoder(load_bundle(run), "cpu", 1)
    return lambda images: np.stack([encoder.embed(i) for i in images]).astype(np.float64)


def of_onnx(file: Path) -> Features:
    """Output `feat`, of length one, of a network that takes RGB NCHW of 224, (x - 127) / 128
    (EfficientNet-Lite).
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name

    def embed(images: npt.NDArray[np.uint8]) -> Array:
        rows = []
        for image in images:
            big = cv2.resize(image, (IMAGENET_SIDE, IMAGENET_SIDE)).astype(np.float32)
            x = np.ascontiguousarray(((big - 127) / 128).transpose(2, 0, 1)[None])
            rows.append(np.asarray(session.run(["feat"], {name: x})[0]).reshape(-1))
        return unit(np.stack(rows))[0]

    return embed
