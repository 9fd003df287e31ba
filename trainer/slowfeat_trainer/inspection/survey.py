"""What is in a bag and what ingest would make of it, gathered with ingest's own functions."""

from __future__ import annotations

import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from slowfeat.errors import BagError, UsageError
from slowfeat.geometry import Array, relative_motion
from slowfeat.odometry import NS, Stamps
from slowfeat.odometry_model import correct
from slowfeat_trainer import bags
from slowfeat_trainer.data.clock_offset import UNKNOWN, ClockOffset
from slowfeat_trainer.data.motion_patterns import MotionPatterns, discover_patterns
from slowfeat_trainer.data.odometry_estimate import OdometryEstimate
from slowfeat_trainer.data.options import IngestOptions
from slowfeat_trainer.data.pairs import GAP_S, following
from slowfeat_trainer.data.recording import Camera
from slowfeat_trainer.ingest.engines import Engine, open_engine
from slowfeat_trainer.ingest.ingest_bag import (
    NO_POSE,
    UsableFrames,
    attach_poses,
    choose_offset,
    coarse_offset,
    compare_clocks,
    probe_frames,
)
from slowfeat_trainer.ingest.own_topics import of_own_robot, with_pictures
from slowfeat_trainer.ingest.sensor_bits import sensor_bits
from slowfeat_trainer.inspection.candidates import Choice, choose_image, choose_source
from slowfeat_trainer.inspection.drive_survey import Driving, drive_of
from slowfeat_trainer.inspection.image_survey import Images, ImageStats, look_at_images
from slowfeat_trainer.inspection.shifts import Shifts, shifts_of
from slowfeat_trainer.inspection.storage import Storage, read_storage
from slowfeat_trainer.inspection.topic_survey import TopicTimes, read_times
from slowfeat_trainer.motion.camera_info import read_calibration
from slowfeat_trainer.motion.camera_mount import (
    Mount,
    check_mount,
    claim_of,
    settle,
    upright,
    with_extrinsic,
)
from slowfeat_trainer.motion.choose import COMMANDED_KINDS, MotionSource, read_track
from slowfeat_trainer.motion.extrinsic import read_extrinsic
from slowfeat_trainer.motion.frozen import without_frozen
from slowfeat_trainer.motion.receipt_clock import receipt_offset
from slowfeat_trainer.motion.tf_tree import TF_TYPES, is_static_topic
from slowfeat_trainer.motion.track import Track
from slowfeat_trainer.motion.twist import WITH_COVARIANCE
from slowfeat_trainer.odometry_errors.look import estimate_odometry_error

if TYPE_CHECKING:
    from slowfeat_trainer.bags import BagReader

# Fewer pairs than this have no patterns worth reporting.
MIN_MOTIONS = 10

Index = npt.NDArray[np.int64]


@dataclass
class Motion:
    """What is known of the motion."""

    source: MotionSource
    track: Track
    # Whether it is what was commanded rather than measured.
    is_commanded: bool
    # None for a track without poses.
    driving: Driving | None


@dataclass
class SyncReport:
    """How images and motion lie beside each other."""

    clock: ClockOffset
    # What the images say of the odometry.
    estimate: OdometryEstimate
    # Seconds added to the stamps of the motion.
    # Seconds added to the stamps of the motion; and by which, judged by the times of receipt, its
    # clock is far off.
    offset_s: float
    apart_s: float
    # Messages of the image topic, and images whose stamp has a pose.
    images: int
    with_pose: int
    # Median and longest time from an image's stamp to the nearest pose, seconds.
    nearest_s: tuple[float, float]
    # Frames that ingest would keep, and the piece of the track (K,) that each belongs to.
    kept: UsableFrames
    episode: Index
    shifts: Shifts | None
    # (P,) indices into the kept frames, GAP_S apart, and the motions (P, 6) [m, rad] between them.
    before: Index
    after: Index
    motions: Array
    patterns: MotionPatterns | None


@dataclass
class Survey:
    """What `slowfeat inspect` reports of a bag."""

    path: Path
    options: IngestOptions
    storage: Storage
    start_ns: int
    seconds: float
    topics: list[TopicTimes]
    image_choice: Choice
    motion_choice: Choice
    images: Images | None = None
    # Horizontal, radians.
    field_of_view: float | None = None
    # What of camera_info cannot be used, in sentences.
    calibration_doubts: list[str] = field(default_factory=list)
    motion: Motion | None = None
    # Why the source of motion cannot be read, in a user's words.
    motion_problem: str = ""
    # Pose of the camera in the body [x y z m, qx qy qz qw], and where that stands.
    extrinsic: list[float] | None = None
    extrinsic_from: str = ""
    mount: Mount | None = None
    # As the bag describes it.
    camera: Camera = field(default_factory=Camera)
    together: SyncReport | None = None
    # Messages that ingest would leave out, by "kind: reason".
    dropped: Counter[str] = field(default_factory=Counter)
    warnings: list[str] = field(default_factory=list)
    damage: list[str] = field(default_factory=list)
    # Messages that can be read and are not used, in sentences.
    left_out: list[str] = field(default_factory=list)


def inspect_bag(path: Path, options: IngestOptions, everything: bool = False) -> Survey:
    """Look at a bag with the eyes of ingest.

    Stamps, poses, gaps and drops are those of all messages. Of images only the first few thousand
    and a few evenly spaced ones are decoded, unless `everything` is set.

    Raises:
        UsageError: the path does not exist, or a topic that the options name is not there.
        BagError: nothing of it can be read.
    """
    options.validate()
    with (
        tempfile.TemporaryDirectory() as folder,
        open_engine() as engine,
        bags.open_bag(path) as reader,
    ):
        topics = bags.topics_of(reader)
        image = choose_image(with_pictures(reader, topics, options), options, path)
        everything_else = topics
        if image.topic is not None:
            topics = of_own_robot(topics, image.topic.name, options)
        source, motion = choose_source(reader, topics, options, path)
        glance = None if image.topic is None else _glance(reader, image.topic, everything)
        looks = {image.topic: glance} if image.topic is not None and glance else {}
        times = read_times(reader, everything_else, looks)
        survey = Survey(
            path=path,
            options=options,
            storage=read_storage(path, reader.is2),
            start_ns=min((int(t.receive_ns.min()) for t in times if len(t)), default=0),
            seconds=_seconds(times),
            topics=times,
            image_choice=image,
            motion_choice=motion,
        )
        if source is not None:
            survey.motion = _look_at_motion(survey, reader, source)
        if image.topic is not None and glance is not None:
            own = next(t for t in times if t.topic == image.topic)
            images = look_at_images(reader, own, glance, options, engine, Path(folder))
            survey.images = images
            survey.dropped += images.dropped
            survey.warnings += images.usable.warnings
            calibration = read_calibration(
                reader, topics, image.topic.name, images.picture.frame, images.picture.size
            )
            survey.field_of_view = calibration.horizontal_fov
            survey.calibration_doubts = calibration.doubts
            if survey.motion is not None:
                body = survey.motion.track.frame
                _find_extrinsic(survey, reader, topics, body, images.picture.frame)
                survey.camera = Camera(
                    images.picture.frame,
                    images.picture.size,
                    images.picture.encoding,
                    survey.field_of_view,
                    survey.extrinsic,
                    calibration.lens,
                )
                survey.together = _lay_together(
                    survey, reader, engine, Path(folder), images, survey.motion.track
                )
        survey.damage, survey.left_out = list(reader.damage), list(reader.left_out)
    survey.dropped = +survey.dropped
    return survey


def _glance(reader: BagReader, topic: bags.Topic, everything: bool) -> ImageStats:
    return ImageStats(topic, reader.is2, everything, sensor_bits(reader, topic))


def _seconds(times: list[TopicTimes]) -> float:
    there = [t.receive_ns for t in times if len(t)]
    if not there:
        return 0.0
    return float(max(s.max() for s in there) - min(s.min() for s in there)) / NS


def _look_at_motion(survey: Survey, reader: BagReader, source: MotionSource) -> Motion | None:
    options = survey.options
    dropped: Counter[str] = Counter()
    warnings: list[str] = []
    try:
        track = read_track(reader, source, options, dropped, warnings)
    except (BagError, UsageError) as error:
        survey.motion_problem = str(error)
        return None
    survey.dropped += dropped
    survey.warnings += warnings
    return Motion(
        source,
        track,
        source.kind in COMMANDED_KINDS and source.topic.type != WITH_COVARIANCE,
        drive_of(track, options.max_odom_gap_s) if len(track) else None,
    )


def _find_extrinsic(
    survey: Survey, reader: BagReader, topics: list[bags.Topic], body: str, camera: str
) -> None:
    """Note where the camera sits, and which topic says so."""
    if survey.options.extrinsic is None:
        static = [t for t in topics if t.type in TF_TYPES and is_static_topic(t)]
        doubts: list[str] = []
        survey.extrinsic = read_extrinsic(reader, static, body, camera, survey.options, doubts)
        survey.warnings += doubts if survey.extrinsic is not None else []
        own = body.lstrip("/") == camera.lstrip("/")
        survey.extrinsic_from = (
            "the motion is the camera's own" if own else f"from {', '.join(t.name for t in static)}"
        )
    if survey.extrinsic is None:
        survey.extrinsic = read_extrinsic(
            reader, topics, body, camera, survey.options, survey.warnings
        )
        given = survey.options.extrinsic is not None
        survey.extrinsic_from = (
            "from --extrinsic" if given else "from /tf, where it does not change"
        )
    if survey.extrinsic is None:
        survey.extrinsic_from = ""


def _lay_together(
    survey: Survey, reader: BagReader, engine: Engine, folder: Path, images: Images, track: Track
) -> SyncReport:
    """What ingest would make of images and track."""
    topic, options = images.times.topic, survey.options
    probe, stamps = probe_frames(
        reader, topic, options, engine, folder, images.first.order, images.first.stamps
    )
    header = images.times.header_ns
    apart_s = 0.0 if header is None else receipt_offset(header, images.times.receive_ns, track)
    centre_s = coarse_offset(options, apart_s)
    track, frozen = without_frozen(track, probe, stamps, centre_s)
    survey.warnings += frozen
    near = track.shifted(centre_s)
    mount = _settle_mount(survey, probe, stamps, near)
    level = upright(probe, mount.roll_deg)
    clock = compare_clocks(level, stamps, near).after(centre_s) if len(track) else UNKNOWN
    found = OdometryEstimate(unknown="trusted")
    if not options.trust_odometry:
        seen_by = with_extrinsic(survey.camera, mount)
        found = estimate_odometry_error(probe, stamps, near, seen_by)
    offset_s = choose_offset(options, clock, found, survey.warnings, centre_s)
    at = images.usable.stamps
    if len(track):
        kept = attach_poses(images.usable.order, at, track, offset_s, options, survey.dropped)
        known = int(track.poses_at(at, options.max_odom_gap_s, offset_s)[1].sum())
    else:
        kept, known = UsableFrames(at[:0], at[:0], np.zeros((0, 4, 4))), 0
        survey.dropped[NO_POSE] += len(at)
    jumps = track.jumps + round(offset_s * NS)
    episode = np.searchsorted(jumps, kept.stamps, side="right").astype(np.int64)
    after = following(kept.stamps, GAP_S)
    before = np.flatnonzero(after >= 0)
    before = before[episode[before] == episode[after[before]]]
    after = after[before]
    gaps = (kept.stamps[after] - kept.stamps[before]) / NS
    motions = relative_motion(kept.poses[before], kept.poses[after])
    motions = correct(motions, gaps, found.to_apply(offset_s))
    return SyncReport(
        clock=clock,
        estimate=found,
        offset_s=offset_s,
        apart_s=apart_s,
        images=len(images.times),
        with_pose=known,
        nearest_s=_nearest(track.stamps + round(offset_s * NS), at),
        kept=kept,
        episode=episode,
        shifts=shifts_of(level, stamps, track, offset_s, clock.seconds) if len(track) > 1 else None,
        before=before,
        after=after,
        motions=motions,
        patterns=_patterns(motions),
    )


def _settle_mount(
    survey: Survey, probe: npt.NDArray[np.uint8], stamps: Stamps, track: Track
) -> Mount:
    """Note the mount that training would go on with."""
    given = survey.options.extrinsic is not None
    claim = claim_of(survey.camera.frame, survey.extrinsic, given)
    test = check_mount(probe, stamps, track, survey.camera, claim)
    mount = settle(survey.camera, claim, survey.extrinsic, test)
    if survey.extrinsic is None and mount.extrinsic is not None:
        survey.extrinsic_from = "from the images"
    survey.mount, survey.extrinsic = mount, mount.extrinsic
    return mount


def _nearest(poses: Stamps, images: Stamps) -> tuple[float, float]:
    """Median and longest time in s from each image to the nearest pose."""
    if len(poses) < 2 or not len(images):
        return 0.0, 0.0
    after = np.clip(np.searchsorted(poses, images), 1, len(poses) - 1)
    off = np.minimum(np.abs(poses[after] - images), np.abs(images - poses[after - 1])) / NS
    return float(np.median(off)), float(off.max())


def _patterns(motions: Array) -> MotionPatterns | None:
    """The motion patterns that training would find; None where there is too little motion."""
    if len(motions) < MIN_MOTIONS:
        return None
    try:
        return discover_patterns(motions)
    except BagError:
        return None
