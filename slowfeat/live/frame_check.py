"""Whether what comes in is of the frames that the bundle was trained with, and how to turn it where
it is not.

Knows no ROS: where frames are in one another is asked of a function (tf2, or a test).
"""

from __future__ import annotations

from collections.abc import Callable

from slowfeat.bundle_info import Frames
from slowfeat.geometry import Array, body_pose, invert_pose, pose_matrix
from slowfeat.live.frames import (
    JUMPING,
    ChildToBody,
    FrameWatch,
    bare,
    compare_mounts,
    mount_warning,
    prefixed,
    same_frame,
)
from slowfeat.live.input_health import InputHealth

Lookup = Callable[[str, str], "Array | None"]


class FrameCheck:
    """One activation's frames.

    Args:
        lookup: pose (4, 4) of a frame in another (target, source); None where nobody knows it
            (yet).
        health: takes what is wrong.
        warn: says a sentence, once for each new frame.
    """

    def __init__(self, lookup: Lookup, health: InputHealth, warn: Callable[[str], None]) -> None:
        self._lookup, self._health, self._warn = lookup, health, warn
        self._child_to_body = ChildToBody(lookup)
        self._said: set[str] = set()
        self._watch = FrameWatch(self._say_image)
        self._image_frame = ""
        self._child = ""

    def odometry(self, fixed: str, child: str, frames: Frames) -> Array | None:
        """T_child_body (4, 4) for the next pose; None: its name decides (`body_pose`).

        Args:
            fixed: header.frame_id.
            child: child_frame_id.
            frames: of the bundle.
        """
        self._child = child
        self._check_fixed(fixed)
        if not child or same_frame(child, frames.body):
            self._health.foreign("child", "")
            return None
        found = self._child_to_body.find(child, frames.body)
        if found is None and frames.extrinsic is not None and same_frame(child, frames.camera):
            # A VIO whose child is the camera: the bundle knows where that is.
            found = invert_pose(pose_matrix(frames.extrinsic[:3], frames.extrinsic[3:]))
        if found is not None:
            self._health.foreign("child", "")
            self._once(
                f"odometry is of frame {child!r}; it is turned to {frames.body!r} by its mount"
            )
            return body_pose(found, frames.body)
        reason = (
            f"odometry is of frame {child!r}, the bundle's motions are of {frames.body!r}, and "
            "the transform between them is unknown: ~/equivariance_error and predictions mean "
            "little unless the two move alike"
        )
        self._health.foreign("child", reason)
        self._once(reason)
        return None

    def _check_fixed(self, fixed: str) -> None:
        reason = ""
        if bare(fixed) in JUMPING:
            reason = (
                f"odometry is given in {fixed!r}, which jumps when the robot is localised: give "
                "odometry in odom"
            )
            self._once(reason)
        self._health.foreign("fixed", reason)

    def image(self, frame: str, frames: Frames) -> None:
        """The frame of an image's header."""
        if frame != self._image_frame:
            self._image_frame = frame
            self._watch.look_at("images", frame, frames.camera)

    def _say_image(self, kind: str, name: str, wanted: str) -> None:
        self._warn(
            f"{kind} are of frame {name!r}, the bundle was trained on {wanted!r}: predictions are "
            "of that camera's place on the body"
        )

    def mount(self, frames: Frames) -> None:
        """Compare the camera's place with that in training; to be called now and then."""
        camera = self._image_frame
        if frames.extrinsic is None or not camera or not same_frame(camera, frames.camera):
            return
        body = prefixed(frames.body, self._child or camera)
        now = self._lookup(body, camera)
        if now is None:
            return
        mount = compare_mounts(now, frames.extrinsic)
        reason = mount_warning(mount, camera) if mount.changed else ""
        self._health.foreign("mount", reason)
        if reason:
            self._once(reason)

    def _once(self, text: str) -> None:
        if text not in self._said:
            self._said.add(text)
            self._warn(text)
