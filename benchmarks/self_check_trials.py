"""Drives with faults, replayed through the node's own classes; what
`benchmarks/self_check.py` judges.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import cv2
import numpy as np

from slowfeat.bundle import load_bundle
from slowfeat.encoder import Embedding, Encoder
from slowfeat.files import write_whole
from slowfeat.geometry import Array, motion_matrix, quaternion_from_matrix, relative_motion
from slowfeat.images import Image
from slowfeat.live.motion_check import MotionCheck
from slowfeat.odometry import NS
from slowfeat.self_check import Comparison, SelfCheck, Verdict
from slowfeat_trainer.bags import bag_sha256
from slowfeat_trainer.data.pairs import Part, split_by_time, split_recordings
from slowfeat_trainer.ingest.bundle_reading import reading_for
from slowfeat_trainer.ingest.ingest_bag import read_recording

CLEAN_S, MOTION_S, EVERY_S = 9.0, 2.0, 5.0
# How long before a fault its replay begins, s.
LEAD_S = 0.8
# Slower than this the robot stands: no fault of its odometry can be seen.
STILL_M_S, STILL_RAD_S = 0.04, 0.04
# The stamps of late odometry are off by this, s; the remounted camera is turned by this, degrees.
LATE_S, REMOUNT_DEG = 0.5, 10.0
OF_ODOMETRY = ("slip x1.5", "slip x0.67", "frozen odometry", "late odometry")
OF_SIGHT = ("remounted camera", "dirty lens", "dark", "kidnapped")
FAULTS = (*OF_ODOMETRY, *OF_SIGHT)
# Also the kidnapped robot is noticed within 3 s.
WITHIN_S = dict.fromkeys(FAULTS, MOTION_S) | {"kidnapped": 3.0}
STATISTICS = ("ratio", "scale gain", "unseen change", "cut")


@dataclass(frozen=True)
class Drive:
    """A drive that the bundle's training did not see, embedded."""

    name: str
    encoder: Encoder
    part: Part
    embeddings: Embedding

    def seen_under(self, fault: str, rows: slice) -> Embedding:
        """What the same frames are embedded as under a fault of sight."""
        fov = self.encoder.info.horizontal_fov or math.pi / 2
        change = {
            "dirty lens": dirty,
            "dark": lambda frames: np.asarray(frames // 10, np.uint8),
            "remounted camera": lambda frames: turned(frames, fov),
        }[fault]
        return self.encoder.embed_batch(change(self.part.frames[np.arange(rows.start, rows.stop)]))


@dataclass
class Course:
    """What the self-check computes over a replay, each at its stamp; shapes (N,)."""

    stamps: list[int] = field(default_factory=list)
    # By name of STATISTICS.
    values: dict[str, list[float]] = field(default_factory=lambda: {n: [] for n in STATISTICS})

    def alarms(self, thresholds: dict[str, float]) -> list[tuple[int, bool]]:
        """Stamp and whether any statistic is above its threshold; a cut counts for 3 s."""
        flags, cut_ns = [], -math.inf
        for k, stamp in enumerate(self.stamps):
            if self.values["cut"][k] > thresholds["cut"]:
                cut_ns = stamp
            high = any(self.values[n][k] > thresholds[n] for n in STATISTICS[:3])
            flags.append((stamp, high or stamp - cut_ns < 3 * NS))
        return flags

    @property
    def minutes(self) -> float:
        """From the first comparison to the last."""
        return (self.stamps[-1] - self.stamps[0]) / NS / 60


@dataclass(frozen=True)
class Trial:
    """A course around a fault."""

    course: Course
    start_ns: int
    # When the robot has moved for WITHIN_S since.
    deadline_ns: int


@dataclass
class Measured:
    """Everything recorded of one drive."""

    name: str
    clean: Course
    trials: dict[str, list[Trial]]


class Recorder(SelfCheck):
    """A self-check that keeps what it computes."""

    def __init__(self) -> None:
        super().__init__()
        self.course = Course()
        # What came in: each comparison, and the greatest score of a cut since the one before.
        self.items: list[tuple[Comparison, float]] = []
        self._cut_score = 0.0

    def note_cut(self, stamp_ns: int, score: float) -> None:
        """Keep it until the next comparison."""
        self._cut_score = max(self._cut_score, score)
        super().note_cut(stamp_ns, score)

    def add(self, comparison: Comparison) -> Verdict:
        """Keep what comes of it."""
        verdict = super().add(comparison)
        known = verdict.ratio == verdict.ratio
        row = {
            "ratio": verdict.ratio if known else 0.0,
            "scale gain": self.last_gain if known else 0.0,
            "unseen change": self.unseen()[0],
            "cut": self._cut_score,
        }
        self.items.append((comparison, self._cut_score))
        self.course.stamps.append(comparison.stamp_ns)
        for name, value in row.items():
            self.course.values[name].append(value)
        self._cut_score = 0.0
        return verdict


def open_drive(name: str, run: Path, bag: Path, minutes: float) -> Drive:
    """The end of a bag that the bundle's training held out, or of one that it did not see; the
    longest piece without a break, of at most so many minutes.
    """
    bundle = load_bundle(run)
    encoder = Encoder(bundle, "cpu", 1)
    digest = bag_sha256(bag)
    reading = reading_for(bundle.info, digest, {})
    recording = read_recording(bag, reading.options, digest=digest)
    if reading.trained is not None:
        part = split_recordings([recording], reading.trained).test
    else:
        part = split_by_time([recording], 0.97, 0.5).test
    part = one_piece(part, minutes)
    rows = [np.arange(i, min(i + 64, len(part))) for i in range(0, len(part), 64)]
    embeddings = np.concatenate([encoder.embed_batch(part.frames[r]) for r in rows])
    return Drive(name, encoder, part, embeddings)


def one_piece(part: Part, minutes: float) -> Part:
    """The longest block of a part, cut to its first minutes."""
    blocks, counts = np.unique(part.block, return_counts=True)
    rows = np.flatnonzero(part.block == blocks[np.argmax(counts)])
    rows = rows[part.stamps[rows] - part.stamps[rows[0]] <= minutes * 60 * NS]
    return Part(part.frames[rows], part.stamps[rows], part.poses[rows], part.block[rows])


def dirty(frames: Image) -> Image:
    """Frames through a lens with grease all over it and mud on its left half."""
    found = np.stack([cv2.GaussianBlur(f, (0, 0), frames.shape[2] / 25) for f in frames])
    height, width = frames.shape[1:3]
    mud = np.zeros((height, width), np.float32)
    centre = (width // 3, height // 2)
    cv2.ellipse(mud, centre, (width // 4, height // 3), 0, 0, 360, 1.0, -1)
    mud = 0.9 * cv2.GaussianBlur(mud, (0, 0), width / 30)[..., None]
    return np.asarray(found * (1 - mud) + mud * np.array([70.0, 60.0, 45.0]), np.uint8)


def turned(frames: Image, fov: float) -> Image:
    """Frames of a camera that was turned to the side; what it sees new at the
    edge repeats the last column.
    """
    width = frames.shape[2]
    columns = np.arange(width) + round(math.radians(REMOUNT_DEG) / fov * width)
    return np.ascontiguousarray(frames[:, :, np.clip(columns, 0, width - 1)])


def replay(drive: Drive, rows: Sequence[int], poses: Array, seen: Embedding) -> Recorder:
    """A self-check that saw a live drive over some frames, with odometry that says `poses`.

    Args:
        drive: the drive.
        rows: its frames (K,), whose stamps count.
        poses: (K, 4, 4).
        seen: (K, D), what is seen at these stamps.
    """
    check = MotionCheck()
    recorder = check.self_check = check.judge.check = Recorder()
    quaternions = quaternion_from_matrix(poses[:, :3, :3])
    for k, row in enumerate(rows):
        stamp = int(drive.part.stamps[row])
        check.add_pose(stamp, "base_link", poses[k, :3, 3], quaternions[k])
        check.add_frame(drive.encoder, stamp, None, seen[k])
    return recorder


def go_on(before: list[tuple[Comparison, float]], after: list[tuple[Comparison, float]]) -> Course:
    """The course of a self-check that gets some comparisons after others;
    each with its score of a cut.
    """
    recorder = Recorder()
    for comparison, score in [*before, *after]:
        recorder.note_cut(comparison.stamp_ns, score)
        recorder.add(comparison)
    return recorder.course


def wrong_poses(drive: Drive, fault: str, at: int, end: int) -> Array:
    """Poses (end - at, 4, 4) as the odometry says them from a fault on."""
    poses, stamps = drive.part.poses, drive.part.stamps
    if fault == "frozen odometry":
        return np.broadcast_to(poses[at], (end - at, 4, 4))
    if fault == "late odometry":
        then = np.searchsorted(stamps, stamps[at:end] - round(LATE_S * NS))
        return np.asarray(poses[np.maximum(then, at - 1)])
    scale = {"slip x1.5": 1.5, "slip x0.67": 2 / 3}[fault]
    told = [poses[at]]
    for step in motion_matrix(scale * relative_motion(poses[at : end - 1], poses[at + 1 : end])):
        told.append(told[-1] @ step)
    return np.array(told)


def under_fault(drive: Drive, fault: str, first: int, at: int, end: int) -> tuple[Array, Embedding]:
    """Poses (K, 4, 4) that odometry says and embeddings (K, D) that are
    seen, with a fault from `at` on.
    """
    poses, clean = drive.part.poses, drive.embeddings
    if fault in OF_ODOMETRY:
        told = np.concatenate([poses[first:at], wrong_poses(drive, fault, at, end)])
        return told, clean[first:end]
    if fault != "kidnapped":
        seen = np.concatenate([clean[first:at], drive.seen_under(fault, slice(at, end))])
        return poses[first:end], seen
    # Lifted, put down elsewhere, and driving on there; its odometry knows nothing of it.
    there = (at + len(poses) // 2 + np.arange(end - at)) % len(poses)
    on = np.stack([poses[at] @ np.linalg.inv(poses[there[0]]) @ poses[row] for row in there])
    return np.concatenate([poses[first:at], on]), np.concatenate([clean[first:at], clean[there]])


def moving_time(drive: Drive) -> Array:
    """For each frame (N,) how long the robot has moved so far, s."""
    stamps, poses = drive.part.stamps, drive.part.poses
    dt = np.diff(stamps) / NS
    moved = relative_motion(poses[:-1], poses[1:])
    moving = (np.linalg.norm(moved[:, :3], axis=1) > STILL_M_S * dt) | (
        np.linalg.norm(moved[:, 3:], axis=1) > STILL_RAD_S * dt
    )
    return np.concatenate([[0.0], np.cumsum(dt * moving)])


def measure(drive: Drive, most: int) -> Measured:
    """The clean course of a drive, and at most so many trials of each fault, evenly over it."""
    stamps, motion_s = drive.part.stamps, moving_time(drive)
    trials: dict[str, list[Trial]] = {fault: [] for fault in FAULTS}
    clean = replay(drive, range(len(stamps)), drive.part.poses, drive.embeddings)
    length_s = (stamps[-1] - stamps[0]) / NS
    # A short drive begins with less of what is usual.
    clean_s = min(CLEAN_S, length_s / 3)
    every_s = max(EVERY_S, (length_s - 3.0 - clean_s) / most)
    for start_s in np.arange(clean_s, length_s - 3.0, every_s):
        start_ns = int(stamps[0] + start_s * NS)
        # What the frames of the last baseline are compared with was seen before the fault.
        first, at = np.searchsorted(stamps, [start_ns - LEAD_S * NS, start_ns])
        begin_ns = start_ns - clean_s * NS
        before = [item for item in clean.items if begin_ns <= item[0].stamp_ns <= start_ns]
        for fault in FAULTS:
            end = int(np.searchsorted(motion_s, motion_s[at] + WITHIN_S[fault]))
            if end >= len(stamps) or stamps[end] - start_ns > 2 * WITHIN_S[fault] * NS:
                continue  # the drive ends, or the robot stands for most of the time
            told, seen = under_fault(drive, fault, int(first), int(at), end + 1)
            found = replay(drive, range(first, end + 1), told, seen).items
            after = [item for item in found if item[0].stamp_ns > start_ns]
            trials[fault].append(Trial(go_on(before, after), start_ns, int(stamps[end])))
    return Measured(drive.name, clean.course, trials)


def kept_or_measured(file: Path, make: Callable[[], Measured]) -> Measured:
    """What a run before has measured and written, else what is measured and written now."""
    if not file.exists():
        text = json.dumps(asdict(make()))
        file.parent.mkdir(parents=True, exist_ok=True)
        write_whole(file, text)
    found = json.loads(file.read_text(encoding="utf-8"))
    trials = {
        fault: [Trial(Course(**t["course"]), t["start_ns"], t["deadline_ns"]) for t in items]
        for fault, items in found["trials"].items()
    }
    return Measured(found["name"], Course(**found["clean"]), trials)
