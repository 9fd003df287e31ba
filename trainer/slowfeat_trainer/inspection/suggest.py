"""The ingest command that a bag needs."""

from __future__ import annotations

import math
import shlex
from collections import Counter
from dataclasses import replace

from slowfeat_trainer.data.options import IngestOptions
from slowfeat_trainer.data.pairs import GAP_S, following
from slowfeat_trainer.ingest.ingest_bag import attach_poses
from slowfeat_trainer.ingest.ingest_bags import MIN_PAIRS
from slowfeat_trainer.inspection.causes import CLOCKS_APART, SPARSE, gap_that_helps, is_sparse
from slowfeat_trainer.inspection.finding import STOP, Finding
from slowfeat_trainer.inspection.survey import Survey
from slowfeat_trainer.inspection.verdict import NEEDS_WHEELBASE, STILL_SHARE, disagreement_s

# Of many frames those faster than FAST_HZ add little; of more than an hour at SLOWER_HZ fewer
# will do.
FAST_HZ, SLOWER_HZ, MANY_FRAMES = 31.0, 15.0, 10_000
MANY_SLOWER = 15 * 3600
# Codes of what keeps a bag from being used, but for a flag.
FLAG_HELPS = (NEEDS_WHEELBASE, CLOCKS_APART, SPARSE)
# A robot that stands a lot keeps a frame when it has moved or turned this far.
MIN_MOVE_M, MIN_TURN_DEG = 0.02, 1.0


def recommend(survey: Survey) -> IngestOptions:
    """The given options and those that the bag needs besides."""
    options = survey.options
    image, motion = survey.image_choice, survey.motion_choice
    if image.ambiguous and image.topic is not None:
        options = replace(options, image_topic=image.topic.name)
    if motion.ambiguous and motion.topic is not None:
        options = replace(options, odom_topic=motion.topic.name)
    together = survey.together
    if together is not None and disagreement_s(together):
        options = replace(options, odom_offset_auto=True, odom_offset_s=None)
    if together is not None and together.apart_s and not together.with_pose:
        options = replace(options, odom_offset_s=round(together.apart_s, 1), odom_offset_auto=False)
    elif together is not None and not together.with_pose and is_sparse(survey):
        options = replace(options, max_odom_gap_s=gap_that_helps(survey))
    times = None if survey.images is None else survey.images.times
    rate = 0.0 if times is None else times.rate_hz or 0.0
    is_fast = rate > FAST_HZ and times is not None and len(times) > MANY_FRAMES
    # By the images there are: one impossible stamp makes the span of the clock years.
    is_much = is_fast or (times is not None and rate > SLOWER_HZ and len(times) > MANY_SLOWER)
    if is_much and options.rate_hz is None:
        options = replace(options, rate_hz=SLOWER_HZ)
    return _skip_standing(survey, options)


def _skip_standing(survey: Survey, options: IngestOptions) -> IngestOptions:
    """Options that leave out where the robot stands, where it stands a lot and enough is left."""
    motion, together, images = survey.motion, survey.together, survey.images
    if motion is None or motion.driving is None or together is None or images is None:
        return options
    given = options.min_move_m or options.min_turn_rad
    if is_sparse(survey) or given or motion.driving.still_share <= STILL_SHARE:
        return options
    moving = replace(options, min_move_m=MIN_MOVE_M, min_turn_rad=math.radians(MIN_TURN_DEG))
    usable = images.usable
    kept = attach_poses(
        usable.order, usable.stamps, motion.track, together.offset_s, moving, Counter()
    )
    pairs = int((following(kept.stamps, GAP_S) >= 0).sum())
    return moving if pairs >= MIN_PAIRS else options


def ingest_line(survey: Survey, findings: list[Finding]) -> str:
    """The command that makes a dataset of the bag; empty where no flag would make it work."""
    if any(f.level == STOP and f.code not in FLAG_HELPS for f in findings):
        return ""
    words = ["slowfeat", "ingest", str(survey.path), *flags_of(recommend(survey))]
    line = " ".join(shlex.quote(word) for word in words)
    if any(finding.code == NEEDS_WHEELBASE for finding in findings):
        # Nobody but the user knows it.
        line += " --wheelbase METRES"
    return f"{line} --out DATASET"


def flags_of(options: IngestOptions) -> list[str]:
    """Command-line flags of the options that differ from the defaults."""
    default = IngestOptions()
    words: list[str] = []

    def add(flag: str, value: object, usual: object, text: str) -> None:
        if value != usual:
            # Of values that begin with a minus, argparse would make flags.
            words.extend([f"{flag}={text}"] if text.startswith("-") else [flag, text])

    add("--image-topic", options.image_topic, None, str(options.image_topic))
    add("--odom-topic", options.odom_topic, None, str(options.odom_topic))
    add("--fixed-frame", options.fixed_frame, None, str(options.fixed_frame))
    add("--body-frame", options.body_frame, None, str(options.body_frame))
    add("--extrinsic", options.extrinsic, None, _spelled(options.extrinsic or (), " "))
    add("--wheelbase", options.wheelbase_m, None, f"{options.wheelbase_m or 0:g}")
    if options.odom_offset_auto:
        words += ["--odom-offset", "auto"]
    else:
        add("--odom-offset", options.odom_offset_s, None, f"{options.odom_offset_s or 0:.12g}")
    add("--motion", options.motion, default.motion, options.motion)
    if options.trust_odometry:
        words.append("--trust-odometry")
    add(
        "--max-odom-gap",
        options.max_odom_gap_s,
        default.max_odom_gap_s,
        f"{options.max_odom_gap_s:g}",
    )
    height, width = options.image_size
    add("--size", options.image_size, default.image_size, f"{width}x{height}")
    add("--crop", options.crop, default.crop, _spelled(options.crop, ","))
    add("--decoding", options.decoding, default.decoding, options.decoding)
    add("--rate", options.rate_hz, None, f"{options.rate_hz or 0:g}")
    add("--min-move", options.min_move_m, 0.0, f"{options.min_move_m:g}")
    add("--min-turn", options.min_turn_rad, 0.0, f"{math.degrees(options.min_turn_rad):.6g}")
    return words


def _spelled(values: tuple[float, ...], separator: str) -> str:
    return separator.join(f"{value:.9g}" for value in values)
