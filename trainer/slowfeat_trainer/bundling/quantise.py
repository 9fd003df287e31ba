"""A bundle whose encoder computes in smaller numbers, or the reason why it is not worth having."""

from __future__ import annotations

import copy
import dataclasses
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from slowfeat.bundle import Bundle, write_bundle
from slowfeat.encoder import Encoder
from slowfeat.errors import SlowfeatError
from slowfeat_trainer.bundling.quantised_models import to_float16, to_int8
from slowfeat_trainer.data.pairs import Split
from slowfeat_trainer.evaluation.compare import HeldOutPairs, embed_in_batches, judge, wrong_motions
from slowfeat_trainer.metrics.equivariance import Matrix

KINDS = ("int8", "float16")
# Training frames that the ranges of the activations are found on.
CALIBRATION_FRAMES = 256
# Timed calls of each model, in turns.
CALLS = 60


@dataclass(frozen=True)
class Quantised:
    """What smaller numbers cost and win, on the test part and on this machine."""

    kind: str
    # Of the bundle's map, before and after.
    mrr_before: float
    mrr_after: float
    rho_before: float
    rho_after: float
    # RMS of the change of the embeddings, in units of their own RMS norm.
    embedding_change: float
    # Time of one frame in units of the time before, medians of alternating calls.
    time_ratio: float
    # Bytes of encoder.onnx in units of those before.
    size_ratio: float

    def __str__(self) -> str:
        return (
            f"{self.kind}: retrieval MRR {self.mrr_before:.3f} -> {self.mrr_after:.3f}, rho "
            f"{self.rho_before:.3f} -> {self.rho_after:.3f}, embeddings change by "
            f"{100 * self.embedding_change:.1f} %; a frame takes {self.time_ratio:.2f} of the "
            f"time on this machine, the encoder {self.size_ratio:.2f} of the bytes"
        )


def quantise(
    bundle: Bundle, split: Split, kind: str, out: Path, max_loss: float, overwrite: bool = False
) -> Quantised:
    """Write a bundle with an encoder in smaller numbers; the transform stays as it is.

    Args:
        bundle: with an encoder in float32.
        split: recordings at its image size: the training part gives ranges, the test part shows
            what is lost.
        kind: one of KINDS.
        out: folder of the new bundle.
        max_loss: refuse where the MRR falls by more.
        overwrite: replace a bundle that stands at `out`.

    Raises:
        SlowfeatError: the MRR falls by more than `max_loss`; nothing is written.
        UsageError: `out` exists.
    """
    sample = split.train.frames[:: -(-len(split.train) // CALIBRATION_FRAMES)]
    smaller = to_float16(bundle.encoder) if kind == "float16" else to_int8(bundle.encoder, sample)
    before = Encoder(bundle, provider="cpu")
    after = Encoder(dataclasses.replace(bundle, encoder=smaller), provider="cpu")
    pairs = HeldOutPairs.of(split.test)
    z, changed = (embed_in_batches(e, split.test.frames) for e in (before, after))
    first, second = (_judged(e, c, pairs) for e, c in ((before, z), (after, changed)))
    rms = float(np.sqrt((z.astype(np.float64) ** 2).sum(axis=1).mean()))
    found = Quantised(
        kind=kind,
        mrr_before=first[0],
        mrr_after=second[0],
        rho_before=first[1],
        rho_after=second[1],
        embedding_change=float(np.sqrt(((changed - z) ** 2).sum(axis=1).mean())) / max(rms, 1e-12),
        time_ratio=_time_ratio(before, after, split.test.frames[:1]),
        size_ratio=len(smaller) / len(bundle.encoder),
    )
    if found.mrr_before - found.mrr_after > max_loss:
        raise SlowfeatError(
            f"{found}: the MRR falls by more than {max_loss:g}, so nothing was written; "
            "raise --max-loss, or stay with float32"
        )
    info = copy.deepcopy(bundle.info)
    info.name = f"{info.name}-{kind}"
    info.metrics = {**info.metrics, "quantised": asdict(found)}
    write_bundle(out, info, smaller, bundle.transform, overwrite, [bundle.path])
    return found


def _judged(encoder: Encoder, z: Matrix, pairs: HeldOutPairs) -> tuple[float, float]:
    wrong = encoder.predict(z[pairs.single.before], wrong_motions(pairs))[0]
    figures = judge(z, pairs, lambda start, p: encoder.predict(start, p.motions)[0], wrong)
    return figures.mrr, figures.rho


def _time_ratio(before: Encoder, after: Encoder, frame: np.ndarray) -> float:
    times: list[list[float]] = [[], []]
    for _ in range(CALLS):
        for encoder, found in zip((before, after), times, strict=True):
            begun = time.perf_counter()
            encoder.embed_batch(frame)
            found.append(time.perf_counter() - begun)
    return float(np.median(times[1]) / np.median(times[0]))
