"""The demo's figures, as pure functions: what arrived and how late, and how good predictions are.

P pairs of frames GAP_S apart, D dimensions. `now` is the embedding before the motion, `after` the
one that really followed, `predicted` what the node said would follow; all (P, D).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from slowfeat.geometry import Array
from slowfeat_trainer.metrics.equivariance import errors, rank_correlation

Mask = npt.NDArray[np.bool_]

# A motion is called large from this turn or this distance on, whichever it reaches.
LARGE_TURN_RAD = float(np.deg2rad(15.0))
LARGE_DISTANCE_M = 1.0


@dataclass(frozen=True)
class Delivery:
    """What became of the frames that were sent; a frame is known by its header stamp."""

    sent: int
    # Frames of which an embedding with the very same stamp came back.
    received: int
    # Embeddings with a stamp that was never sent.
    strangers: int
    # (received,) from just before the image was published to the embedding's arrival, ms.
    latency_ms: Array

    @property
    def lost(self) -> int:
        """Frames without an embedding."""
        return self.sent - self.received

    def percentile(self, share: float) -> float | None:
        """Latency in ms that `share` per cent of the frames stay below; None without frames."""
        return float(np.percentile(self.latency_ms, share)) if self.received else None


def join(sent_ns: Mapping[int, int], arrived_ns: Mapping[int, int]) -> Delivery:
    """Match frames and embeddings by stamp.

    Args:
        sent_ns: header stamp -> when the image was published, monotonic clock, ns.
        arrived_ns: header stamp -> when its embedding arrived, by the same clock, ns.
    """
    both = [stamp for stamp in sent_ns if stamp in arrived_ns]
    return Delivery(
        sent=len(sent_ns),
        received=len(both),
        strangers=sum(stamp not in sent_ns for stamp in arrived_ns),
        latency_ms=np.array([(arrived_ns[s] - sent_ns[s]) / 1e6 for s in both]),
    )


def is_large(motions: Array) -> Mask:
    """Which motions (P, 6) turn by 15 degrees or more, or move by 1 m or more."""
    turn = np.linalg.norm(motions[:, 3:], axis=1)
    distance = np.linalg.norm(motions[:, :3], axis=1)
    return np.asarray((turn >= LARGE_TURN_RAD) | (distance >= LARGE_DISTANCE_M))


def share_closer(now: Array, predicted: Array, after: Array) -> float | None:
    """Share of the pairs whose prediction is closer to what followed than
    `now` is; a tie is not closer.
    """
    if not len(now):
        return None
    return float(np.mean(errors(predicted, after) < errors(now, after)))


def share_better(predicted: Array, other: Array, after: Array) -> float | None:
    """Share of the pairs whose prediction is closer to what followed than the
    other one; a tie counts half.
    """
    if not len(after):
        return None
    a, b = errors(predicted, after), errors(other, after)
    return float(np.mean((a < b) + 0.5 * (a == b)))


def nearest(points: Array, candidates: Array) -> npt.NDArray[np.int64]:
    """Index (P,) of the candidate (N, D) nearest to each point (P, D)."""
    found = [int(np.argmin(np.linalg.norm(candidates - point, axis=1))) for point in points]
    return np.array(found, dtype=np.int64)


@dataclass(frozen=True)
class Predictions:
    """What the node answered for each pair, and what really happened."""

    # (P, 6) the motion that really came next [m, rad].
    motions: Array
    now: Array
    after: Array
    # (P, D) the node's answers for the true motion, for another one, and for no motion.
    true_motion: Array
    wrong_motion: Array
    no_motion: Array
    # (D,) mean embedding of the training part: a guess that looks at nothing.
    mean: Array
    # (P,) the node's expected error for the true motion, l2.
    expected_error: Array

    def take(self, which: Mask) -> Predictions:
        """The pairs of a mask."""
        return Predictions(
            self.motions[which],
            self.now[which],
            self.after[which],
            self.true_motion[which],
            self.wrong_motion[which],
            self.no_motion[which],
            self.mean,
            self.expected_error[which],
        )

    def __len__(self) -> int:
        return len(self.motions)


@dataclass(frozen=True)
class Closer:
    """Shares in [0, 1] over some pairs; None where there are none."""

    pairs: int
    # Closer to what followed than the embedding now is, for the node's answer to ...
    true_motion: float | None
    wrong_motion: float | None
    no_motion: float | None
    # ... and for the mean embedding of the training part.
    mean_embedding: float | None
    # The answer for the true motion is closer than the one for the wrong motion; chance is 0.5.
    true_beats_wrong: float | None
    # Mean error of the prediction over mean change; 1 is the copy baseline.
    error_over_change: float | None


def judge(predictions: Predictions) -> Closer:
    """All shares over some pairs."""
    p = predictions
    mean = np.broadcast_to(p.mean, p.now.shape)
    change = float(errors(p.now, p.after).mean()) if len(p) else 0.0
    return Closer(
        pairs=len(p),
        true_motion=share_closer(p.now, p.true_motion, p.after),
        wrong_motion=share_closer(p.now, p.wrong_motion, p.after),
        no_motion=share_closer(p.now, p.no_motion, p.after),
        mean_embedding=share_closer(p.now, mean, p.after),
        true_beats_wrong=share_better(p.true_motion, p.wrong_motion, p.after),
        error_over_change=float(errors(p.true_motion, p.after).mean()) / change if change else None,
    )


def expected_error_rank(predictions: Predictions) -> float | None:
    """Rank correlation of the node's expected error with the real
    one; None for fewer than 3 pairs.
    """
    if len(predictions) < 3:
        return None
    return rank_correlation(
        predictions.expected_error, errors(predictions.true_motion, predictions.after)
    )
