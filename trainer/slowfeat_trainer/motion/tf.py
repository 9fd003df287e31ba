"""The track of /tf: the chain of transforms from a fixed frame to the body."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from slowfeat.errors import BagError, UsageError
from slowfeat.geometry import Array, invert_pose, pose_matrix, quaternion_from_matrix
from slowfeat.odometry import interpolate_poses
from slowfeat_trainer import bags
from slowfeat_trainer.data.options import IngestOptions
from slowfeat_trainer.motion.poses import CheckedPoses, check_poses, track_of
from slowfeat_trainer.motion.tf_tree import Edge, Link, TransformTree, constant_pose
from slowfeat_trainer.motion.track import Track

WHAT = "tf"
FIXED_FRAME = "odom"
BODY_FRAMES = ("base_link", "base_footprint")


@dataclass(frozen=True)
class Chain:
    """The transforms from the fixed frame to the body."""

    fixed: str
    body: str
    links: list[Link]


def find_chain(tree: TransformTree, options: IngestOptions, where: str) -> Chain:
    """The chain from the fixed frame to the body.

    The fixed frame is odom unless the user names another one: map jumps when the robot is localised
    anew. The body is base_link, else base_footprint, else the only leaf below the fixed frame.

    Args:
        tree: the bag's transforms.
        options: fixed_frame and body_frame.
        where: the topic and bag, for messages.

    Raises:
        UsageError: a frame is not there, does not hang together with the other, or must be chosen.
    """
    has = f"it has the frames {', '.join(tree.frames) or 'none'}"
    wanted = options.fixed_frame or FIXED_FRAME
    fixed = tree.frame_named(wanted)
    if fixed is None:
        raise UsageError(
            f"{where} has no frame {wanted}; {has}; name the fixed one with --fixed-frame"
        )
    body = _body(tree, options, fixed, where, has)
    links = tree.chain(fixed, body)
    if not links:
        raise UsageError(
            f"{where} has no transforms from {fixed} to {body}; {has}; choose two of them with "
            "--fixed-frame and --body-frame"
        )
    return Chain(fixed, body, links)


def _body(tree: TransformTree, options: IngestOptions, fixed: str, where: str, has: str) -> str:
    if options.body_frame is not None:
        body = tree.frame_named(options.body_frame)
        if body is None:
            raise UsageError(f"{where} has no frame {options.body_frame}; {has}; see --body-frame")
        return body
    for name in BODY_FRAMES:
        body = tree.frame_named(name)
        if body is not None and body != fixed and tree.chain(fixed, body):
            return body
    leaves = tree.leaves_below(fixed)
    if len(leaves) != 1:
        raise UsageError(
            f"{where} has no base_link below {fixed} and {len(leaves)} frames that could be the "
            f"body; {has}; choose with --body-frame"
        )
    return leaves[0]


def read_tf(
    tree: TransformTree,
    topic: bags.Topic,
    options: IngestOptions,
    path: Path,
    dropped: Counter[str],
    warnings: list[str],
) -> Track:
    """The track of the body in a bag's transforms.

    The stamps are those of the moving edge with the most transforms; the other moving edges are
    interpolated there.

    Raises:
        UsageError: see `find_chain`.
        BagError: nothing between the two frames moves.
    """
    chain = find_chain(tree, options, f"{topic.name} in {path}")
    moving = [link.edge for link in chain.links if not link.edge.is_constant()]
    if not moving:
        # A robot that stands still, as long as anything says so more than once.
        moving = [link.edge for link in chain.links if not link.edge.latched]
        moving = sorted(moving, key=len)[-1:]
    if not moving:
        raise BagError(
            f"{path} has {chain.fixed} -> {chain.body} by static transforms only; "
            "choose another source with --odom-topic, or frames that move with --fixed-frame"
        )
    series = {id(edge): check_poses(edge.poses, WHAT, dropped, warnings) for edge in moving}
    stamps = max((series[id(edge)].stamps for edge in moving), key=len)
    T = np.broadcast_to(np.eye(4), (len(stamps), 4, 4))
    valid = np.ones(len(stamps), dtype=bool)
    for link in chain.links:
        if id(link.edge) in series:
            poses = series[id(link.edge)]
            T_link, told = interpolate_poses(
                poses.stamps, poses.positions, poses.quaternions, stamps, options.max_odom_gap_s
            )
            # At its own stamps an edge needs no neighbours.
            valid &= told | np.isin(stamps, poses.stamps)
        else:
            T_link = _constant(link.edge, path)
        T = T @ (T_link if link.forward else invert_pose(T_link))
    if not valid.all():
        dropped[f"{WHAT}: other transforms of the chain missing around it"] += int((~valid).sum())
    T = T[valid]
    poses = CheckedPoses(stamps[valid], T[:, :3, 3], quaternion_from_matrix(T[:, :3, :3]))
    return track_of(poses, topic, WHAT, chain.body, chain.fixed, dropped, warnings)


def _constant(edge: Edge, path: Path) -> Array:
    pose = constant_pose(edge)
    if pose is None:
        raise BagError(
            f"{path}: the static transform {edge.parent} -> {edge.child} is no pose; choose frames "
            "that do without it with --fixed-frame and --body-frame"
        )
    return pose_matrix(*pose)
