"""Where the camera sits on the body."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from slowfeat.errors import UsageError
from slowfeat.geometry import (
    Array,
    body_pose,
    invert_pose,
    pose_matrix,
    quaternion_from_matrix,
)
from slowfeat_trainer import bags
from slowfeat_trainer.data.options import IngestOptions
from slowfeat_trainer.motion.tf_tree import (
    TF_TYPES,
    Edge,
    constant_pose,
    is_static_topic,
    read_tree,
)

if TYPE_CHECKING:
    from rosbags.highlevel import AnyReader

# What did not change in as many messages of /tf is taken as static.
MOST_TF_MESSAGES = 20_000
# Poses nearer than this are one, m and parts of a quaternion.
SAME_POSE = 1e-3


def read_extrinsic(
    reader: AnyReader,
    topics: Sequence[bags.Topic],
    body: str,
    camera: str,
    options: IngestOptions,
    warnings: list[str],
) -> list[float] | None:
    """Pose of the camera's frame in the body, REP-103 axes, [x y z m, qx qy qz qw].

    What the user says, else what the static transforms say: those of /tf_static, or those on /tf
    that do not change (ROS 1). None with a warning where nothing says it.

    Args:
        reader: an open bag.
        topics: all topics of the bag.
        body: the frame of the track.
        camera: the frame of the images.
        options: extrinsic.
        warnings: gains a line where nothing says it.

    Raises:
        UsageError: what the user says is no pose.
    """
    if options.extrinsic is not None:
        return checked_extrinsic(options.extrinsic)
    body, camera = body.lstrip("/"), camera.lstrip("/")
    transforms = [topic for topic in topics if topic.type in TF_TYPES]
    unreadable: Counter[str] = Counter()
    edges: list[Edge] = []
    # /tf is long, and in ROS 2 there is nothing static on it: only where /tf_static does not say.
    for static in (True, False):
        part = [topic for topic in transforms if is_static_topic(topic) is static]
        tree = read_tree(reader, part, unreadable, most=MOST_TF_MESSAGES)
        edges += [edge for edge in tree.edges if edge.is_constant()]
        T = _pose_in_body(edges, body, camera)
        if T is not None:
            warnings += contradictions(edges, body, camera)
            return [*T[:3, 3].tolist(), *quaternion_from_matrix(T[:3, :3]).tolist()]
    warnings.append(
        f"no static transform says where the camera {camera or '(frame without name)'} sits on "
        f"{body}; taken as a camera at the body's origin that looks ahead, --extrinsic says it "
        "better"
    )
    return None


def contradictions(edges: Sequence[Edge], body: str, camera: str) -> list[str]:
    """Sentences on static transforms, between the body or the camera and what they hang on, that
    say two things at once: two places in one parent, or two parents.
    """
    parents: dict[str, list[Edge]] = {}
    for edge in edges:
        parents.setdefault(edge.child, []).append(edge)
    found: list[str] = []
    seen: set[str] = set()
    waiting = [body, camera]
    while waiting:
        frame = waiting.pop(0)
        if frame in seen:
            continue
        seen.add(frame)
        above = parents.get(frame, [])
        if len(above) > 1:
            names = ", ".join(edge.parent for edge in above)
            found.append(
                f"transforms contradict each other: {frame} hangs on {names}; the last is used, "
                "stop the publishers of the others or give --extrinsic"
            )
        for edge in above:
            if np.abs(edge.values - edge.values[-1:]).max() > SAME_POSE:
                found.append(
                    f"transforms contradict each other: {frame} has several places in "
                    f"{edge.parent}; the last is used, stop the other publisher or give "
                    "--extrinsic"
                )
            waiting.append(edge.parent)
    return found


def checked_extrinsic(numbers: Sequence[float]) -> list[float]:
    """[x y z m, qx qy qz qw] with the quaternion of length one.

    Raises:
        UsageError: these are not seven finite numbers with a quaternion of length about one.
    """
    values = np.asarray(numbers, dtype=np.float64)
    if values.shape != (7,) or not np.isfinite(values).all():
        raise UsageError(
            f"--extrinsic needs seven finite numbers x y z qx qy qz qw, not {_spelled(numbers)}"
        )
    length = float(np.linalg.norm(values[3:]))
    if abs(length - 1.0) > 0.1:
        raise UsageError(
            f"--extrinsic has a quaternion of length {length:g}; qx qy qz qw must have length one, "
            f"in {_spelled(numbers)}"
        )
    return [*values[:3].tolist(), *(values[3:] / length).tolist()]


def _spelled(numbers: Sequence[float]) -> str:
    return " ".join(f"{number:g}" for number in numbers) or "nothing"


def _pose_in_body(edges: Sequence[Edge], body: str, camera: str) -> Array | None:
    """Pose (4, 4) of the camera in the body's axes, over their nearest common ancestor."""
    parents: dict[str, tuple[str, Array]] = {}
    for edge in edges:
        pose = constant_pose(edge)
        if pose is not None:
            parents[edge.child] = (edge.parent, pose_matrix(*pose))
    T_body, T_camera = _ancestors(parents, body), _ancestors(parents, camera)
    for root in T_camera:
        if root in T_body:
            # The body's axes are those of REP-103 even where the track's frame is optical.
            return np.asarray(invert_pose(body_pose(T_body[root], body)) @ T_camera[root])
    return None


def _ancestors(parents: dict[str, tuple[str, Array]], frame: str) -> dict[str, Array]:
    """Pose of `frame` in itself and in each of its ancestors, the nearest first."""
    poses = {frame: np.eye(4)}
    T = np.eye(4)
    while frame in parents:
        frame, T_parent_frame = parents[frame]
        if frame in poses:
            break  # a loop is no tree
        T = T_parent_frame @ T
        poses[frame] = T
    return poses
