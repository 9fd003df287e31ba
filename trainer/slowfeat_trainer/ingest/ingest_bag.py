"""One bag: its images decoded on all cores, its poses laid beside
them, what cannot be used dropped.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np
import numpy.typing as npt

from slowfeat.errors import BagError
from slowfeat.geometry import Array, body_pose, relative_motion
from slowfeat.images import resize_for_encoder
from slowfeat.odometry import NS, Stamps
from slowfeat_trainer import bags
from slowfeat_trainer.data.clock_offset import (
    MAX_LAG_S,
    MAX_STEPS,
    NOTICEABLE_S,
    UNKNOWN,
    ClockOffset,
    estimate_offset,
    turned_until,
)
from slowfeat_trainer.data.odometry_estimate import OdometryEstimate
from slowfeat_trainer.data.options import IngestOptions
from slowfeat_trainer.data.recording import Recording
from slowfeat_trainer.data.shrink import Shrink
from slowfeat_trainer.geometry.geometry_of_camera import crop_camera
from slowfeat_trainer.ingest.engines import Engine, open_engine
from slowfeat_trainer.ingest.frames_file import FramesFile, rows_of
from slowfeat_trainer.ingest.own_topics import of_own_robot, with_pictures
from slowfeat_trainer.ingest.read_camera import CAMERA_TYPES, camera_of
from slowfeat_trainer.ingest.read_images import ImageRows, read_images
from slowfeat_trainer.ingest.set_aside import SetAside
from slowfeat_trainer.motion.camera_mount import (
    check_mount,
    field_of_view_doubt,
    settle,
    upright,
    with_extrinsic,
)
from slowfeat_trainer.motion.choose import find_source, read_track
from slowfeat_trainer.motion.frozen import without_frozen
from slowfeat_trainer.motion.receipt_clock import receipt_offset
from slowfeat_trainer.motion.stamps import usable_stamps
from slowfeat_trainer.motion.track import Track
from slowfeat_trainer.odometry_errors.apply import apply_model, choose_motion
from slowfeat_trainer.odometry_errors.look import estimate_odometry_error

if TYPE_CHECKING:
    from rosbags.highlevel import AnyReader

# Fewer frames with a pose than this teach nothing.
MIN_FRAMES = 16
FRAMES = "frames.npy"
# The clocks are compared on frames of at most this size, and of at least this rate.
PROBE_SIZE, PROBE_RATE_HZ = (64, 64), 8.0
NO_POSE = "image: no odometry around it"
# Kinds of source whose messages are put aside in the images' pass.
ONE_PASS = ("odometry", "pose", "pose with covariance")
STILL = "image: moved less than --min-move and turned less than --min-turn"

Progress = Callable[[int, int], None]
Index = npt.NDArray[np.int64]


@dataclass(frozen=True)
class UsableFrames:
    """The rows of the frames file that are used."""

    # (K,) rows in the order of their stamps; their stamps in ns, and poses (K, 4, 4) of the body.
    rows: Index
    stamps: Stamps
    poses: Array


def read_recording(
    path: Path, options: IngestOptions, progress: Progress | None = None, digest: str | None = None
) -> Recording:
    """A bag's frames and poses in memory, for a bag that is looked at once.

    Raises:
        UsageError: the path does not exist, or a topic must be chosen.
        BagError: the bag is damaged, has no images or no odometry, or too little of it can be used.
    """
    with tempfile.TemporaryDirectory() as folder, open_engine() as engine:
        recording = ingest_bag(path, options, Path(folder), engine, progress)
        return replace(
            recording, frames=np.array(recording.frames), sha256=digest or bags.bag_sha256(path)
        )


def ingest_bag(
    path: Path,
    options: IngestOptions,
    folder: Path,
    engine: Engine,
    progress: Progress | None = None,
) -> Recording:
    """Read a bag; its frames come to stand in `folder`/frames.npy.

    The images are read once and decoded by the engine; memory grows by stamps and poses only.

    Args:
        path: a bag of any kind.
        options: topics, sizes and limits.
        folder: an empty folder.
        engine: who decodes.
        progress: called with (images done, images in all).

    Returns:
        The recording; its bag's hash is left to the caller, who can find it meanwhile.

    Raises:
        UsageError: the path does not exist, or a topic must be chosen.
        BagError: the bag is damaged, has no images or no odometry, or too little of it can be used.
    """
    shrink = Shrink(options.image_size, options.crop, options.decoding)
    dropped: Counter[str] = Counter()
    warnings: list[str] = []
    with bags.open_bag(path) as reader:
        topics = with_pictures(reader, bags.topics_of(reader), options)
        image = bags.choose_topic(
            topics, CAMERA_TYPES, options.image_topic, "image", "--image-topic", path
        )
        topics = of_own_robot(topics, image.name, options)
        source = find_source(reader, topics, options, path)
        # What needs no flags is read with the images; the rest before, so that a missing flag is
        # reported before the images are decoded.
        aside = SetAside(reader, source.topic, folder) if source.kind in ONE_PASS else None
        track = None if aside else read_track(reader, source, options, dropped, warnings)
        rows = read_images(
            reader,
            image,
            shrink,
            engine,
            folder / "all.npy",
            rate_hz=options.rate_hz,
            progress=progress,
            aside=aside,
        )
        if track is None:
            assert aside is not None  # noqa: S101 - for the type checker
            with closing(aside):
                track = read_track(cast("AnyReader", aside), source, options, dropped, warnings)
        claimed = camera_of(reader, topics, image, rows.picture, track.frame, options, warnings)
        dropped += rows.dropped
        usable = usable_stamps(rows.header_ns, rows.receive_ns, "image")
        dropped += usable.dropped
        warnings += usable.warnings
        probe, probe_stamps = probe_frames(
            reader, image, options, engine, folder, usable.order, usable.stamps
        )
        seen = crop_camera(claimed.camera, probe_shrink(options))
        centre_s = coarse_offset(options, receipt_offset(rows.header_ns, rows.receive_ns, track))
        track, frozen = without_frozen(track, probe, probe_stamps, centre_s)
        warnings += frozen
        near = track.shifted(centre_s)
        test = check_mount(probe, probe_stamps, near, seen, claimed.claim)
        mount = settle(seen, claimed.claim, claimed.pose, test)
        camera = with_extrinsic(claimed.camera, mount)
        doubts = [mount.doubt, field_of_view_doubt(seen, test)]
        clock = compare_clocks(upright(probe, mount.roll_deg), probe_stamps, near).after(centre_s)
        found = OdometryEstimate(unknown="trusted")
        if not options.trust_odometry:
            seen = crop_camera(camera, probe_shrink(options))
            found = estimate_odometry_error(probe, probe_stamps, near, seen)
        warnings += [*reader.damage, *reader.left_out]
    offset_s = choose_offset(options, clock, found, warnings, centre_s)
    model = found.to_apply(offset_s)
    if mount.is_inverted and model.yaw_scale < 0:
        doubts.remove(mount.doubt)  # it is mended
    warnings += [doubt for doubt in doubts if doubt]
    motion = choose_motion(options.motion, found, model)
    if motion != "odometry":
        model = found.to_apply(offset_s, as_seen=True)
    kept = attach_poses(usable.order, usable.stamps, track, offset_s, options, dropped)
    if len(kept.rows) < MIN_FRAMES:
        raise BagError(_too_few(path, image, len(kept.rows), rows, dropped))
    frames_sha256 = _put_in_order(folder / "all.npy", folder / FRAMES, kept.rows, rows.sha256)
    frames = np.load(folder / FRAMES, mmap_mode="r", allow_pickle=False)
    episode = np.searchsorted(track.jumps + round(offset_s * NS), kept.stamps, side="right").astype(
        np.int32
    )
    shown = (frames, crop_camera(camera, shrink), found.seen_noise_rad_sqrt_s)
    applied = apply_model(kept.poses, kept.stamps, episode, model, motion, shown)
    return Recording(
        path=path,
        sha256="",
        frames_sha256=frames_sha256,
        frames=frames,
        stamps=kept.stamps,
        poses=applied.poses,
        episode=episode,
        camera=camera,
        body_frame=track.frame,
        image_topic=image.name,
        odom_topic=track.topic,
        motion_kind=track.kind,
        fixed_frame=track.fixed_frame,
        clock=clock,
        odom_offset_s=offset_s,
        estimate=found,
        odometry=model,
        motion=applied.motion,
        motion_noise_rad_sqrt_s=applied.noise_rad_sqrt_s,
        dropped=+dropped,
        warnings=warnings,
    )


def probe_frames(
    reader: AnyReader,
    image: bags.Topic,
    options: IngestOptions,
    engine: Engine,
    folder: Path,
    order: Index,
    stamps: Stamps,
) -> tuple[npt.NDArray[np.uint8], Stamps]:
    """The first few thousand frames (N, H, W, 3), small, on which clocks are compared; stamps (N,)
    ns.

    They may be mapped from the file in `folder`, for reading.

    Args:
        reader: the open bag.
        image: the image topic.
        options: rate_hz.
        engine: who decodes.
        folder: where the frames stand in all.npy.
        order: (K,) the usable rows of that file.
        stamps: (K,) their stamps, ns.
    """
    file = folder / "all.npy"
    if options.rate_hz is not None and options.rate_hz < PROBE_RATE_HZ:
        # From one frame to the next too much changes: look at all frames of the bag's beginning.
        file = folder / "probe.npy"
        shrink = Shrink(PROBE_SIZE, options.crop, options.decoding)
        rows = read_images(reader, image, shrink, engine, file, most=MAX_STEPS)
        usable = usable_stamps(rows.header_ns, rows.receive_ns, "image")
        order, stamps = usable.order, usable.stamps
    order, stamps = order[: MAX_STEPS + 1], stamps[: MAX_STEPS + 1]
    frames: npt.NDArray[np.uint8] = np.load(file, mmap_mode="r", allow_pickle=False)
    if frames.shape[1] <= PROBE_SIZE[0] and frames.shape[2] <= PROBE_SIZE[1]:
        # Looked at where they lie: copying them takes longer than comparing them.
        frames = frames[_slice_of(order)]
    else:
        small = [resize_for_encoder(f, PROBE_SIZE) for block in rows_of(file, order) for f in block]
        frames = np.array(small, dtype=np.uint8).reshape(-1, *PROBE_SIZE, 3)
    (folder / "probe.npy").unlink(missing_ok=True)
    return frames, stamps


def probe_shrink(options: IngestOptions) -> Shrink:
    """How the images of `probe_frames` were cut."""
    if options.rate_hz is not None and options.rate_hz < PROBE_RATE_HZ:
        return Shrink(PROBE_SIZE)
    return Shrink(options.image_size, options.crop)


def _slice_of(index: Index) -> slice | Index:
    """The slice that gives the same rows without a copy, where there is one."""
    if len(index) and np.array_equal(index, np.arange(index[0], index[0] + len(index))):
        return slice(int(index[0]), int(index[-1]) + 1)
    return index


def compare_clocks(frames: npt.NDArray[np.uint8], stamps: Stamps, track: Track) -> ClockOffset:
    """What frames (N, H, W, 3) of stamps (N,) say of the clocks of camera and track."""
    if len(stamps) < 2 or len(track) < 2:
        return UNKNOWN
    turned = turned_until(track.positions, track.quaternions, track.frame)
    return estimate_offset(frames, stamps, track.stamps, turned)


def coarse_offset(options: IngestOptions, apart_s: float) -> float:
    """Seconds around which the images are asked for the offset: what is given,
    or where clocks are far apart.
    """
    if options.odom_offset_auto:
        return apart_s
    given_s = options.odom_offset_s or 0.0
    return given_s if abs(given_s) > MAX_LAG_S else 0.0


def choose_offset(
    options: IngestOptions,
    clock: ClockOffset,
    found: OdometryEstimate,
    warnings: list[str],
    centre_s: float = 0.0,
) -> float:
    """Seconds to add to the odometry's stamps, `centre_s` where images do not show it;
    says where they may be wrong.
    """
    seconds = found.model.delay_s + centre_s if found.is_known else clock.seconds
    is_known = clock.is_known or found.is_known
    if options.odom_offset_auto:
        offset_s = round(seconds, 3) if is_known else centre_s
        if not is_known:
            warnings.append(
                "too few turns to see whether the clocks disagree; no offset was applied"
            )
    elif options.odom_offset_s is not None:
        offset_s = options.odom_offset_s
    elif options.trust_odometry:
        offset_s = 0.0
    else:
        offset_s = found.to_apply().delay_s
    if is_known and abs(seconds - offset_s) >= NOTICEABLE_S:
        warnings.append(
            f"the images turn {seconds:+.2f} s after the odometry says so (correlation "
            f"{clock.correlation:.2f}), corrected were {offset_s:+.2f} s; --odom-offset auto "
            "corrects it"
        )
    return offset_s


def attach_poses(
    order: Index,
    stamps: Stamps,
    track: Track,
    offset_s: float,
    options: IngestOptions,
    dropped: Counter[str],
) -> UsableFrames:
    """Poses at the stamps of the images; images without one, or without new motion, are dropped."""
    poses, valid = track.poses_at(stamps, options.max_odom_gap_s, offset_s)
    dropped[NO_POSE] += int((~valid).sum())
    order, stamps, poses = order[valid], stamps[valid], body_pose(poses[valid], track.frame)
    if options.min_move_m > 0 or options.min_turn_rad > 0:
        moved = select_keyframes(poses, options.min_move_m, options.min_turn_rad)
        dropped[STILL] += len(order) - len(moved)
        order, stamps, poses = order[moved], stamps[moved], poses[moved]
    return UsableFrames(order, stamps, poses)


def select_keyframes(poses: Array, min_move_m: float, min_turn_rad: float) -> Index:
    """Indices of poses (N, 4, 4), each of which moved or turned far
    enough since the one before it.
    """
    kept: list[int] = []
    start = 0
    while start < len(poses):
        kept.append(start)
        # Ahead in growing steps: most often the next one is near.
        step = 64
        while True:
            ahead = poses[start + 1 : start + 1 + step]
            motion = relative_motion(poses[start], ahead)
            far = np.zeros(len(ahead), dtype=bool)
            if min_move_m > 0:
                far |= np.linalg.norm(motion[:, :3], axis=1) >= min_move_m
            if min_turn_rad > 0:
                far |= np.linalg.norm(motion[:, 3:], axis=1) >= min_turn_rad
            if far.any() or start + 1 + step >= len(poses):
                break
            step *= 4
        if not far.any():
            break
        start += 1 + int(np.argmax(far))
    return np.array(kept, dtype=np.int64)


def _put_in_order(source: Path, target: Path, rows: Index, digest: str) -> str:
    """The used rows of a frames file become one of their own; where all are used it is the same
    file.

    Takes the hash of the first, returns that of the second.
    """
    shape = np.load(source, mmap_mode="r", allow_pickle=False).shape
    if np.array_equal(rows, np.arange(shape[0])):
        source.rename(target)
        return digest
    with FramesFile(target, shape[1:3]) as file:
        for block in rows_of(source, rows):
            file.append(block)
        digest = file.close()
    source.unlink()
    return digest


def _too_few(
    path: Path, image: bags.Topic, frames: int, rows: ImageRows, dropped: Counter[str]
) -> str:
    reasons = [f"{count} {reason}" for reason, count in dropped.items() if count]
    if rows.example:
        reasons.append(f"for example {rows.example}")
    return (
        f"{path}: only {frames} of {image.count} frames of {image.name} can be used "
        f"({', '.join(reasons) or 'the bag is too short'}); slowfeat inspect shows how images and "
        "odometry line up"
    )
