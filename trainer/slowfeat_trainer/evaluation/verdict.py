"""A verdict after a table: does the bundle predict, because of what, and what to do."""

from __future__ import annotations

import math
from dataclasses import dataclass

from slowfeat.bundle_info import BundleInfo
from slowfeat.odometry_model import OdometryModel
from slowfeat.verdict import NOT, SOMEWHAT, WELL, Verdict
from slowfeat_trainer.evaluation.metric_table import Metrics

# A gain within so many standard errors of 0 is none.
SURE = 3.0
# From these on the map predicts well: what the motion saves, and the mean reciprocal rank of the
# true future among 100.
GOOD_GAIN, GOOD_MRR = 0.3, 0.5
# Odometry that is off by more than this over half a second, radians rms, is a cause; so are drives
# with less of these.
NOISY, FEW_SECONDS, FEW_TURNS = math.radians(3.0), 60.0, 0.1
# A turn over half a second that counts as one, radians.
TURN = math.radians(5.0)


@dataclass(frozen=True)
class Circumstances:
    """What figures may be explained by."""

    # Seconds that were learned from; None where they are not known.
    seconds: float | None = None
    # Share of the pairs that turn by more than 5 degrees.
    turning: float | None = None
    odometry: OdometryModel | None = None
    # Whether it is measured on bags of a place or a robot that it has not learned from.
    elsewhere: bool = False
    # Whether the turns were those of the odometry alone.
    by_odometry: bool = True


def verdict_on(figures: Metrics, others: dict[str, Metrics], where: Circumstances) -> Verdict:
    """The verdict on a bundle's own map.

    Args:
        figures: of the bundle's map, its gain against a wrong motion.
        others: rows beside it.
        where: what may explain the figures.
    """
    gain, se = figures.motion_gain or 0.0, figures.gain_se or 0.0
    copy = others.get("copy")
    beats_copy = copy is None or figures.mrr > copy.mrr
    if gain <= max(SURE * se, 0.01):
        return Verdict(NOT, f"a wrong motion does as well; {_cause(where)}", gain, se)
    if gain >= GOOD_GAIN and figures.mrr >= GOOD_MRR and figures.rho < 1 and beats_copy:
        done = "use it" if not where.elsewhere else "it carries over to this drive"
        return Verdict(
            WELL,
            f"the true future ranks {_rank(figures.mrr)} among 100 images (MRR "
            f"{figures.mrr:.2f}); {done}",
            gain,
            se,
        )
    lacks = []
    if not beats_copy:
        lacks.append("the image as it was ranks the future no worse")
    if figures.rho >= 1:
        lacks.append("its errors are larger than those of predicting no change (rho 1 or more)")
    lacks.append(f"MRR {figures.mrr:.2f}")
    return Verdict(SOMEWHAT, f"{', '.join(lacks)}; {_cause(where)}", gain, se)


def circumstances_of(
    info: BundleInfo, seconds: float | None, turning: float | None
) -> Circumstances:
    """Those of the training that a bundle comes from."""
    bags = info.training.get("bags", [])
    sources = {bag.get("motion", "odometry") for bag in bags} or {"odometry"}
    return Circumstances(seconds, turning, info.odometry, by_odometry=sources == {"odometry"})


def _cause(where: Circumstances) -> str:
    """What it may be because of, and what to do."""
    noise = 0.0 if where.odometry is None else float(where.odometry.yaw_noise(0.5))
    if where.turning is not None and where.turning < FEW_TURNS:
        return f"only {where.turning:.0%} of the drive turns: record more turns to both sides"
    if noise > NOISY and where.by_odometry:
        return (
            f"the odometry's turns are off by {math.degrees(noise):.0f} degrees rms over half a "
            "second: --motion fused, or record a gyro"
        )
    if where.seconds is not None and where.seconds < FEW_SECONDS:
        return f"{where.seconds:.0f} s were learned from: record a few minutes"
    if where.elsewhere:
        return (
            "this place or robot is new to it: slowfeat adapt it to a minute of this drive, or "
            "train on it"
        )
    return (
        "slowfeat inspect the bag for the mount, the field of view and the clocks; then record "
        "more, with more turns"
    )


def _rank(mrr: float) -> str:
    return "first or second" if mrr >= 0.75 else "second or third" if mrr >= 0.4 else "low"
