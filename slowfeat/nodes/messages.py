"""Between arrays and messages. Arrays go in through array.array: lists and
numpy are 7 to 20 times slower.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from diagnostic_msgs.msg import KeyValue
from geometry_msgs.msg import Quaternion, Transform, Vector3
from slowfeat_interfaces.msg import BundleInfo as BundleInfoMessage
from slowfeat_interfaces.msg import Embedding, PredictedEmbeddings
from std_msgs.msg import Header

from slowfeat.bundle import ENCODER, TRANSFORM
from slowfeat.bundle_info import BundleInfo
from slowfeat.encoder import PROVIDERS, Encoder
from slowfeat.errors import MotionError
from slowfeat.geometry import quaternion_from_rotation_vector, rotation_vector_from_quaternion
from slowfeat.live.prediction_reply import Reply
from slowfeat.nodes.parameters import MAX_MOTIONS_A_FRAME

# A quaternion may be off length one by this much, which float32 and hand-typed ones need.
UNIT_TOLERANCE = 1e-2
# More motions in one request than this is a mistake, and would take the memory of the robot.
MAX_MOTIONS = 100_000


def float32_array(values: npt.ArrayLike) -> array[float]:
    """Numbers of any shape as a flat array for a float32[] field, row-major."""
    return array("f", np.ascontiguousarray(values, dtype=np.float32).tobytes())


def stamp_ns(header: Any) -> int:
    """The stamp of a std_msgs/Header in integer nanoseconds."""
    return int(header.stamp.sec) * 1_000_000_000 + int(header.stamp.nanosec)


def twist_lengths(twist: Any) -> tuple[float, float]:
    """Lengths of a geometry_msgs/Twist: m/s, rad/s."""
    v, w = twist.linear, twist.angular
    return math.hypot(v.x, v.y, v.z), math.hypot(w.x, w.y, w.z)


def transforms_from_motions(motions: npt.ArrayLike) -> list[Any]:
    """geometry_msgs/Transform of motions (M, 6) [m, rotation vector rad]."""
    m = np.asarray(motions, dtype=np.float64).reshape(-1, 6)
    quaternions = quaternion_from_rotation_vector(m[:, 3:])
    return [
        Transform(
            translation=Vector3(x=t[0], y=t[1], z=t[2]),
            rotation=Quaternion(x=q[0], y=q[1], z=q[2], w=q[3]),
        )
        for t, q in zip(m[:, :3].tolist(), quaternions.tolist(), strict=True)
    ]


def motions_from_transforms(transforms: Sequence[Any]) -> npt.NDArray[np.float64]:
    """Motions (M, 6) [m, rotation vector rad] of geometry_msgs/Transform.

    Raises:
        MotionError: none or too many, one that is not finite, or a quaternion not of length one.
    """
    if not 0 < len(transforms) <= MAX_MOTIONS:
        raise MotionError(f"{len(transforms)} motions asked for; give 1 to {MAX_MOTIONS}")
    return _checked_motions([(item.translation, item.rotation) for item in transforms])


def motions_from_poses(poses: Sequence[Any]) -> npt.NDArray[np.float64]:
    """Motions (M, 6) [m, rotation vector rad] of geometry_msgs/Pose, M >= 0.

    Raises:
        MotionError: too many for every frame, one that is not finite, or a quaternion not of length
            one.
    """
    if len(poses) > MAX_MOTIONS_A_FRAME:
        raise MotionError(
            f"{len(poses)} motions for every frame; give at most {MAX_MOTIONS_A_FRAME}"
        )
    if not poses:
        return np.zeros((0, 6))
    return _checked_motions([(item.position, item.orientation) for item in poses])


def _checked_motions(pairs: list[tuple[Any, Any]]) -> npt.NDArray[np.float64]:
    values = np.array([(t.x, t.y, t.z, q.x, q.y, q.z, q.w) for t, q in pairs])
    bad = np.flatnonzero(~np.isfinite(values).all(axis=1))
    if len(bad):
        raise MotionError(f"motion {bad[0]} is not finite: {values[bad[0]].tolist()}")
    norms = np.linalg.norm(values[:, 3:], axis=1)
    bad = np.flatnonzero(np.abs(norms - 1.0) > UNIT_TOLERANCE)
    if len(bad):
        raise MotionError(
            f"motion {bad[0]} has a quaternion of length {norms[bad[0]]:.4g}; it must be 1"
        )
    vectors = rotation_vector_from_quaternion(values[:, 3:] / norms[:, None])
    return np.concatenate([values[:, :3], vectors], axis=1)


def embedding_message(header: Any, info: BundleInfo, embedding: npt.ArrayLike) -> Any:
    """slowfeat_interfaces/Embedding of an embedding (D,)."""
    return Embedding(
        header=header,
        model=info.name,
        data=float32_array(embedding),
        encoder_hash=info.sha256[ENCODER],
    )


def predictions_message(
    header: Any, info: BundleInfo, motions: list[Any], reply: Reply, part: str = ""
) -> Any:
    """slowfeat_interfaces/PredictedEmbeddings of what is returned for M Transforms."""
    index = reply.kept.tolist()
    return PredictedEmbeddings(
        header=header,
        model=info.name,
        motions=[motions[i] for i in index] if index else motions,
        dimension=reply.data.shape[1],
        data=float32_array(reply.data),
        expected_error=float32_array(reply.expected_error),
        encoder_hash=info.sha256[ENCODER],
        part=part,
        distance=float32_array(reply.distance),
        index=array("I", index),
    )


def bundle_info_message(
    encoder: Encoder, stamp: Any, preparation: str = "", odom_offset_s: float = 0.0
) -> Any:
    """slowfeat_interfaces/BundleInfo of the bundle that `encoder` runs, loaded at `stamp`.

    `preparation` says what is done to frames before they are encoded, `odom_offset_s` what is added
    to the stamps of odometry.
    """
    info = encoder.info
    slices = info.slices.values()
    names = {provider: name for name, provider in PROVIDERS.items()}
    return BundleInfoMessage(
        header=Header(stamp=stamp, frame_id=info.frames.body),
        name=info.name,
        schema_version=info.schema_version,
        path=str(encoder.bundle.path.resolve()),
        encoder_sha256=info.sha256[ENCODER],
        transform_sha256=info.sha256[TRANSFORM],
        dimension=info.dimension,
        image_height=info.image_size[0],
        image_width=info.image_size[1],
        distance=info.distance,
        body_frame=info.frames.body,
        camera_frame=info.frames.camera,
        execution_provider=names.get(encoder.provider, encoder.provider),
        motion_patterns=transforms_from_motions([p.centroid for p in info.motion_patterns]),
        motion_pattern_counts=[p.count for p in info.motion_patterns],
        motion_min=info.motion_min,
        motion_max=info.motion_max,
        horizontal_fov=info.horizontal_fov or 0.0,
        image_preparation=preparation,
        slice_names=list(info.slices),
        slice_start=[item.start for item in slices],
        slice_stop=[item.stop for item in slices],
        slice_share_of_norm=[item.share_of_norm or 0.0 for item in slices],
        odom_offset_s=odom_offset_s,
    )


def key_values(values: dict[str, object]) -> list[Any]:
    """diagnostic_msgs/KeyValue of names and values."""
    return [KeyValue(key=key, value=str(value)) for key, value in values.items()]
