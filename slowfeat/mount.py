"""How a camera is mounted, tested on its images: what names and transforms claim, against what the
camera sees.

The rotation of the camera is measured in the images (slowfeat.visual_rotation), and compared with
the rotation that the robot's motion would give it under each hypothesis: the frame's axes are
optical or x ahead, the image is rolled by a quarter turn or more, the yaw of the motion is
mirrored. A level camera that is upside down turns exactly like one whose yaw is mirrored, so some
hypotheses cannot be distinguished; they are then named together. The same comparison gives the time
by which images and motion are apart, and the field of view.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from slowfeat.frame_names import BODY, OPTICAL, claimed_axes, is_level, optical_rotation
from slowfeat.geometry import R_BODY_OPTICAL, Array

Known = npt.NDArray[np.bool_]
# Rotation vectors (K, 3) at a lag in s, and which (K,) are known.
RotationsAt = Callable[[float], tuple[Array, Known]]

ROLLS = (0, 90, 180, 270)
# Hypotheses whose predicted turns point within this angle of each other cannot be distinguished,
# deg.
SAME_DEG = 25.0
# Below this correlation of measured and predicted turns nothing can be told, ...
MIN_CORRELATION = 0.35
# ... nor from less turning than this in all, deg, ...
MIN_TURNED_DEG = 45.0
# ... nor where fewer than this share of resampled drives agree.
MIN_CONFIDENCE = 0.95
# A claim is contradicted by no less than this, which must explain so much more than the claim does.
SURE_CORRELATION, SURE_MARGIN = 0.5, 0.2
RESAMPLES, PIECES = 200, 20
MAX_LAG_S, COARSE_LAG_S = 0.52, 0.04


@dataclass(frozen=True)
class Claim:
    """What a bag or its user says of a camera's mount."""

    # Frame of the images.
    frame: str
    # Rotation (3, 3) of that frame in the body; None where nothing says it.
    R_body_frame: Array | None = None
    # Whether a user gave it, as that of the optical axes: then names do not count.
    is_given: bool = False

    @property
    def axes(self) -> str:
        """OPTICAL or BODY: what holds where images cannot decide."""
        return OPTICAL if self.is_given else claimed_axes(self.frame, self.R_body_frame)


@dataclass(frozen=True, eq=False)
class Hypothesis:
    """One way in which a camera may be mounted."""

    axes: str
    # Clockwise turn of the camera about its optical axis, deg.
    roll_deg: int
    # Whether yaw and roll of the motion have the wrong sign, or the images are mirrored.
    mirrored: bool
    # From optical axes to the body's.
    R_body_optical: Array

    @property
    def key(self) -> tuple[str, int, bool]:
        """What distinguishes it from the others of one claim."""
        return self.axes, self.roll_deg, self.mirrored

    def turns(self, rotations: Array) -> Array:
        """Rotation vectors (K, 3) of the camera in optical axes, of those of the body (K, 3)."""
        signs = np.array([-1.0, 1.0, -1.0]) if self.mirrored else np.ones(3)
        return np.asarray((rotations * signs) @ self.R_body_optical)


@dataclass(frozen=True)
class MountTest:
    """What the images say of a mount."""

    # What was claimed, and what explains the images best.
    claimed: Hypothesis
    best: Hypothesis
    # Others that explain them as well as the best, as far as the drive shows.
    alike: tuple[Hypothesis, ...]
    # Of measured and predicted turns, of the best and of the claimed hypothesis.
    correlation: float
    claimed_correlation: float
    # Share of resampled drives in which the best one wins.
    confidence: float
    # Turned in all in the frames compared, deg.
    turned_deg: float
    # Seconds to add to the stamps of the motion.
    lag_s: float
    # Measured over predicted turns about the image's own axes: focal length over the assumed one,
    # where the motion's turns are right. None where it cannot be told.
    zoom: float | None

    @property
    def can_tell(self) -> bool:
        """Whether the turns explain the images well enough to choose."""
        return (
            self.correlation >= MIN_CORRELATION
            and self.turned_deg >= MIN_TURNED_DEG
            and self.confidence >= MIN_CONFIDENCE
        )

    @property
    def agrees(self) -> bool:
        """Whether the claim is the best, or indistinguishable from it."""
        return self.claimed.key in {h.key for h in (self.best, *self.alike)}

    @property
    def contradicts(self) -> bool:
        """Whether the images say for sure that the claim is wrong."""
        return (
            self.can_tell
            and not self.agrees
            and self.correlation >= SURE_CORRELATION
            and self.correlation - self.claimed_correlation >= SURE_MARGIN
        )


def hypotheses_of(claim: Claim) -> list[Hypothesis]:
    """All hypotheses, the claimed one first; the plainest come
    before others that may look alike.
    """
    if claim.R_body_frame is None:
        readings = [(OPTICAL, R_BODY_OPTICAL)]
    else:
        own, other = claim.axes, BODY if claim.axes == OPTICAL else OPTICAL
        readings = [(axes, optical_rotation(claim.R_body_frame, axes)) for axes in (own, other)]
    found = [
        Hypothesis(axes, roll, mirrored, R @ _about_axis(roll))
        for axes, R in readings
        for roll in ROLLS
        for mirrored in (False, True)
    ]

    def strangeness(h: Hypothesis) -> tuple[bool, bool, bool]:
        """Of hypotheses alike, the first: the claim, then a level camera that is not
        rolled, then the claim rolled.
        """
        is_plain = h.roll_deg == 0 and (h.axes == claim.axes or is_level(h.R_body_optical))
        return h.mirrored, not is_plain, h.axes != claim.axes

    return sorted(found, key=strangeness)


def _about_axis(degrees: float) -> Array:
    """Rotation (3, 3) about the optical axis."""
    c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    return np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]])


def try_mounts(claim: Claim, measured: Array, rotations_at: RotationsAt) -> MountTest:
    """Compare measured turns with those of each hypothesis.

    Args:
        claim: what is said.
        measured: (K, 3) rad, from slowfeat.visual_rotation, in optical axes.
        rotations_at: gives the rotation vectors (K, 3) in rad of the body between the same images,
            and which of them (K,) are known, when so many seconds are added to the stamps of the
            motion.
    """
    hypotheses = hypotheses_of(claim)
    lag_s, rotations, known = _best_lag(measured, rotations_at)
    rotations, seen = rotations[known], _without_extremes(measured[known])
    predicted = [h.turns(rotations) for h in hypotheses]
    strength = np.array([_correlation(p, seen) for p in predicted])
    best = int(np.argmax(np.round(strength, 6)))
    # Where nothing turns, all is as it is claimed.
    same = [k for k, p in enumerate(predicted) if _alike(predicted[best], p)] or [0]
    # Of hypotheses alike the claimed one is believed, else the plainest.
    best = min(same)
    return MountTest(
        claimed=hypotheses[0],
        best=hypotheses[best],
        alike=tuple(hypotheses[k] for k in same if k != best),
        correlation=float(strength[same].max()),
        claimed_correlation=float(strength[0]),
        confidence=_confidence(predicted, seen, same),
        turned_deg=float(np.rad2deg(np.linalg.norm(rotations, axis=1).sum())),
        lag_s=lag_s,
        zoom=_zoom(predicted[best], seen),
    )


def _best_lag(measured: Array, rotations_at: RotationsAt) -> tuple[float, Array, Known]:
    """The lag at which the body's turns explain the measured ones best, whatever
    the mount; and the turns there.
    """
    clipped = _without_extremes(measured)

    def explained(lag_s: float) -> tuple[float, float]:
        rotations, known = rotations_at(lag_s)
        # Of lags that are as good the smallest.
        return _explained(rotations[known], clipped[known]) - 1e-6 * abs(lag_s), lag_s

    # Coarse, then fine around the best.
    count = round(MAX_LAG_S / COARSE_LAG_S)
    _, lag_s = max(explained(k * COARSE_LAG_S) for k in range(-count, count + 1))
    fine = [lag_s + share * COARSE_LAG_S for share in (-0.75, -0.5, -0.25, 0.0, 0.25, 0.5, 0.75)]
    _, lag_s = max(explained(lag) for lag in fine)
    return (lag_s, *rotations_at(lag_s))


def _explained(rotations: Array, measured: Array) -> float:
    """Share of the measured turns (K, 3) that a linear map of the body's turns (K, 3) explains."""
    if len(rotations) < 10:
        return 0.0
    X, Y = rotations - rotations.mean(axis=0), measured - measured.mean(axis=0)
    # Directions in which the body hardly turns explain nothing but noise.
    C = X.T @ X
    C += (1e-3 * np.trace(C) + 1e-12) * np.eye(3)
    explained = X @ np.linalg.solve(C, X.T @ Y)
    return float((explained * Y).sum() / max(float((Y * Y).sum()), 1e-12))


def _without_extremes(values: Array) -> Array:
    """Values (K, 3) clipped to their middle 98 %: an image that
    cannot be aligned must not decide.
    """
    if not len(values):
        return values
    low, high = np.percentile(values, (1, 99), axis=0)
    return np.clip(values, low, high)


def _correlation(predicted: Array, measured: Array) -> float:
    """Of all components together, each without its mean, as a forward drive has one."""
    if len(predicted) < 2:
        return 0.0
    a, b = predicted - predicted.mean(axis=0), measured - measured.mean(axis=0)
    norm = float(np.linalg.norm(a) * np.linalg.norm(b))
    return float((a * b).sum()) / norm if norm > 1e-9 else 0.0


def _alike(a: Array, b: Array) -> bool:
    """Whether two predictions (K, 3) point the same way, as far as this drive shows."""
    norm = float(np.linalg.norm(a) * np.linalg.norm(b))
    return norm > 1e-12 and float((a * b).sum()) / norm >= math.cos(math.radians(SAME_DEG))


def _confidence(predicted: list[Array], measured: Array, same: list[int]) -> float:
    """Share of drives, put together of random pieces of this one, in which one of `same` wins."""
    pieces = np.array_split(np.arange(len(measured)), PIECES)
    pieces = [piece for piece in pieces if len(piece)]
    if len(measured) < PIECES or not same:
        return 0.0
    # Per piece: the products that correlations are made of; means are those of the whole.
    centred = [p - p.mean(axis=0) for p in predicted]
    b = measured - measured.mean(axis=0)
    both = np.array([[float((a[i] * b[i]).sum()) for i in pieces] for a in centred])
    own = np.array([[float((a[i] ** 2).sum()) for i in pieces] for a in centred])
    draws = np.random.default_rng(0).integers(0, len(pieces), (RESAMPLES, len(pieces)))
    score = both[:, draws].sum(axis=2) / np.sqrt(np.maximum(own[:, draws].sum(axis=2), 1e-12))
    winner = np.argmax(score, axis=0)
    return float(np.isin(winner, same).mean())


def _zoom(predicted: Array, measured: Array) -> float | None:
    """Measured over predicted turns about the image's horizontal and vertical axes."""
    if not len(predicted):
        return None
    a = (predicted - predicted.mean(axis=0))[:, :2]
    b = (measured - measured.mean(axis=0))[:, :2]
    square = float((a * a).sum())
    # Of turns about the optical axis the focal length cannot be told.
    if square < 0.1 * float(((predicted - predicted.mean(axis=0)) ** 2).sum()) or square < 1e-6:
        return None
    ratio = float((a * b).sum()) / square
    return ratio if ratio > 0 else None
