"""The verdict on a bag: what keeps it from being trained on, what makes it worse, what to know.

docs/inspect.md explains every code.
"""

from __future__ import annotations

import numpy as np

from slowfeat.geometry import Array
from slowfeat_trainer.data.clock_offset import NOTICEABLE_S
from slowfeat_trainer.data.motion_patterns import STILL
from slowfeat_trainer.data.pairs import GAP_S
from slowfeat_trainer.ingest.ingest_bag import MIN_FRAMES
from slowfeat_trainer.ingest.ingest_bags import MIN_PAIRS
from slowfeat_trainer.inspection.causes import is_sparse, whole_seconds, why_no_pose
from slowfeat_trainer.inspection.finding import HINT, STOP, WARN, Finding
from slowfeat_trainer.inspection.image_survey import Images
from slowfeat_trainer.inspection.odometry_findings import odometry_findings
from slowfeat_trainer.inspection.survey import Motion, Survey, SyncReport
from slowfeat_trainer.motion.camera_mount import field_of_view_doubt

# The code of what only the user can say.
NEEDS_WHEELBASE = "needs_wheelbase"

# Below these a drive teaches little: share of pairs that turn, degrees of a turn, seconds.
TURNING_SHARE, TURN_DEG, MIN_SECONDS = 0.10, 5.0, 60.0
# Of all turning, at least this share to either side.
SIDE_SHARE = 0.1
# Shares of the images from which on it is worth a word.
NO_POSE_SHARE, LOST_SHARE, DARK_SHARE, REPEAT_SHARE = 0.10, 0.01, 0.10, 0.05
# Share of the time at rest that is too much.
STILL_SHARE = 0.5
# Frames and poses a second that are too few, and a pause that is worth a word, s.
SLOW_FRAMES_HZ, SLOW_ODOMETRY_HZ, PAUSE_S = 5.0, 10.0, 2.0


# Parts of warnings about the source of motion that weigh in the verdict.
SOURCE_DOUBTS = {
    "two publishers send": WARN,
    "never change, its twists do": WARN,
    "is not finite; taken as 0": WARN,
    "names its child frame like its parent": HINT,
}
# Parts of warnings that are findings of their own, by their codes.
DOUBTS = {"transforms_contradict": "transforms contradict", "frozen": "stand still for"}


def judge(survey: Survey) -> list[Finding]:
    """All findings, the gravest first."""
    found = _topics(survey)
    if survey.damage:
        more = f" and {len(survey.damage) - 1} more" if len(survey.damage) > 1 else ""
        found.append(Finding("damaged", WARN, f"the bag is damaged: {survey.damage[0]}{more}"))
    found += [Finding("left_out", HINT, sentence) for sentence in survey.left_out]
    found += [
        Finding(code, WARN, warning)
        for code, part in DOUBTS.items()
        for warning in survey.warnings
        if part in warning
    ]
    if survey.images is not None:
        found += _images(survey, survey.images)
    if survey.motion is not None:
        found += _motion(survey, survey.motion)
    if survey.together is not None:
        found += _together(survey, survey.together)
        found += _mount(survey)
    if survey.images is not None and survey.seconds < MIN_SECONDS:
        found.append(
            Finding("short", WARN, f"short: {survey.seconds:.0f} s; a few minutes teach more")
        )
    if any(finding.code == "yaw_inverted" and finding.level == HINT for finding in found):
        # It is mended, so the images' doubt of it is none any more.
        found = [f for f in found if (f.code, f.level) != ("yaw_inverted", WARN)]
    return sorted(found, key=lambda finding: (STOP, WARN, HINT).index(finding.level))


def is_trainable(findings: list[Finding]) -> bool:
    """Whether nothing keeps the bag from being trained on."""
    return all(finding.level != STOP for finding in findings)


def headline(findings: list[Finding]) -> str:
    """The verdict in a few words."""
    if not is_trainable(findings):
        return "cannot be trained on"
    if any(finding.level == WARN for finding in findings):
        return "can be trained on, but it could be better"
    return "good for training"


def _topics(survey: Survey) -> list[Finding]:
    found = []
    image, motion = survey.image_choice, survey.motion_choice
    if image.topic is None:
        text = (
            "there is no image topic (sensor_msgs Image or CompressedImage, or compressed video); "
            "record the camera's"
        )
        found.append(Finding("no_images", STOP, text))
    if motion.topic is None:
        text = (
            "no source of motion: no odometry, /tf, poses, twists or Ackermann commands; "
            "record one of them"
        )
        found.append(Finding("no_motion", STOP, motion.problem if motion.candidates else text))
    if survey.motion_problem:
        code = NEEDS_WHEELBASE if "--wheelbase" in survey.motion_problem else "no_motion"
        found.append(Finding(code, STOP, survey.motion_problem))
    for choice, what, flag in (
        (image, "image", "--image-topic"),
        (motion, "motion", "--odom-topic"),
    ):
        if choice.ambiguous and choice.topic is not None:
            others = ", ".join(t.name for t in choice.candidates if t != choice.topic)
            text = (
                f"several {what} topics would do; {choice.topic.name} was looked at, {flag} "
                f"chooses among the others: {others}"
            )
            found.append(Finding(f"several_{what}_topics", HINT, text))
    return found


def _images(survey: Survey, images: Images) -> list[Finding]:
    found = []
    times, name = images.times, images.times.topic.name
    if not len(images.usable.order):
        why = f": {images.example}" if images.example else ""
        text = f"no image of {name} can be used{why}"
        return [Finding("images_undecodable", STOP, text)]
    if images.undecodable_share > LOST_SHARE:
        text = (
            f"{percent(images.undecodable_share)} of the images cannot be decoded: {images.example}"
        )
        found.append(Finding("images_undecodable", WARN, text))
    bad_stamps = sum(images.usable.dropped.values())
    if bad_stamps > LOST_SHARE * max(len(times), 1):
        reasons = ", ".join(f"{n} {why}" for why, n in images.usable.dropped.items())
        found.append(
            Finding(
                "image_stamps",
                WARN,
                f"stamps of images cannot be used ({reasons}); fix the driver's clock",
            )
        )
    if any("time of receipt" in warning for warning in images.usable.warnings):
        found.append(
            Finding(
                "no_header_stamps",
                WARN,
                "the images carry no stamps, the time of receipt is taken, which jitters; let the "
                "driver stamp them",
            )
        )
    rate, gap = times.rate_hz, times.longest_gap_s
    if rate is not None and rate < SLOW_FRAMES_HZ:
        found.append(
            Finding(
                "slow_frames",
                WARN,
                f"frames arrive at {rate:.1f} Hz, motions between frames are too large; record 10 "
                "Hz or more",
            )
        )
    if gap is not None and gap > PAUSE_S:
        found.append(
            Finding(
                "image_gap",
                HINT,
                f"the images pause for up to {gap:.1f} s; no pair of frames crosses that",
            )
        )
    if images.repeats is not None and images.repeats > REPEAT_SHARE * max(len(times), 1):
        share = percent(images.repeats / len(times))
        found.append(
            Finding(
                "repeated_images",
                WARN,
                f"{share} of the images repeat the previous image, byte for byte; record at the "
                "camera's own rate",
            )
        )
    if images.dark_share > DARK_SHARE:
        found.append(
            Finding(
                "dark",
                WARN,
                f"{percent(images.dark_share)} of the images are nearly black; more light or "
                "exposure, or a lens cap?",
            )
        )
    if images.bright_share > DARK_SHARE:
        found.append(
            Finding(
                "overexposed",
                WARN,
                f"{percent(images.bright_share)} of the images are nearly white; less exposure",
            )
        )
    found += [Finding("camera_info_unusable", WARN, doubt) for doubt in survey.calibration_doubts]
    if survey.field_of_view is None and not survey.calibration_doubts:
        found.append(
            Finding(
                "no_camera_info",
                HINT,
                "no camera_info, so the field of view is unknown; record the camera's topic of it",
            )
        )
    if survey.extrinsic is None and survey.motion is not None:
        found.append(
            Finding(
                "no_extrinsic",
                HINT,
                "the extrinsic is unknown: record /tf_static or give --extrinsic; a camera that "
                "looks ahead is assumed",
            )
        )
    return found


def _motion(survey: Survey, motion: Motion) -> list[Finding]:
    found = [
        Finding("motion_source", level, warning.partition(": ")[2])
        for warning in survey.warnings
        for part, level in SOURCE_DOUBTS.items()
        if part in warning
    ]
    track, topic = motion.track, motion.source.topic.name
    if motion.is_commanded:
        found.append(
            Finding(
                "commanded",
                WARN,
                f"the motion of {topic} is commanded, not measured: wrong wherever the robot "
                "slips or lags; record odometry",
            )
        )
    if len(track) > 1:
        rate = 1e9 / float(np.median(np.diff(track.stamps)))
        if rate < SLOW_ODOMETRY_HZ:
            found.append(
                Finding(
                    "slow_motion",
                    WARN,
                    f"{topic} comes at {rate:.1f} Hz; 20 Hz or more follow the turns",
                )
            )
    if len(track.jumps):
        found.append(
            Finding(
                "motion_jumps",
                WARN,
                f"{topic} jumps {len(track.jumps)} times; prefer a source that does not (odom "
                "rather than map)",
            )
        )
    driving = motion.driving
    if driving is not None and driving.still_share > STILL_SHARE and not is_sparse(survey):
        text = (
            f"the robot stands still {percent(driving.still_share)} of the time: use --min-move "
            "and --min-turn"
        )
        found.append(Finding("stands_still", WARN, text))
    turning = 0.0 if driving is None else driving.left_deg + driving.right_deg
    if driving is not None and turning > 90:
        side = "left" if driving.left_deg < driving.right_deg else "right"
        if min(driving.left_deg, driving.right_deg) < SIDE_SHARE * turning:
            found.append(
                Finding(
                    "one_sided",
                    WARN,
                    f"hardly any turn to the {side}: {driving.left_deg:.0f} deg left, "
                    f"{driving.right_deg:.0f} deg right; drive turns to both sides",
                )
            )
    return found


def _together(survey: Survey, together: SyncReport) -> list[Finding]:
    found = []
    images = survey.images
    candidates = 0 if images is None else len(images.usable.order)
    kept, pairs = len(together.kept.rows), len(together.motions)
    if candidates and not together.with_pose:
        code, text = why_no_pose(survey, together)
        return [Finding(code, STOP, text)]
    stamps = whole_seconds(survey)
    if stamps:
        found.append(Finding("whole_second_stamps", WARN, stamps))
    if kept < MIN_FRAMES:
        advice = "mend the stamps" if stamps else "record longer"
        text = f"only {kept} images can be used, {MIN_FRAMES} are the least; {advice}"
        return [*found, Finding("too_few_frames", STOP, text)]
    without = candidates - together.with_pose
    if without > NO_POSE_SHARE * candidates:
        text = (
            f"{percent(without / candidates)} of the images have no odometry around them: is the "
            "odometry's topic late, or does it pause?"
        )
        found.append(Finding("images_without_motion", WARN, text))
    if pairs < MIN_PAIRS:
        rate = 0.0 if images is None else images.times.rate_hz or 0.0
        slow = f"the images come at {rate:.1f} Hz, too slowly: record 10 Hz or more"
        advice = slow if 0 < rate < SLOW_FRAMES_HZ else "record longer"
        advice = "mend the stamps" if stamps else advice
        text = f"only {pairs} pairs of frames {GAP_S} s apart, {MIN_PAIRS} are the least; {advice}"
        return [*found, Finding("too_few_pairs", STOP, text)]
    if not moves(together.motions):
        text = (
            "the robot does not move: no motion over half a second spreads over more than 1 cm or "
            "0.6 deg; record a drive"
        )
        return [*found, Finding("does_not_move", STOP, text)]
    found += odometry_findings(together.estimate, together.offset_s, survey.options.motion)
    return found + _turns(together)


def _turns(together: SyncReport) -> list[Finding]:
    found = []
    turning = turning_share(together.motions)
    if turning < TURNING_SHARE:
        found.append(
            Finding(
                "too_few_turns",
                WARN,
                f"too few turns: only {percent(turning)} of pairs rotate more than {TURN_DEG:.0f} "
                "deg; record more turns to both sides",
            )
        )
    clock = together.clock
    left = disagreement_s(together)
    if left:
        found.append(
            Finding(
                "clocks_disagree",
                WARN,
                f"clocks disagree: the images turn {left:+.2f} s after the odometry says so; "
                "use --odom-offset auto",
            )
        )
    if not clock.is_known and turning >= TURNING_SHARE:
        found.append(
            Finding(
                "pictures_do_not_follow",
                WARN,
                "the images do not follow the turns of the odometry (correlation "
                f"{clock.correlation:.2f}): another camera or robot, clocks far apart, or dark "
                "pictures?",
            )
        )
    return found


def _mount(survey: Survey) -> list[Finding]:
    """What the images say of the camera's mount and field of view."""
    mount = survey.mount
    if mount is None:
        return []
    found = []
    if mount.doubt:
        code = "yaw_inverted" if mount.is_inverted else "mount_contradicted"
        found.append(Finding(code, WARN, mount.doubt))
    doubt = field_of_view_doubt(survey.camera, mount.test)
    if doubt:
        found.append(Finding("field_of_view_contradicted", WARN, doubt))
    return found


def disagreement_s(together: SyncReport) -> float:
    """Seconds by which the clocks still disagree; 0 where that is little or cannot be told."""
    left = together.clock.seconds - together.offset_s
    return left if together.clock.is_known and abs(left) >= NOTICEABLE_S else 0.0


def moves(motions: Array) -> bool:
    """Whether motions (P, 6) spread enough for training to distinguish them."""
    return bool(len(motions)) and bool(np.any(motions.std(axis=0) > STILL))


def turning_share(motions: Array) -> float:
    """Share of motions (P, 6) that rotate more than TURN_DEG."""
    turn = np.rad2deg(np.linalg.norm(motions[:, 3:], axis=1))
    return float(np.mean(turn > TURN_DEG)) if len(turn) else 0.0


def percent(share: float) -> str:
    """A share in words, with a decimal where it is small."""
    value = 100 * share
    return f"{value:.1f} %" if 0 < value < 1 else f"{value:.0f} %"
