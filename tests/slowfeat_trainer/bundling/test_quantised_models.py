"""An encoder in smaller numbers."""

from __future__ import annotations

import numpy as np
import onnx

from slowfeat_trainer.bundling.quantised_models import to_float16, to_int8
from tests.conftest import TINY_SIZE, tiny_encoder


def frames(count: int = 16) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (count, *TINY_SIZE, 3), dtype=np.uint8)


def test_smaller_numbers_keep_the_embeddings_and_are_smaller_numbers() -> None:
    import onnxruntime

    def run(model: bytes) -> np.ndarray:
        session = onnxruntime.InferenceSession(model)
        return np.asarray(session.run(["embedding"], {"image": frames()})[0])

    exact = run(tiny_encoder())
    scale = np.sqrt((exact**2).mean())
    int8, float16 = to_int8(tiny_encoder(), frames()), to_float16(tiny_encoder())
    types = {t.data_type for t in onnx.load_from_string(int8).graph.initializer}
    assert onnx.TensorProto.INT8 in types
    types = {t.data_type for t in onnx.load_from_string(float16).graph.initializer}
    assert onnx.TensorProto.FLOAT16 in types
    assert {onnx.load_from_string(model).ir_version for model in (int8, float16)} <= {7, 8}
    # int8 is coarse, and not exact by accident.
    assert 0 < np.abs(run(int8) - exact).max() < 0.1 * scale
    assert 0 < np.abs(run(float16) - exact).max() < 0.02 * scale
