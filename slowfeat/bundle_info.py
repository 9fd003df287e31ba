"""What bundle.json says, as dataclasses, and its validation.

Schema policy: `schema_version` is one number. Every later slowfeat loads every older version;
a newer version than this program knows is refused by name. Unknown keys are kept out of the way:
a version grows by optional keys without a new number.
"""

from __future__ import annotations

import dataclasses
import re
import types
import typing
from dataclasses import dataclass, field
from typing import Any, cast

from slowfeat.errors import BundleError

SCHEMA_VERSION = 1
DISTANCES = ("l2", "cosine")
MOTION_NAMES = ("x", "y", "z", "rx", "ry", "rz")


@dataclass
class Frames:
    """Which frames the motions and images of the training were in."""

    # Frame whose motion was learned, with axes turned to REP-103 (child_frame_id of the odometry).
    body: str = "base_link"
    # Frame of the images' headers.
    camera: str = "camera_optical_frame"
    # T_body_camera as [x y z m, qx qy qz qw]; None where the bags did not say.
    extrinsic: list[float] | None = None


@dataclass
class MotionPattern:
    """One cluster of the motions seen in training (J section 3.1)."""

    # Mean motion of its pairs: [x y z m, rotation vector rad].
    centroid: list[float]
    # Pairs of the training part in it.
    count: int
    # Normalised equivariance error of the bundle's map on held-out pairs; None if there were none.
    rho: float | None = None


@dataclass
class Slice:
    """What a range of the embedding's coordinates is."""

    # First coordinate and the one behind the last.
    start: int
    stop: int
    # Its share of the embedding's mean squared norm on the training part.
    share_of_norm: float | None = None


@dataclass
class BundleInfo:
    """The contents of bundle.json."""

    name: str
    # [height, width] of the encoder's input, pixels.
    image_size: list[int]
    # D, length of the embedding.
    dimension: int
    # Distance in which the embedding was trained: "l2" or "cosine".
    distance: str
    frames: Frames
    motion_patterns: list[MotionPattern]
    # Smallest and largest value of each of the six motion components over the training pairs.
    motion_min: list[float]
    motion_max: list[float]
    schema_version: int = SCHEMA_VERSION
    # File name -> hexadecimal SHA-256.
    sha256: dict[str, str] = field(default_factory=dict)
    # Horizontal field of view of the training camera in radians; None where unknown.
    horizontal_fov: float | None = None
    # Name -> coordinates; "embedding" alone covers everything.
    slices: dict[str, Slice] = field(default_factory=dict)
    # Seconds between the two frames of a training pair, smallest and largest.
    pair_gap: list[float] = field(default_factory=lambda: [0.0, 1.0])
    # Where it came from: bags with hashes, configuration, code version, seed.
    training: dict[str, Any] = field(default_factory=dict)
    # Metrics on the part of the bags that was kept out of training.
    metrics: dict[str, Any] = field(default_factory=dict)


def info_to_dict(info: BundleInfo) -> dict[str, Any]:
    """The JSON object of bundle.json."""
    return dataclasses.asdict(info)


def info_from_dict(data: object, where: str) -> BundleInfo:
    """Build and validate from the JSON object; `where` names the file in errors.

    Raises:
        BundleError: naming the key that is missing, of the wrong type or out of range.
    """
    if not isinstance(data, dict):
        raise BundleError(f"{where} is not a JSON object")
    version = data.get("schema_version")
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise BundleError(f"{where}: schema_version is missing or no positive number")
    if version > SCHEMA_VERSION:
        raise BundleError(
            f"{where} has schema version {version}, this slowfeat reads up to {SCHEMA_VERSION}; "
            "update slowfeat on this machine"
        )
    info = cast("BundleInfo", _build(BundleInfo, data, where, ""))
    _check_values(info, where)
    return info


def _check_values(info: BundleInfo, where: str) -> None:
    """Ranges and lengths, which types alone do not say."""
    checks = [
        (bool(info.name), "name is empty"),
        (
            len(info.image_size) == 2 and min(info.image_size) > 0,
            "image_size is not [height, width]",
        ),
        (info.dimension > 0, "dimension is not positive"),
        (info.distance in DISTANCES, f"distance is not one of {', '.join(DISTANCES)}"),
        (
            len(info.motion_min) == 6 and len(info.motion_max) == 6,
            "motion_min, motion_max need 6 numbers",
        ),
        (
            all(len(p.centroid) == 6 for p in info.motion_patterns),
            "a motion pattern needs 6 numbers",
        ),
        (
            info.frames.extrinsic is None or len(info.frames.extrinsic) == 7,
            "frames.extrinsic needs 7 numbers",
        ),
        (
            all(0 <= s.start < s.stop <= info.dimension for s in info.slices.values()),
            "a slice lies outside the embedding",
        ),
        (
            all(
                re.fullmatch("[0-9a-f]{64}", info.sha256.get(name, ""))
                for name in ("encoder.onnx", "transform.onnx")
            ),
            "sha256 needs a hash for encoder.onnx and transform.onnx",
        ),
    ]
    for holds, problem in checks:
        if not holds:
            raise BundleError(f"{where}: {problem}")


def _build(kind: Any, data: object, where: str, key: str) -> object:
    """`data` (from JSON) as the annotated type `kind`; errors name the key."""
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if kind is Any:
        return data
    if origin in (typing.Union, types.UnionType):
        if data is None and type(None) in arguments:
            return None
        return _build(next(a for a in arguments if a is not type(None)), data, where, key)
    if dataclasses.is_dataclass(kind) and isinstance(data, dict):
        hints = typing.get_type_hints(kind)
        values = {}
        for item in dataclasses.fields(kind):
            name = f"{key}.{item.name}" if key else item.name
            if item.name in data:
                values[item.name] = _build(hints[item.name], data[item.name], where, name)
            elif (
                item.default is dataclasses.MISSING and item.default_factory is dataclasses.MISSING
            ):
                raise BundleError(f"{where}: {name} is missing")
        return cast("Any", kind)(**values)
    if origin is list and isinstance(data, list):
        return [_build(arguments[0], item, where, f"{key}[{i}]") for i, item in enumerate(data)]
    if origin is dict and isinstance(data, dict):
        return {str(k): _build(arguments[1], v, where, f"{key}.{k}") for k, v in data.items()}
    if kind is float and isinstance(data, int | float) and not isinstance(data, bool):
        return float(data)
    if isinstance(kind, type) and isinstance(data, kind) and not isinstance(data, bool):
        return data
    expected = getattr(origin or kind, "__name__", str(kind))
    raise BundleError(f"{where}: {key} should be {expected}, it is {type(data).__name__}")
