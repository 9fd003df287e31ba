"""How a bag's camera is mounted: what names and transforms say, tested on the bag's own images."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from slowfeat.errors import SlowfeatError
from slowfeat.frame_names import optical_rotation
from slowfeat.geometry import (
    R_BODY_OPTICAL,
    Array,
    body_pose,
    matrix_from_quaternion,
    quaternion_from_matrix,
    relative_motion,
)
from slowfeat.mount import Claim, Hypothesis, MountTest, try_mounts
from slowfeat.odometry import NS, Stamps
from slowfeat.visual_rotation import measured_rotations
from slowfeat_trainer.data.recording import Camera
from slowfeat_trainer.geometry.geometry_of_camera import initial_lens
from slowfeat_trainer.motion.track import Track

# Images are compared over about this time, at most so many pairs, of those with the largest turns.
PAIR_S, MOST_PAIRS = 0.08, 400
# Over a longer time too much changes between two images, s.
MOST_PAIR_S = 0.4
# Pairs before and after one whose turns count for its choice, as the clocks may disagree.
NEAR_PAIRS = 5
# Poses further apart than this are not interpolated for the comparison, s.
MAX_GAP_S = 0.5
# Focal lengths further from those of camera_info than this factor are another camera's.
ZOOM = 1.35


@dataclass(frozen=True)
class Mount:
    """Where a camera sits, and how sure that is."""

    # Pose of the optical axes in the body [x y z m, qx qy qz qw]; None: at its origin, looking
    # ahead.
    extrinsic: list[float] | None
    # What the images say; None where they were not asked.
    test: MountTest | None = None
    # Why the mount is another than what was claimed, or may be wrong; empty where all agrees.
    doubt: str = ""
    # Whether the images turn against the motion.
    is_inverted: bool = False

    @property
    def roll_deg(self) -> float:
        """Turn of the image about its own axis, clockwise as the camera turns; 0
        where its vertical is the body's.
        """
        R = R_BODY_OPTICAL if self.extrinsic is None else matrix_from_quaternion(self.extrinsic[3:])
        return roll_of(R)


def roll_of(R_body_optical: Array) -> float:
    """Roll in degrees of a camera that does not look straight up or down; else 0."""
    # The body's vertical in the image: x to the right, y down.
    right, down = R_body_optical[2, 0], R_body_optical[2, 1]
    if math.hypot(right, down) < 0.3:
        return 0.0
    return float(math.degrees(math.atan2(-right, -down)))


def upright(frames: npt.NDArray[np.uint8], roll_deg: float) -> npt.NDArray[np.uint8]:
    """Frames (N, H, W, 3) turned by quarters so that the robot's vertical is theirs: a view."""
    return np.rot90(frames, -round(roll_deg / 90) % 4, axes=(1, 2))


def claimed_extrinsic(claim: Claim, pose: list[float] | None) -> list[float] | None:
    """The pose of the optical axes that a frame's pose in the body claims."""
    if pose is None or claim.R_body_frame is None:
        return None
    return _posed(pose, optical_rotation(claim.R_body_frame, claim.axes))


def check_mount(
    frames: npt.NDArray[np.uint8], stamps: Stamps, track: Track, camera: Camera, claim: Claim
) -> MountTest | None:
    """Compare how the images turn with how the motion says that the camera turned.

    Args:
        frames: (N, H, W, 3), small, in the order of time.
        stamps: (N,) ns.
        track: the motion.
        camera: whose lens counts; of the image as the frames show it.
        claim: what is said of the mount.
    """
    if len(stamps) < 20 or len(track) < 20:
        return None
    step_s = float(np.median(np.diff(stamps))) / NS
    stride = max(1, math.ceil(PAIR_S / step_s - 0.25)) if step_s > 0 else 1
    before = np.arange(len(stamps) - stride)
    after = before + stride
    near = (stamps[after] - stamps[before]) / NS <= min(3 * stride * step_s, MOST_PAIR_S)
    before, after = before[near][::stride], after[near][::stride]

    def rotations_at(lag_s: float) -> tuple[Array, npt.NDArray[np.bool_]]:
        T_before, known = track.poses_at(stamps[before], MAX_GAP_S, lag_s)
        T_after, known_after = track.poses_at(stamps[after], MAX_GAP_S, lag_s)
        T_before, T_after = (body_pose(T, track.frame) for T in (T_before, T_after))
        return relative_motion(T_before, T_after)[:, 3:], known & known_after

    if len(before) < 20:
        return None
    rotations, known = rotations_at(0.0)
    turns = np.where(known, np.linalg.norm(rotations, axis=1), 0.0)
    most = np.lib.stride_tricks.sliding_window_view(
        np.pad(turns, NEAR_PAIRS), 2 * NEAR_PAIRS + 1
    ).max(axis=1)
    chosen = np.sort(np.argsort(-most, kind="stable")[:MOST_PAIRS])
    before, after = before[chosen], after[chosen]
    lens = initial_lens(camera)
    test = try_mounts(claim, measured_rotations(frames[before], frames[after], lens), rotations_at)
    if camera.horizontal_fov is None or test.zoom is None or 1 / ZOOM < test.zoom < ZOOM:
        return test
    # Far off, the wrong lens bends what is measured through it: once more, with the one that was
    # found.
    zoom = float(np.clip(test.zoom, 0.3, 3.0))
    lens = (lens[0] * zoom, lens[1] * zoom, lens[2])
    again = try_mounts(claim, measured_rotations(frames[before], frames[after], lens), rotations_at)
    return replace(again, zoom=None if again.zoom is None else again.zoom * zoom)


def settle(camera: Camera, claim: Claim, pose: list[float] | None, test: MountTest | None) -> Mount:
    """The mount to go on with: the claimed one, or, where the images contradict it for sure,
    theirs.

    Args:
        camera: for messages.
        claim: what is said.
        pose: of the camera's frame in the body, as it is said; None where nothing says it.
        test: what the images say.
    """
    extrinsic = claimed_extrinsic(claim, pose)
    if test is None or not test.contradicts:
        return Mount(extrinsic, test)
    how = f"correlation {test.correlation:.2f} against {test.claimed_correlation:.2f}"
    if is_inverted(test):
        text = (
            "the images turn against the motion: its yaw has the wrong sign, or the camera hangs "
            f"upside down or is mirrored ({how}); mend the odometry, or say the mount with "
            "--extrinsic"
        )
        return Mount(extrinsic, test, text, is_inverted=True)
    best = test.best
    seen = (
        f"the images contradict the mount of {camera.frame or 'the camera'} ({how}, sure to "
        f"{100 * test.confidence:.0f} %): they turn as those of a camera {described(best, claim)} "
        "do"
    )
    if claim.is_given:
        return Mount(extrinsic, test, f"{seen}; --extrinsic is used nevertheless")
    if best.mirrored:
        return Mount(
            extrinsic, test, f"{seen}; the mount is left as it is said, --extrinsic changes it"
        )
    settled = _posed(pose or [0.0] * 7, best.R_body_optical)
    return Mount(settled, test, f"{seen}; taken as such, --extrinsic overrides it")


def is_inverted(test: MountTest) -> bool:
    """Whether a mirrored yaw with the claimed mount explains the images."""
    claimed = test.claimed
    return any(
        h.mirrored and h.axes == claimed.axes and h.roll_deg == 0 for h in (test.best, *test.alike)
    )


def described(hypothesis: Hypothesis, claim: Claim) -> str:
    """A hypothesis in words, beside the claim."""
    parts = []
    if hypothesis.axes != claim.axes:
        parts.append(
            f"whose frame has its {'z' if hypothesis.axes == 'optical' else 'x'} axis ahead"
        )
    if hypothesis.roll_deg:
        parts.append(f"turned by {hypothesis.roll_deg} deg about its axis")
    if hypothesis.mirrored:
        parts.append("with mirrored images (or with motion of mirrored yaw)")
    return " and ".join(parts) or "mounted as it is said"


def field_of_view_doubt(camera: Camera, test: MountTest | None) -> str:
    """What is wrong with a field of view that the images contradict; empty where they agree or do
    not show it.
    """
    fov = camera.horizontal_fov
    if test is None or fov is None or not test.can_tell or test.zoom is None:
        return ""
    if 1 / ZOOM < test.zoom < ZOOM:
        return ""
    fx, _, xi = initial_lens(camera)
    said, seen = (math.degrees(_edge_to_edge(f, xi)) for f in (fx, fx * test.zoom))
    return (
        f"camera_info says {said:.0f} deg wide, the images turn as those of a camera {seen:.0f} "
        "deg wide do: it belongs to another camera or image size, or the motion's turns are "
        f"{test.zoom:.2f} times what they should be; check both"
    )


def _edge_to_edge(fx: float, xi: float) -> float:
    """Field of view in rad of a lens of the unified model, focal length in half widths."""
    x = 1 / fx
    root = math.sqrt(max(1 + (1 - xi * xi) * x * x, 0.01))
    onto = (xi + root) / (1 + x * x)
    return 2 * math.atan2(onto * x, onto - xi)


def with_extrinsic(camera: Camera, mount: Mount) -> Camera:
    """The camera as it is mounted."""
    return replace(camera, extrinsic=mount.extrinsic)


def claim_of(frame: str, pose: list[float] | None, is_given: bool) -> Claim:
    """The claim of a frame whose pose in the body is known.

    Raises:
        SlowfeatError: the pose has no rotation.
    """
    if pose is None:
        return Claim(frame, None, is_given)
    try:
        return Claim(frame, matrix_from_quaternion(pose[3:]), is_given)
    except ValueError as error:
        raise SlowfeatError(f"the mount of {frame} has no rotation: {error}") from error


def _posed(pose: list[float], R: Array) -> list[float]:
    return [*pose[:3], *(float(x) for x in quaternion_from_matrix(R))]
