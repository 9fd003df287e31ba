"""The tree of fixed transforms."""

from __future__ import annotations

import numpy as np

from slowfeat.geometry import pose_matrix
from slowfeat.live.static_transforms import StaticTransforms

QUARTER = np.array([0.0, 0.0, np.sqrt(0.5), np.sqrt(0.5)])
NONE = np.array([0.0, 0.0, 0.0, 1.0])


def at(x: float, y: float, quaternion: np.ndarray = NONE) -> np.ndarray:
    return pose_matrix(np.array([x, y, 0.0]), quaternion)


def tree() -> StaticTransforms:
    transforms = StaticTransforms()
    transforms.add("base_link", "mast", at(1.0, 0.0, QUARTER))
    transforms.add("/mast", "/camera", at(0.5, 0.0))
    transforms.add("base_link", "lidar", at(0.0, 2.0))
    return transforms


def test_poses_along_a_branch_are_multiplied() -> None:
    found = tree().lookup("base_link", "camera")
    np.testing.assert_allclose(found[:3, 3], [1.0, 0.5, 0.0], atol=1e-12)


def test_frames_of_two_branches_meet_at_their_ancestor() -> None:
    found = tree().lookup("lidar", "mast")
    np.testing.assert_allclose(found[:3, 3], [1.0, -2.0, 0.0], atol=1e-12)


def test_what_no_tree_connects_is_none_and_a_loop_ends() -> None:
    transforms = tree()
    assert transforms.lookup("base_link", "elsewhere") is None
    transforms.add("a", "b", at(1, 0))
    transforms.add("b", "a", at(1, 0))
    assert transforms.lookup("base_link", "a") is None
