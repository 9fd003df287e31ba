"""Rotations against SciPy, motions against their definition."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.transform import Rotation, Slerp

from slowfeat import geometry as g


@pytest.fixture
def rotations() -> Rotation:
    some = Rotation.random(50, rng=np.random.default_rng(0)).as_rotvec()
    # Where formulas break: no rotation, half turns, angles next to both.
    edges = [[0, 0, 0], [np.pi, 0, 0], [0, np.pi - 1e-9, 0], [0, 0, 1e-9], [0, 0, -np.pi + 1e-6]]
    return Rotation.from_rotvec(np.concatenate([some, edges]))


def test_matrices_and_vectors_agree_with_scipy(rotations: Rotation) -> None:
    q = rotations.as_quat()
    np.testing.assert_allclose(g.matrix_from_quaternion(3 * q), rotations.as_matrix(), atol=1e-12)
    back = g.rotation_vector_from_matrix(rotations.as_matrix())
    np.testing.assert_allclose(
        Rotation.from_rotvec(back).as_matrix(), rotations.as_matrix(), atol=1e-8
    )
    assert np.all(np.linalg.norm(back, axis=-1) <= np.pi + 1e-9)
    from_vector = g.quaternion_from_rotation_vector(rotations.as_rotvec())
    np.testing.assert_allclose(np.abs((from_vector * q).sum(-1)), 1, atol=1e-12)


def test_slerp_agrees_with_scipy_and_takes_the_short_way() -> None:
    a, b = Rotation.from_rotvec([0.1, 0.2, 0.3]), Rotation.from_rotvec([-0.5, 0.9, 0.1])
    expected = Slerp([0, 1], Rotation.concatenate([a, b]))(0.3).as_matrix()
    for sign in (1, -1):
        q = g.slerp(a.as_quat(), sign * b.as_quat(), 0.3)
        np.testing.assert_allclose(g.matrix_from_quaternion(q), expected, atol=1e-12)
    np.testing.assert_allclose(g.slerp(a.as_quat(), a.as_quat(), 0.5), a.as_quat(), atol=1e-12)


@pytest.mark.parametrize("quaternion", [[0, 0, 0, 0], [np.nan, 0, 0, 1]])
def test_a_quaternion_that_is_no_rotation_is_refused(quaternion: list[float]) -> None:
    with pytest.raises(ValueError, match="no rotation"):
        g.matrix_from_quaternion(quaternion)


def test_motion_is_the_pose_after_seen_from_the_pose_before() -> None:
    # Facing north (+90 deg), one metre further north, turned left by another 90 degrees.
    before = g.pose_matrix([5, 5, 0], g.quaternion_from_rotation_vector([0, 0, np.pi / 2]))
    after = g.pose_matrix([5, 6, 0], g.quaternion_from_rotation_vector([0, 0, np.pi]))
    motion = g.relative_motion(before, after)
    np.testing.assert_allclose(motion, [1, 0, 0, 0, 0, np.pi / 2], atol=1e-12)
    assert g.describe_motion(motion) == "forward 1.00 m, turn left 90 deg"
    assert g.describe_motion(np.zeros(6)) == "stand still"


def test_composing_and_inverting_motions_agrees_with_poses() -> None:
    rng = np.random.default_rng(1)
    a, b = rng.normal(0, 0.5, (2, 20, 6))
    composed = g.motion_matrix(g.compose_motions(a, b))
    np.testing.assert_allclose(composed, g.motion_matrix(a) @ g.motion_matrix(b), atol=1e-12)
    identity = g.motion_matrix(a) @ g.invert_pose(g.motion_matrix(a))
    np.testing.assert_allclose(identity, np.broadcast_to(np.eye(4), (20, 4, 4)), atol=1e-12)


def test_motion_of_an_optical_frame_is_given_in_body_axes() -> None:
    # An optical frame that moves along its z (into the image) and turns about its y (down).
    T = g.motion_matrix([0, 0, 1, 0, 0.2, 0])
    start = g.body_pose(np.eye(4), "camera_rgb_optical_frame")
    motion = g.relative_motion(start, g.body_pose(T, "camera_rgb_optical_frame"))
    # Forward in the body, and a turn to the right.
    np.testing.assert_allclose(motion, [1, 0, 0, 0, 0, -0.2], atol=1e-12)
    np.testing.assert_array_equal(g.body_pose(T, "base_link"), T)
