"""The engine: runs a bundle with ONNX Runtime. Knows no ROS.

encoder = Encoder(load_bundle("run"))
embedding = encoder.embed(image)                          # (D,)
after, expected_error = encoder.predict(embedding, motions)   # (M, D), (M,)
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from slowfeat.bundle import ENCODER, TRANSFORM, Bundle
from slowfeat.errors import BundleError, ImageError, MotionError, SlowfeatError, UsageError
from slowfeat.images import Image, resize_for_encoder
from slowfeat.printable import printable

Embedding = npt.NDArray[np.float32]

PROVIDERS = {
    "cpu": "CPUExecutionProvider",
    "cuda": "CUDAExecutionProvider",
    "tensorrt": "TensorrtExecutionProvider",
}
# Threads that may be asked for.
MOST_THREADS = 256
# Embeddings of so many numbers in all are predicted at once, which a core's cache holds; so many
# motions at most. Many motions take no more memory than some.
CHUNK_NUMBERS, CHUNK = 1 << 17, 1024
_PREDICTION = ["embedding_after", "expected_error"]


def check_motions(motions: npt.ArrayLike) -> npt.NDArray[np.float32]:
    """Motions as float32 (M, 6); one motion (6,) becomes (1, 6).

    Raises:
        MotionError: of another shape, or not finite.
    """
    try:
        array = np.atleast_2d(np.asarray(motions, dtype=np.float32))
    except (TypeError, ValueError) as error:
        raise MotionError(f"motions are not numbers: {error}") from error
    if array.ndim != 2 or array.shape[1] != 6:
        shape = "x".join(map(str, np.shape(motions)))
        raise MotionError(
            f"a motion is [x y z m, rotation vector rad], 6 numbers; got shape {shape}"
        )
    finite = np.isfinite(array)
    if not finite.all():
        bad = int(np.argmin(finite.all(axis=1)))
        raise MotionError(f"motion {bad} is not finite: {array[bad].tolist()}")
    return array


class Encoder:
    """A bundle, ready to run.

    Args:
        bundle: what to run.
        provider: "auto" (the best that is installed), "cpu", "cuda" or "tensorrt".
        threads: threads of ONNX Runtime; 0: up to four, as many as there are cores.

    Raises:
        UsageError: `threads` is out of bounds, or a provider asked for by name is not installed, or
            does not work on this machine.
        BundleError: the models' inputs and outputs are not what bundle.json says.
    """

    def __init__(self, bundle: Bundle, provider: str = "auto", threads: int = 0) -> None:
        if not 0 <= threads <= MOST_THREADS:
            raise UsageError(f"threads is {threads}; it must lie within [0, {MOST_THREADS}]")
        self._arguments = (bundle, provider, threads)
        self.bundle = bundle
        self.info = bundle.info
        self.image_size = (self.info.image_size[0], self.info.image_size[1])
        providers = _choose_providers(provider)
        self._encoder = _open_session(bundle.encoder, providers, threads, bundle, ENCODER)
        self._transform = _open_session(bundle.transform, providers, threads, bundle, TRANSFORM)
        # What both really run on: ONNX Runtime falls back to the CPU without an error.
        self.provider: str = self._encoder.get_providers()[0]
        # Why that is not the provider that was installed for the purpose; empty where it is.
        self.fallback = ""
        if self.provider != providers[0]:
            self.fallback = (
                f"{providers[0]} is installed but does not work here (driver, CUDA or cuDNN "
                f"missing or of another version?): running on {self.provider}"
            )
            if provider != "auto":
                raise UsageError(f"{self.fallback} was not asked for; use auto or cpu to accept it")
        self._check_shapes()

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickled, as for another process, an encoder is opened there anew."""
        return type(self), self._arguments

    def _check_shapes(self) -> None:
        """Compare types and shapes, then run both once, so that the first frame
        will not pay for the warm-up.
        """
        height, width = self.image_size
        dimension = self.info.dimension
        path = self.bundle.path
        _check_ends(
            self._encoder,
            path / ENCODER,
            [("image", "uint8", (None, height, width, 3))],
            [("embedding", "float", (None, dimension))],
        )
        _check_ends(
            self._transform,
            path / TRANSFORM,
            [("embedding", "float", (None, dimension)), ("motion", "float", (None, 6))],
            [("embedding_after", "float", (None, dimension)), ("expected_error", "float", (None,))],
        )
        self._shares_start = _shares_start(self._transform, dimension)
        # Not black: a network may divide by how much an image varies.
        image = (np.arange(height * width * 3) * 89 % 251).astype(np.uint8)
        try:
            embedding = self.embed_batch(image.reshape(1, height, width, 3))
            after, error = self.predict_checked(
                np.zeros((2, dimension), np.float32), np.zeros((2, 6), np.float32)
            )
        except SlowfeatError:
            raise
        except Exception as error_:
            raise BundleError(
                f"{path}: the models do not take the inputs of the contract: {_reason(error_)}"
            ) from error_
        shapes = (embedding.shape, after.shape, error.shape)
        if shapes != ((1, dimension), (2, dimension), (2,)):
            raise BundleError(f"{path}: the models give {shapes} for dimension {dimension}")
        for name, values in (("embedding", embedding), ("prediction", after), ("error", error)):
            if values.dtype != np.float32 or not np.isfinite(values).all():
                raise BundleError(f"{path}: the models give a {name} that is not finite float32")

    def embed_batch(self, images: Image) -> Embedding:
        """Embeddings (N, D) of frames uint8 (N, H, W, 3) RGB that
        have the encoder's size already.
        """
        return cast("Embedding", self._encoder.run(["embedding"], {"image": images})[0])

    def embed(self, image: Image, part: str = "") -> Embedding:
        """Embedding (D,) of one frame uint8 (height, width, 3) RGB of any size, or a part of it.

        Args:
            image: the frame.
            part: the name of one of the bundle's slices, such as "slow", the code that knows
                places; "" or "whole" is all of it.

        Raises:
            UsageError: the bundle has no such part.
            ImageError: not a uint8 image with three channels, or one that the encoder has no
                finite answer to.
        """
        coordinates = self.info.part(part)
        if image.ndim != 3 or image.shape[2] != 3 or image.dtype != np.uint8 or not image.size:
            raise ImageError(f"a frame is uint8 (H, W, 3) RGB; got {image.dtype} {image.shape}")
        resized = resize_for_encoder(image, self.image_size)
        embedding = self.embed_batch(np.ascontiguousarray(resized[None]))[0]
        if not np.isfinite(embedding).all():
            raise ImageError("the encoder gives an embedding that is not finite for this image")
        return cast("Embedding", embedding[coordinates])

    def predict(
        self, embedding: npt.ArrayLike, motions: npt.ArrayLike
    ) -> tuple[Embedding, Embedding]:
        """What the embedding becomes after each of some motions.

        Args:
            embedding: (D,), used for every motion, or (M, D), one for each.
            motions: (M, 6) [x y z m, rotation vector rad] in body axes.

        Returns:
            embedding_after (M, D), and expected_error (M,): the l2 error to be expected (RMS).

        Raises:
            MotionError: a motion is malformed, or the number of embeddings does not fit.
        """
        motion = check_motions(motions)
        start = np.asarray(embedding, dtype=np.float32)
        dimension = self.info.dimension
        if start.shape not in ((dimension,), (len(motion), dimension)):
            raise MotionError(
                f"{len(motion)} motions need embeddings of shape ({dimension},) or "
                f"({len(motion)}, {dimension}); got {start.shape}"
            )
        if not np.isfinite(start).all():
            raise MotionError("the embedding to start from is not finite")
        return self.predict_checked(start, motion)

    def predict_checked(
        self, embedding: Embedding, motions: Embedding
    ) -> tuple[Embedding, Embedding]:
        """As `predict`, of a finite embedding float32 (D,) or (M, D), and of checked motions (M,
        6).

        For motions that stay the same from frame to frame (`check_motions` makes them).
        """
        size = min(max(CHUNK_NUMBERS // self.info.dimension, 1), CHUNK)
        if len(motions) <= size:
            return self._predict_chunk(embedding, motions, slice(0, size))
        after = np.empty((len(motions), self.info.dimension), dtype=np.float32)
        error = np.empty(len(motions), dtype=np.float32)
        for start in range(0, len(motions), size):
            part = slice(start, start + size)
            after[part], error[part] = self._predict_chunk(embedding, motions, part)
        return after, error

    def _predict_chunk(
        self, embedding: Embedding, motions: Embedding, part: slice
    ) -> tuple[Embedding, Embedding]:
        motions = motions[part]
        if embedding.ndim == 1 and self._shares_start:
            embedding = embedding[None]
        elif embedding.ndim == 1:
            embedding = np.repeat(embedding[None], len(motions), axis=0)
        else:
            embedding = embedding[part]
        inputs = {"embedding": np.ascontiguousarray(embedding), "motion": motions}
        after, error = self._transform.run(_PREDICTION, inputs)
        return cast("Embedding", after), cast("Embedding", error)


def _check_ends(
    session: Any,
    file: Path,
    inputs: Sequence[tuple[str, str, tuple[int | None, ...]]],
    outputs: Sequence[tuple[str, str, tuple[int | None, ...]]] = (),
) -> None:
    """Refuse a model whose inputs or outputs are not those of the contract; None stands for any
    size.

    Raises:
        BundleError: naming the one that differs.
    """
    there = {"input": session.get_inputs(), "output": session.get_outputs()}
    for kind, wanted in (("input", inputs), ("output", outputs)):
        ends = {end.name: end for end in there[kind]}
        for name, numbers, shape in wanted:
            end = ends.get(name)
            if end is None:
                raise BundleError(f"{file} has no {kind} {name!r}; it has {', '.join(ends)[:200]}")
            # A size that the model leaves free is a name or None; some leave all of them out.
            fits = not end.shape or len(end.shape) == len(shape)
            fits &= all(
                want is None or not isinstance(have, int) or have == want
                for have, want in zip(end.shape, shape, strict=False)
            )
            if end.type != f"tensor({numbers})" or not fits:
                raise BundleError(
                    f"{file}: {kind} {name!r} is {end.type} {end.shape}, by bundle.json it is "
                    f"tensor({numbers}) {['N' if size is None else size for size in shape]}"
                )


def _shares_start(transform: Any, dimension: int) -> bool:
    """Whether one embedding serves for all motions: the inputs' free sizes then have two names."""
    sizes = {end.name: end.shape[0] if end.shape else None for end in transform.get_inputs()}
    names = sizes["embedding"], sizes["motion"]
    if not all(isinstance(name, str) for name in names) or names[0] == names[1]:
        return False
    inputs = {
        "embedding": np.zeros((1, dimension), np.float32),
        "motion": np.zeros((2, 6), np.float32),
    }
    try:
        after, error = transform.run(_PREDICTION, inputs)
    except Exception:  # somebody else's model may name its sizes as it likes
        return False
    return (after.shape, error.shape) == ((2, dimension), (2,))


def _reason(error: Exception) -> str:
    """The first line of what ONNX Runtime says."""
    lines = str(error).strip().splitlines()
    return printable(lines[0])[:200] if lines else type(error).__name__


def _choose_providers(provider: str) -> list[str]:
    import onnxruntime

    available = onnxruntime.get_available_providers()
    if provider == "auto":
        # TensorRT compiles for minutes at its first start, so it is taken only by name.
        return [p for p in (PROVIDERS["cuda"], PROVIDERS["cpu"]) if p in available]
    if provider not in PROVIDERS:
        raise UsageError(
            f"execution provider {provider!r} is unknown; use auto, {', '.join(PROVIDERS)}"
        )
    if PROVIDERS[provider] not in available:
        raise UsageError(
            f"execution provider {provider} is not in this ONNX Runtime "
            f"(it has {', '.join(available)}); install slowfeat[gpu] or use cpu"
        )
    return list(dict.fromkeys([PROVIDERS[provider], PROVIDERS["cpu"]]))


def _open_session(
    model: bytes, providers: list[str], threads: int, bundle: Bundle, name: str
) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = threads or min(4, os.cpu_count() or 1)
    # Spinning threads would hold whole cores between two frames.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        return onnxruntime.InferenceSession(model, options, providers=providers)
    except Exception as error:
        raise BundleError(f"{bundle.path / name} cannot be run: {_reason(error)}") from error
