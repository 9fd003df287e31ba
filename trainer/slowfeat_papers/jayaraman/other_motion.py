"""J23: drives whose motion comes from something else than wheel odometry."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
from rosbags.highlevel import AnyReader
from rosbags.rosbag2 import StoragePlugin, Writer

from slowfeat.geometry import compose_motions, motion_matrix, relative_motion
from slowfeat_papers.jayaraman.drive_views import SIZE, DriveBench
from slowfeat_papers.material.drive_frames import TRAIN_MAPS, read_bags, simulated_bags
from slowfeat_papers.material.part import Bench
from slowfeat_trainer.data.recording import Recording
from slowfeat_trainer.simulation.bag_messages import TYPES, TYPESTORE

# Source of the motion -> how the table names it.
SOURCES = {
    "pose": "a pose topic",
    "tf": "transforms (tf)",
    "visual": "true poses with noise (scale 10 % off, drift)",
}
# Poses of two recordings that are nowhere further apart are the same.
SAME_M = 1e-6
# Of the poses that stand for a visual odometry's: each length is off by this factor in a drive, and
# each step from image to image by this much (standard deviation).
SCALE_OFF, NOISE_M, NOISE_RAD = 0.1, 0.01, 0.01
ODOMETRY = "nav_msgs/msg/Odometry"


def recorded_otherwise(bench: Bench, base: DriveBench, source: str) -> list[Recording]:
    """The simulated drives that are learned from, motion from one of
    SOURCES; the user's bags as they are.
    """
    folder = bench.common / "drives"
    others = base.drives.train[len(TRAIN_MAPS) :]
    if source == "visual":
        return [*(disturbed(r, n) for n, r in enumerate(base.simulated)), *others]
    bags = simulated_bags(folder, TRAIN_MAPS, bench.pick(60.0, 600.0))
    changed = [without_odometry(bag, folder / f"{bag.name}_{source}", source) for bag in bags]
    return [*read_bags(changed, folder / f"train_{source}_{bags[0].name}", SIZE), *others]


def furthest(recordings: list[Recording], others: list[Recording]) -> float:
    """The largest distance [m] of any entry of the poses of recordings to those of others, in the
    same order.

    `recordings` may go on after the others end. Infinite where they do not have the same frames.
    """
    off = 0.0
    for one, other in zip(recordings, others, strict=False):
        if not np.array_equal(one.stamps, other.stamps):
            return float("inf")
        off = max(off, float(np.abs(one.poses - other.poses).max()))
    return off


def disturbed(recording: Recording, seed: int) -> Recording:
    """A recording with the errors of a visual odometry in its poses:
    scale, and drift step by step.
    """
    rng = np.random.default_rng([seed, 23])
    steps = relative_motion(recording.poses[:-1], recording.poses[1:])
    steps[:, :3] *= np.exp(rng.normal(0, SCALE_OFF))
    noise = np.zeros_like(steps)
    # In the plane: along, aside, and turning.
    noise[:, :2] = rng.normal(0, NOISE_M, (len(steps), 2))
    noise[:, 5] = rng.normal(0, NOISE_RAD, len(steps))
    poses = [np.asarray(recording.poses[0])]
    for motion in compose_motions(steps, noise):
        poses.append(poses[-1] @ motion_matrix(motion))
    return dataclasses.replace(recording, poses=np.stack(poses))


def without_odometry(bag: Path, target: Path, source: str) -> Path:
    """A copy of a bag in which poses or transforms stand where odometry was."""
    if target.exists():
        return target
    partial = target.with_suffix(".partial")
    kind, topic = {
        "pose": ("geometry_msgs/msg/PoseStamped", "/pose"),
        "tf": ("tf2_msgs/msg/TFMessage", "/tf"),
    }[source]
    with (
        AnyReader([bag]) as reader,
        Writer(partial, version=8, storage_plugin=StoragePlugin.MCAP) as writer,
    ):
        poses = writer.add_connection(topic, kind, typestore=TYPESTORE)
        copies = {
            c.id: writer.add_connection(c.topic, c.msgtype, typestore=TYPESTORE)
            for c in reader.connections
            if c.msgtype != ODOMETRY
        }
        for connection, stamp, raw in reader.messages():
            if connection.msgtype == ODOMETRY:
                message = reader.deserialize(raw, connection.msgtype)
                found = _pose(message) if source == "pose" else _transform(message)
                writer.write(poses, stamp, TYPESTORE.serialize_cdr(found, kind))
            else:
                writer.write(copies[connection.id], stamp, raw)
    partial.rename(target)
    return target


def _pose(odometry: object) -> object:
    return TYPES["geometry_msgs/msg/PoseStamped"](
        header=odometry.header,  # type: ignore[attr-defined]
        pose=odometry.pose.pose,  # type: ignore[attr-defined]
    )


def _transform(odometry: object) -> object:
    pose = odometry.pose.pose  # type: ignore[attr-defined]
    at = pose.position
    moved = TYPES["geometry_msgs/msg/Transform"](
        translation=TYPES["geometry_msgs/msg/Vector3"](x=at.x, y=at.y, z=at.z),
        rotation=pose.orientation,
    )
    stamped = TYPES["geometry_msgs/msg/TransformStamped"](
        header=odometry.header,  # type: ignore[attr-defined]
        child_frame_id=odometry.child_frame_id,  # type: ignore[attr-defined]
        transform=moved,
    )
    return TYPES["tf2_msgs/msg/TFMessage"](transforms=[stamped])
