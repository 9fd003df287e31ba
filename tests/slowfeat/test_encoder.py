"""The engine on a tiny bundle whose answers can be computed by hand."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest

from slowfeat.bundle import load_bundle
from slowfeat.encoder import Encoder, check_motions
from slowfeat.errors import BundleError, ImageError, MotionError, UsageError
from slowfeat.images import resize_for_encoder
from tests.conftest import TINY_DIMENSION, TINY_SIZE


@pytest.fixture(scope="module")
def encoder(tiny_bundle: Path) -> Encoder:
    return Encoder(load_bundle(tiny_bundle), provider="cpu")


def test_a_frame_of_any_size_is_embedded_as_its_resized_self(encoder: Encoder) -> None:
    frame = np.random.default_rng(0).integers(0, 256, (48, 64, 3), dtype=np.uint8)
    z = encoder.embed(frame)
    assert (z.shape, z.dtype) == ((TINY_DIMENSION,), np.float32)
    batch = np.stack([resize_for_encoder(frame, TINY_SIZE)] * 2)
    np.testing.assert_allclose(encoder.embed_batch(batch), [z, z], rtol=1e-6)


def test_one_embedding_serves_all_motions(encoder: Encoder) -> None:
    z = np.arange(TINY_DIMENSION, dtype=np.float32)
    motions = np.array([[0, 0, 0, 0, 0, 0], [0.5, 0, 0, 0, 0, 0.25]])
    after, error = encoder.predict(z, motions)
    np.testing.assert_allclose(after[0], z)
    assert not np.allclose(after[1], z)
    np.testing.assert_allclose(error, [0.1, 0.85], rtol=1e-6)
    separately, _ = encoder.predict(np.stack([z, z]), motions)
    np.testing.assert_array_equal(separately, after)
    assert encoder.predict(z, motions[1])[0].shape == (1, TINY_DIMENSION)


@pytest.mark.parametrize(
    ("motions", "says"),
    [
        ([[0, 0, 0, 0, 0, np.nan]], "motion 0 is not finite"),
        ([[0] * 6, [np.inf] + [0] * 5], "motion 1 is not finite"),
        ([0, 0, 0], "6 numbers"),
        ([[[0] * 6]], "6 numbers"),
        ("forward", "not numbers"),
    ],
)
def test_malformed_motions_are_refused(motions: object, says: str) -> None:
    with pytest.raises(MotionError, match=says):
        check_motions(motions)  # type: ignore[arg-type]


def test_embeddings_that_do_not_fit_are_refused(encoder: Encoder) -> None:
    with pytest.raises(MotionError, match="need embeddings of shape"):
        encoder.predict(np.zeros(3), np.zeros((1, 6)))
    with pytest.raises(MotionError, match="need embeddings of shape"):
        encoder.predict(np.zeros((3, TINY_DIMENSION)), np.zeros((2, 6)))
    with pytest.raises(MotionError, match="not finite"):
        encoder.predict(np.full(TINY_DIMENSION, np.nan), np.zeros((1, 6)))


@pytest.mark.parametrize(
    "frame", [np.zeros((4, 4), np.uint8), np.zeros((4, 4, 3)), np.zeros((0, 4, 3), np.uint8)]
)
def test_what_is_no_frame_is_refused(encoder: Encoder, frame: np.ndarray) -> None:
    with pytest.raises(ImageError, match="uint8"):
        encoder.embed(frame)


def test_unknown_and_missing_providers_are_named(tiny_bundle: Path) -> None:
    with pytest.raises(UsageError, match="unknown"):
        Encoder(load_bundle(tiny_bundle), provider="abacus")
    assert Encoder(load_bundle(tiny_bundle)).provider == "CPUExecutionProvider"


def test_models_that_contradict_bundle_json_are_refused(tiny_bundle: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(tiny_bundle, tmp_path / "copy"))
    file = copy / "bundle.json"
    good = json.loads(file.read_text())
    for change in ({"dimension": 9}, {"image_size": [8, 8]}):
        file.write_text(json.dumps({**good, **change}))
        with pytest.raises(BundleError, match=str(copy)):
            Encoder(load_bundle(copy))


def test_installed_provider_that_does_not_work_is_told_or_refused(
    tiny_bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # This machine's ONNX Runtime says that it has CUDA, and takes the CPU without an error.
    both = ["CUDAExecutionProvider", "CPUExecutionProvider"]
    monkeypatch.setattr("onnxruntime.get_available_providers", lambda: both)
    real = onnxruntime.InferenceSession

    def falls_back(model: bytes, options: Any, providers: list[str]) -> Any:
        return real(model, options, providers=["CPUExecutionProvider"])

    monkeypatch.setattr("onnxruntime.InferenceSession", falls_back)
    bundle = load_bundle(tiny_bundle)
    encoder = Encoder(bundle, "auto")
    assert encoder.provider == "CPUExecutionProvider"
    assert "CUDAExecutionProvider is installed but does not work here" in encoder.fallback
    with pytest.raises(UsageError, match="was not asked for"):
        Encoder(bundle, "cuda")
    assert Encoder(bundle, "cpu").fallback == ""
