"""Parts of the report in words, for the terminal and for the page."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np

from slowfeat.bit_depth import FULL_BITS
from slowfeat.geometry import describe_motion, matrix_from_quaternion
from slowfeat_trainer.data.motion_patterns import MotionPatterns
from slowfeat_trainer.data.pairs import GAP_S
from slowfeat_trainer.inspection.candidates import kind_of
from slowfeat_trainer.inspection.causes import is_sparse
from slowfeat_trainer.inspection.image_survey import Images
from slowfeat_trainer.inspection.storage import NAMES, Storage
from slowfeat_trainer.inspection.survey import Survey, SyncReport
from slowfeat_trainer.inspection.topic_survey import TopicTimes
from slowfeat_trainer.inspection.verdict import disagreement_s, percent

# Headers further than this from receipt are not of the recorder's clock (simulated time, for one).
OTHER_CLOCK_S = 3600.0
# Stamps further apart than this are not a delay, s.
FAR_S = 60.0
# Parts of ingest's warnings that have a finding of their own.
IN_VERDICT = (
    "--extrinsic says it better",
    "--odom-offset auto corrects it",
    "commands, not what was measured",
    "no motion is taken across a jump",
    "two publishers send",
    "never change, its twists do",
    "is not finite; taken as 0",
    "names its child frame like its parent",
)


def started(survey: Survey) -> str:
    """When the recording began."""
    return datetime.fromtimestamp(survey.start_ns / 1e9, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def storage(found: Storage) -> str:
    """How the bag lies on disk."""
    files = "1 file" if found.files == 1 else f"{found.files} files"
    packed = found.compression or "not compressed"
    return (
        f"{NAMES.get(found.kind, found.kind)}, {packed}, {files}, {size(found.size_bytes)}, "
        f"{found.ros}"
    )


def size(count: int) -> str:
    """Bytes in a unit that fits."""
    for unit, factor in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= factor:
            return f"{count / factor:.1f} {unit}"
    return f"{count} bytes"


def images(survey: Survey, found: Images) -> str:
    """The image topic and its images."""
    width, height = found.picture.size
    wide = survey.field_of_view
    view = "field of view unknown" if wide is None else f"{np.rad2deg(wide):.0f} deg wide"
    encoding = f" {found.picture.encoding}" if found.picture.encoding else ""
    if found.picture.bits < FULL_BITS:
        encoding += f" ({found.picture.bits} bits used)"
    frame = found.picture.frame or "(without name)"
    return f"{found.times.topic.name}, {width}x{height}{encoding}, frame {frame}, {view}"


def pictures(found: Images) -> str:
    """What is in the images, and how many were decoded for that."""
    sample = "all" if found.complete else f"a sample of {found.tried}"
    again = ""
    if found.repeats is not None:
        again = f"; {percent(found.repeats / max(len(found.times), 1))} repeat the previous image"
    return (
        f"{sample} decoded: {percent(found.undecodable_share)} failed, "
        f"{percent(found.dark_share)} nearly black, {percent(found.bright_share)} nearly "
        f"white{again}"
    )


def motion(survey: Survey) -> str:
    """The source of motion."""
    found = survey.motion
    if found is None:
        return survey.motion_problem or survey.motion_choice.problem
    track = found.track
    how = "commanded" if found.is_commanded else "measured"
    return (
        f"{track.topic} ({track.kind}, {how}), {len(track)} poses of {track.frame} in "
        f"{track.fixed_frame}"
    )


def others(survey: Survey) -> str:
    """The other topics that have motion; empty for none."""
    choice = survey.motion_choice
    rest = [topic for topic in choice.candidates if topic != choice.topic]
    return ", ".join(f"{topic.name} ({kind_of(topic)})" for topic in rest)


def extrinsic(survey: Survey) -> str:
    """Where the camera sits."""
    if survey.extrinsic is None:
        return "unknown; a camera at the body's origin that looks ahead is assumed"
    x, y, z = survey.extrinsic[:3]
    # The optical axis.
    ahead = matrix_from_quaternion(survey.extrinsic[3:])[:, 2]
    down = np.rad2deg(np.arctan2(-ahead[2], np.hypot(ahead[0], ahead[1])))
    left = np.rad2deg(np.arctan2(ahead[1], ahead[0]))
    where = f"x {x:.2f}, y {y:.2f}, z {z:.2f} m".replace("-0.00", "0.00")
    return (
        f"{where} in the body, looks {_angle(left, 'left', 'right')} and "
        f"{_angle(down, 'down', 'up')}{_rolled(survey)} ({survey.extrinsic_from}{_tested(survey)})"
    )


def _rolled(survey: Survey) -> str:
    """How the camera is turned about its own axis; empty for an upright one."""
    roll = 0.0 if survey.mount is None else survey.mount.roll_deg
    return "" if abs(roll) < 5 else f", turned by {abs(roll):.0f} deg about its axis"


def _tested(survey: Survey) -> str:
    """What the images say of the mount."""
    test = None if survey.mount is None else survey.mount.test
    if test is None or not test.can_tell:
        return "; too few turns for the images to confirm it"
    if test.contradicts:
        return "; the images contradict its description"
    return f"; the images agree, correlation {test.correlation:.2f}"


def _angle(degrees: float, positive: str, negative: str) -> str:
    if abs(degrees) < 0.5:
        return f"0 deg {positive}"
    return f"{abs(degrees):.0f} deg {positive if degrees > 0 else negative}"


def lined_up(together: SyncReport) -> str:
    """How images and motion lie beside each other."""
    median, longest = together.nearest_s
    if median > FAR_S:
        return (
            f"{together.with_pose} of {together.images} images have odometry on both sides; the "
            f"stamps of the two are {median:.0f} s apart"
        )
    return (
        f"{together.with_pose} of {together.images} images have odometry on both sides; nearest "
        f"pose {1000 * median:.1f} ms off (median), {1000 * longest:.0f} ms at most"
    )


def clocks(together: SyncReport) -> str:
    """Whether camera and motion agree on the time."""
    clock = together.clock
    if not clock.is_known:
        return (
            "too few turns to see whether camera and odometry agree on the time "
            f"(correlation {clock.correlation:.2f})"
        )
    seen = f"(turns and images correlate {clock.correlation:.2f})"
    left = disagreement_s(together)
    if not left:
        rest = 1000 * abs(clock.seconds - together.offset_s)
        applied = f" after {together.offset_s:+.2f} s" if together.offset_s else ""
        return f"camera and odometry agree within {rest:.0f} ms{applied} {seen}"
    return (
        f"the images turn {left:+.2f} s after the odometry says so {seen}: use --odom-offset auto"
    )


def driving(survey: Survey) -> list[str]:
    """How the robot drove, in three parts."""
    drive = None if survey.motion is None else survey.motion.driving
    if drive is None:
        return []
    sides = f"{drive.left_deg:.0f} to the left, {drive.right_deg:.0f} to the right"
    turn = f"{drive.mean_turn_deg_s:.0f} deg/s on average, {drive.max_turn_deg_s:.0f} at most"
    speed = f"{drive.mean_speed_m_s:.2f} m/s on average, {drive.max_speed_m_s:.2f} at most"
    if is_sparse(survey):
        return ["its poses are too far apart for distances, turns and stops"]
    return [
        f"{drive.distance_m:.1f} m driven, {drive.turned_deg:.0f} deg turned ({sides})",
        f"stands still {percent(drive.still_share)} of the time",
        f"speed {speed}; turn rate {turn}",
    ]


def warnings(survey: Survey) -> list[str]:
    """What ingest would warn of and the verdict does not say already."""
    return [text for text in survey.warnings if not any(part in text for part in IN_VERDICT)]


def pairs(together: SyncReport) -> str:
    """What the histograms are of."""
    return f"{len(together.motions)} pairs of frames {GAP_S} s apart"


def patterns(found: MotionPatterns) -> list[tuple[int, float, str]]:
    """Count, share and motion in words of each pattern."""
    total = int(found.counts.sum())
    return [
        (int(count), int(count) / total, describe_motion(centroid))
        for centroid, count in zip(found.centroids, found.counts, strict=True)
    ]


def topic_row(times: TopicTimes) -> list[str]:
    """Count, rate, jitter, delay and longest gap of a topic; empty
    where there are too few messages.
    """
    rate, gap = times.rate_hz, times.longest_gap_s
    cells = [str(len(times))]
    if rate is None or gap is None:
        return [*cells, "", "", "", ""]
    jitter = f"{1000 * (times.interval_sd_s or 0):.1f} / {1000 * (times.interval_p99_s or 0):.1f}"
    delays = times.delays_s
    delay = ""
    if len(delays) and abs(np.median(delays)) > OTHER_CLOCK_S:
        delay = "another clock"
    elif len(delays):
        delay = f"{1000 * np.median(delays):.1f} / {1000 * np.percentile(delays, 99):.1f}"
    return [*cells, f"{rate:.1f} Hz", jitter, delay, f"{gap:.3f} s"]


TOPIC_HEADS = ["count", "rate", "interval sd / p99 [ms]", "delay median / p99 [ms]", "longest gap"]
