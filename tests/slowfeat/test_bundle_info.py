"""What bundle.json says: it survives the way through JSON, and every value out
of range is refused by its key.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from slowfeat.bundle_info import SCHEMA_VERSION, Frames, Slice, info_from_dict, info_to_dict
from slowfeat.errors import BundleError
from slowfeat.odometry_model import OdometryModel
from tests.conftest import tiny_info

HASHES = {"encoder.onnx": "0" * 64, "transform.onnx": "a" * 64}


def written(**changes: Any) -> dict[str, Any]:
    """The JSON object of a good bundle, but for changes."""
    info = tiny_info()
    info.sha256 = dict(HASHES)
    return {**json.loads(json.dumps(info_to_dict(info))), **changes}


def test_it_survives_the_way_through_json() -> None:
    info = tiny_info()
    info.sha256, info.horizontal_fov, info.image_bits = dict(HASHES), 1.2, 12
    info.frames = Frames("base", "eye", [0.1, 0.0, 0.2, 0.0, 0.0, 0.0, 1.0])
    info.slices = {"map": Slice(0, 5, 0.9)}
    info.odometry = OdometryModel(delay_s=0.1, yaw_scale=1.1)
    assert info_from_dict(json.loads(json.dumps(info_to_dict(info))), "a bundle") == info


def test_keys_that_later_versions_may_add_are_left_out_and_optional_ones_may_lack() -> None:
    stored = written(of_tomorrow=[1, 2])
    del stored["odometry"], stored["slices"], stored["image_bits"], stored["image_decoding"]
    info = info_from_dict(stored, "a bundle")
    assert (info.odometry, info.slices, info.image_bits) == (None, {}, 16)
    # Bundles of before were trained on images that were decoded whole.
    assert info.image_decoding == "whole"
    assert info.wanted_size is None
    info.image_decoding = "scaled"
    assert info.wanted_size == tuple(info.image_size)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"schema_version": SCHEMA_VERSION + 1}, "update slowfeat on this machine"),
        ({"schema_version": True}, "schema_version is missing"),
        ({"schema_version": 0}, "schema_version is missing"),
        ({"name": ""}, "name is empty"),
        ({"image_size": [16]}, r"image_size is not \[height, width\]"),
        ({"image_size": [16, 9000]}, "each at most 8192"),
        ({"dimension": 0}, "dimension is not positive"),
        ({"image_bits": 9}, "image_bits is not one of"),
        ({"image_decoding": "by_halves"}, "image_decoding is not one of whole, scaled"),
        ({"distance": "l1"}, "distance is not one of l2, cosine"),
        ({"motion_min": [0.0] * 5}, "need 6 numbers"),
        ({"motion_min": [2.0] + [0.0] * 5}, "motion_min is above motion_max"),
        ({"pair_gap": [1.0, 0.5]}, "pair_gap"),
        ({"horizontal_fov": 0.0}, "no angle"),
        ({"motion_patterns": [{"centroid": [0.0] * 6, "count": -1}]}, "6 numbers and a count"),
        ({"slices": {"map": {"start": 2, "stop": 9}}}, "a slice lies outside"),
        ({"slices": {"map": {"start": 2, "stop": 2}}}, "a slice lies outside"),
        ({"sha256": {"encoder.onnx": "0" * 64}}, "needs a hash for"),
        ({"sha256": {**HASHES, "transform.onnx": "A" * 64}}, "needs a hash for"),
        ({"frames": {"extrinsic": [0.0] * 6}}, "frames.extrinsic needs 7 numbers"),
    ],
)
def test_what_is_out_of_range_is_refused_by_its_key(changes: dict[str, Any], says: str) -> None:
    with pytest.raises(BundleError, match=f"^a bundle.*{says}"):
        info_from_dict(written(**changes), "a bundle")


def test_what_is_no_object_is_refused() -> None:
    with pytest.raises(BundleError, match="a bundle is not a JSON object"):
        info_from_dict([1], "a bundle")
