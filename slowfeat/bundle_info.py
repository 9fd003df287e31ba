"""What bundle.json says, as dataclasses, and its validation.

Schema policy: `schema_version` is one number. Every later slowfeat loads every older version;
a newer version than this program knows is refused by name. Unknown keys are set aside: a version
grows by optional keys without a new number.
"""

from __future__ import annotations

import dataclasses
import math
import re
from dataclasses import dataclass, field
from typing import Any

from slowfeat.bit_depth import BIT_DEPTHS, FULL_BITS
from slowfeat.errors import BundleError, UsageError
from slowfeat.odometry_model import OdometryModel
from slowfeat.scaled_decoding import RULES, WHOLE, wanted_of
from slowfeat.schema import build
from slowfeat.verdict import Verdict

SCHEMA_VERSION = 1
# Bounds far beyond what is trained, so that nothing absurd is made room for.
MOST_NAME, MOST_PIXELS, MOST_DIMENSION = 255, 8192, 1 << 20
# Names all of an embedding where the name of a slice may stand.
WHOLE_EMBEDDING = "whole"
DISTANCES = ("l2", "cosine")


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
    # [channels, rows, columns] where it is a feature map, flattened in this order; None: a vector.
    shape: list[int] | None = None


@dataclass
class Backbone:
    """The pretrained network within the encoder."""

    # As `slowfeat train --backbone` says it.
    name: str
    # What its weights may be used for, as far as their source says; empty where it does not.
    licence: str
    # Where the weights are from.
    source: str
    # Of the weights.
    sha256: str
    # Whether it was trained further on the bags.
    finetuned: bool = False


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
    # Of images of 16-bit channels so many bits are used: the highest 8 of them are kept.
    image_bits: int = FULL_BITS
    # By which rule of slowfeat.scaled_decoding JPEGs were decoded, "whole" or "scaled"; bundles
    # that name none: whole.
    image_decoding: str = WHOLE
    # How the odometry errs that the motions were learned from, and what was applied to it; None in
    # bundles that know nothing of it. Apply it (slowfeat.odometry_model.correct) to any motion of
    # the robot's odometry first.
    odometry: OdometryModel | None = None
    # Name -> coordinates; "embedding" alone covers everything.
    slices: dict[str, Slice] = field(default_factory=dict)
    # The pretrained network that sees; None for one that was learned from bags alone.
    backbone: Backbone | None = None
    # Seconds between the two frames of a training pair, smallest and largest.
    pair_gap: list[float] = field(default_factory=lambda: [0.0, 1.0])
    # Where it came from: bags with hashes, configuration, code version, seed.
    training: dict[str, Any] = field(default_factory=dict)
    # What the metrics come to; None where nothing was held out, and in bundles from before there
    # was one.
    verdict: Verdict | None = None
    # Metrics on the part of the bags that was held out of training.
    metrics: dict[str, Any] = field(default_factory=dict)

    @property
    def wanted_size(self) -> tuple[int, int] | None:
        """What `slowfeat.images.decode_message` is asked for: (height, width); None: all pixels."""
        return wanted_of(self.image_decoding, (self.image_size[0], self.image_size[1]))

    def part(self, name: str) -> slice:
        """The coordinates of a part of the embedding: a name of `slices`; "" or "whole" is all.

        Raises:
            UsageError: the bundle has no such part.
        """
        if name in ("", WHOLE_EMBEDDING):
            return slice(0, self.dimension)
        found = self.slices.get(name)
        if found is None:
            names = ", ".join([WHOLE_EMBEDDING, *self.slices])
            raise UsageError(
                f"bundle {self.name} has no part {name!r} of an embedding; there are {names}"
            )
        return slice(found.start, found.stop)


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
    if type(version) is not int or not 1 <= version < 1 << 31:
        raise BundleError(f"{where}: schema_version is missing or no positive number")
    if version > SCHEMA_VERSION:
        raise BundleError(
            f"{where} has schema version {version}, this slowfeat reads up to {SCHEMA_VERSION}; "
            "update slowfeat on this machine"
        )
    info = build(BundleInfo, data, where, BundleError)
    _check_values(info, where)
    return info


def _check_values(info: BundleInfo, where: str) -> None:
    """Ranges and lengths, which types alone do not say."""
    checks = [
        (0 < len(info.name) <= MOST_NAME, f"name is empty or longer than {MOST_NAME} characters"),
        (
            len(info.image_size) == 2 and all(0 < s <= MOST_PIXELS for s in info.image_size),
            f"image_size is not [height, width], each at most {MOST_PIXELS}",
        ),
        (
            0 < info.dimension <= MOST_DIMENSION,
            f"dimension is not positive, or above {MOST_DIMENSION}",
        ),
        (
            info.image_bits in BIT_DEPTHS,
            f"image_bits is not one of {', '.join(map(str, BIT_DEPTHS))}",
        ),
        (
            info.image_decoding in RULES,
            f"image_decoding is not one of {', '.join(RULES)}; perhaps slowfeat here is too old",
        ),
        (info.distance in DISTANCES, f"distance is not one of {', '.join(DISTANCES)}"),
        (
            len(info.motion_min) == 6 and len(info.motion_max) == 6,
            "motion_min, motion_max need 6 numbers",
        ),
        (
            all(low <= high for low, high in zip(info.motion_min, info.motion_max)),  # noqa: B905
            "motion_min is above motion_max",
        ),
        (
            len(info.pair_gap) == 2 and 0 <= info.pair_gap[0] <= info.pair_gap[1],
            "pair_gap is not [smallest, largest] time in seconds",
        ),
        (
            info.horizontal_fov is None or 0 < info.horizontal_fov <= 6.3,
            "horizontal_fov is no angle in radians",
        ),
        (
            all(len(p.centroid) == 6 and p.count >= 0 for p in info.motion_patterns),
            "a motion pattern needs 6 numbers and a count",
        ),
        (
            info.frames.extrinsic is None or len(info.frames.extrinsic) == 7,
            "frames.extrinsic needs 7 numbers",
        ),
        (
            info.verdict is None or not info.verdict.problem(),
            f"verdict: {info.verdict.problem() if info.verdict else ''}",
        ),
        (
            info.odometry is None or not info.odometry.problem(),
            f"odometry: {info.odometry.problem() if info.odometry else ''}",
        ),
        (
            all(0 <= s.start < s.stop <= info.dimension for s in info.slices.values()),
            "a slice lies outside the embedding",
        ),
        (
            all(
                s.shape is None or math.prod(s.shape) == s.stop - s.start
                for s in info.slices.values()
            ),
            "a slice's shape is not that of its coordinates",
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
