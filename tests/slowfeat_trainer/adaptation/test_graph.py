"""An adapter around a transform, as one graph."""

from __future__ import annotations

import numpy as np
import onnx
import onnxruntime

from slowfeat_trainer.adaptation.fit import Adapter
from slowfeat_trainer.adaptation.graph import around
from tests.conftest import TINY_DIMENSION, tiny_transform


def test_the_adapted_graph_is_the_formula() -> None:
    rng = np.random.default_rng(0)
    adapter = Adapter(
        np.ones(4),
        rng.normal(size=(6, 6)),
        rng.normal(size=TINY_DIMENSION).astype(np.float32),
        rng.normal(size=TINY_DIMENSION).astype(np.float32),
        1.7,
    )
    z = rng.normal(size=(5, TINY_DIMENSION)).astype(np.float32)
    motions = rng.normal(size=(5, 6)).astype(np.float32)
    names = ["embedding_after", "expected_error"]

    def run(model: bytes, motion: np.ndarray) -> list[np.ndarray]:
        session = onnxruntime.InferenceSession(model)
        given = {"embedding": z, "motion": motion.astype(np.float32)}
        return [np.asarray(x) for x in session.run(names, given)]

    plain, error = run(tiny_transform(), motions @ adapter.motion_map.T)
    after, scaled = run(around(tiny_transform(), adapter), motions)
    np.testing.assert_allclose(after, adapter.gain * plain + adapter.bias, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(scaled, 1.7 * error, rtol=1e-4)
    # Bundles of before were written in a form that older runtimes do not know.
    before = onnx.load_from_string(tiny_transform())
    before.ir_version = 10
    assert onnx.load_from_string(around(before.SerializeToString(), adapter)).ir_version == 8
