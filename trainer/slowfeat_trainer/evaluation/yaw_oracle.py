"""How much of a map's error is the odometry's: the same map, with the turn that the images show.

Wheels slip and commands are not motions. For each pair the turn about the body's z is looked for,
within a few degrees of what the odometry says, for which the prediction comes closest to what was
seen. It knows the answer, so what it reaches is a bound and no result: of exact odometry it takes
away a little, too.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from slowfeat.geometry import Array, compose_motions
from slowfeat_trainer.data.peaks import beside_peak
from slowfeat_trainer.metrics.equivariance import Matrix, errors, rms

# Turns that are tried beside the odometry's, radians.
MOST, STEPS = np.radians(8.0), 17


@dataclass(frozen=True)
class TurnsAsSeen:
    """What the images say of the turns of some pairs."""

    # (P, 6) motions with these turns, and (P,) what was added to the odometry's, radians.
    motions: Array
    added: Array

    @property
    def rms_deg(self) -> float:
        """How far the odometry's turns are from them."""
        return float(np.degrees(rms(self.added)))


def yaw_oracle(
    predict: Callable[[Matrix, Array], Matrix], start: Matrix, actual: Matrix, motions: Array
) -> TurnsAsSeen:
    """The turn of each pair for which a map's prediction comes closest to what was seen.

    Args:
        predict: (P, D) embeddings and (P, 6) motions of the body to (P, D) predictions.
        start: (P, D) embeddings before.
        actual: (P, D) embeddings after.
        motions: (P, 6), what the odometry says.
    """
    tried = np.linspace(-MOST, MOST, STEPS)
    wrong = np.stack(
        [errors(predict(start, turned(motions, angle)), actual) ** 2 for angle in tried]
    )
    # The odometry is believed where nothing is better.
    best = np.where(wrong.min(axis=0) < wrong[STEPS // 2], wrong.argmin(axis=0), STEPS // 2)
    best, each = np.clip(best, 1, STEPS - 2), np.arange(len(best))
    # The least error is the peak of what is left of it.
    beside = beside_peak(*(-wrong[best + k, each] for k in (-1, 0, 1)))
    added = tried[best] + np.clip(beside, -1, 1) * (tried[1] - tried[0])
    return TurnsAsSeen(turned(motions, added), added)


def turned(motions: Array, angle: Array | float) -> Array:
    """Motions (P, 6) that end turned by some more radians, () or (P,), to the left."""
    more = np.zeros_like(motions)
    more[:, 5] = angle
    return compose_motions(motions, more)
