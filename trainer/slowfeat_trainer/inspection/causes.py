"""Why no image has a pose, or too few have: one sentence for each cause, with what to do."""

from __future__ import annotations

import math

import numpy as np

from slowfeat.odometry import NS
from slowfeat_trainer.inspection.survey import Motion, Survey, SyncReport

# Codes of causes that a flag mends.
CLOCKS_APART, SPARSE = "clocks_apart", "sparse_motion"
# Share of images with the stamp of the one before from which on the driver is to blame.
REPEATED_SHARE = 0.3


def why_no_pose(survey: Survey, together: SyncReport) -> tuple[str, str]:
    """Code and sentence for a bag of which no image has a pose."""
    motion = survey.motion
    assert motion is not None  # noqa: S101 - together is made of it
    topic = motion.source.topic.name
    if not len(motion.track):
        kind = f"{motion.track.kind}: "
        reasons = [
            f"{count} {reason.removeprefix(kind)}"
            for reason, count in survey.dropped.most_common()
            if reason.startswith(kind) and count
        ]
        why = "; ".join(reasons[:3]) or "it has no messages"
        return "no_usable_pose", f"no pose of {topic} can be used: {why}; mend its publisher"
    if together.apart_s:
        return CLOCKS_APART, _clocks_apart(survey, together)
    if is_sparse(survey):
        gap = pose_interval_s(motion)
        return SPARSE, (
            f"poses of {topic} come {gap:.1f} s apart, more than the --max-odom-gap "
            f"{survey.options.max_odom_gap_s:g} that is interpolated; record 20 Hz or more, or "
            "raise it"
        )
    return "no_overlap", (
        "no image has odometry around it: their stamps do not overlap; were both recorded with "
        "one clock?"
    )


def _clocks_apart(survey: Survey, together: SyncReport) -> str:
    motion, images = survey.motion, survey.images
    assert motion is not None  # noqa: S101
    assert images is not None  # noqa: S101
    delays = images.times.delays_s
    image_delay = abs(float(np.median(delays))) if len(delays) else 0.0
    is_camera = image_delay > abs(motion.track.delay_s or 0.0)
    whose = images.times.topic.name if is_camera else motion.source.topic.name
    return (
        f"{whose} is stamped by another clock, {abs(together.apart_s):.1f} s from the other's; "
        f"the times of receipt suggest --odom-offset={together.apart_s:.1f}: let the driver stamp "
        "in the computer's time"
    )


def pose_interval_s(motion: Motion) -> float:
    """Median time between poses; 0 for fewer than two."""
    stamps = motion.track.stamps
    return float(np.median(np.diff(stamps))) / NS if len(stamps) > 1 else 0.0


def is_sparse(survey: Survey) -> bool:
    """Whether poses come further apart than what is interpolated."""
    motion = survey.motion
    return motion is not None and pose_interval_s(motion) > survey.options.max_odom_gap_s


def gap_that_helps(survey: Survey) -> float:
    """A --max-odom-gap that covers sparse poses, s."""
    assert survey.motion is not None  # noqa: S101
    return math.ceil(15 * pose_interval_s(survey.motion)) / 10


def whole_seconds(survey: Survey) -> str:
    """A sentence where many images share a stamp because it holds
    whole seconds only; else empty.
    """
    images = survey.images
    header = None if images is None else images.times.header_ns
    if header is None or len(header) < 2:
        return ""
    repeated = float(np.mean(np.diff(header) == 0))
    if repeated < REPEATED_SHARE or np.any(header % NS):
        return ""
    most = int(np.unique(header, return_counts=True)[1].max())
    return (
        f"{most} images share each stamp because the driver stamps whole seconds; let it stamp "
        "nanoseconds, or leave the stamp zero so that the time of receipt is taken"
    )
