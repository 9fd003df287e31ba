"""The warp knows geometry: rotations compose and invert, turns move the
image the way a camera's do.
"""

from __future__ import annotations

import numpy as np
import onnxruntime
import pytest
import torch
from scipy.spatial.transform import Rotation

from slowfeat.geometry import R_BODY_OPTICAL, compose_motions, pose_matrix
from slowfeat_trainer.bundling.export_onnx import export_transform
from slowfeat_trainer.geometry.camera_geometry import MIRROR, CameraGeometry, rotation_matrix
from slowfeat_trainer.models.transform import TransformWithError
from slowfeat_trainer.models.warp_transform import WarpTransform

SHAPE = (3, 8, 8)


def geometry(focal: float = 1.0) -> CameraGeometry:
    return CameraGeometry((focal, focal), None)


def look(
    geometry: CameraGeometry, motion: list[float], rows: int = 8, columns: int = 8
) -> np.ndarray:
    with torch.no_grad():
        camera_motion = geometry.camera_motion(torch.tensor([motion], dtype=torch.float32))
        return geometry(camera_motion, rows, columns)[0][0].numpy()


def test_rodrigues_agrees_with_scipy_and_has_gradients_at_zero() -> None:
    vectors = np.array([[0.1, -0.7, 1.2], [0, 0, 0], [0, 0, 1e-7], [3.0, 0, 0]])
    got = rotation_matrix(torch.tensor(vectors, dtype=torch.float64))
    np.testing.assert_allclose(got, Rotation.from_rotvec(vectors).as_matrix(), atol=1e-6)
    zero = torch.zeros(1, 3, requires_grad=True)
    rotation_matrix(zero).sum().backward()
    assert zero.grad is not None
    assert torch.isfinite(zero.grad).all()


def test_standing_still_looks_where_it_looked() -> None:
    where = look(geometry(), [0.0] * 6)
    centres = (2 * np.arange(8) + 1) / 8 - 1
    np.testing.assert_allclose(where[0, :, 0], centres, atol=1e-6)
    np.testing.assert_allclose(where[:, 0, 1], centres, atol=1e-6)


def test_a_turn_shifts_the_picture_by_the_tangent_and_no_depth() -> None:
    # After a turn to the left by a, the middle of the image was seen left of the middle: at -f
    # tan(a).
    g = geometry(focal=1.5)
    where = look(g, [0, 0, 0, 0, 0, 0.2], rows=1, columns=1)
    np.testing.assert_allclose(where[0, 0], [-1.5 * np.tan(0.2), 0], atol=1e-6)
    with torch.no_grad():
        g.depth += 3.0
    np.testing.assert_allclose(look(g, [0, 0, 0, 0, 0, 0.2], 1, 1), where, atol=1e-6)


def test_driving_forward_spreads_the_picture_by_the_inverse_depth() -> None:
    g = geometry()
    where = look(g, [1.0, 0, 0, 0, 0, 0], rows=2, columns=2)
    # Three metres away along the ray by default: what is now at (0.5, 0.5, 1) was a metre farther.
    ray = np.array([0.5, 0.5, 1]) / np.sqrt(1.5)
    before = np.array([ray[0], ray[1], ray[2] + 1 / 3])
    np.testing.assert_allclose(where[1, 1], before[:2] / before[2], atol=1e-6)


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_rotations_compose_and_invert_exactly(axis: int) -> None:
    """Looking up twice in a row is looking up once by the composed motion, checked on rays."""
    g = geometry()
    first, second = np.zeros(6), np.zeros(6)
    first[3 + axis], second[3:] = 0.3, [0.1, -0.2, 0.15]
    with torch.no_grad():
        R1, R2, R12, back = (
            rotation_matrix(g.camera_motion(torch.tensor(m[None]).float())[:, 3:])[0].double()
            for m in (first, second, compose_motions(first, second), -first)
        )
    np.testing.assert_allclose(R1 @ R2, R12, atol=1e-6)
    np.testing.assert_allclose(R1 @ back, np.eye(3), atol=1e-6)


def test_a_camera_beside_the_turning_point_is_carried_along() -> None:
    T = np.eye(4)
    T[:3, :3], T[:3, 3] = R_BODY_OPTICAL, [0.5, 0, 0]
    g = CameraGeometry((1.0, 1.0), T)
    with torch.no_grad():
        motion = g.camera_motion(torch.tensor([[0, 0, 0, 0, 0, np.pi / 2]], dtype=torch.float32))
    after = np.linalg.inv(T) @ pose_matrix([0, 0, 0], [0, 0, np.sqrt(0.5), np.sqrt(0.5)]) @ T
    np.testing.assert_allclose(motion[0, :3], after[:3, 3], atol=1e-6)
    np.testing.assert_allclose(rotation_matrix(motion[:, 3:])[0], after[:3, :3], atol=1e-6)


def test_in_a_mirror_the_warp_looks_at_the_mirrored_place() -> None:
    g = geometry(focal=0.8)
    motion = torch.tensor([[0.3, -0.2, 0.5, 0.1, -0.3, 0.2]])
    with torch.no_grad():
        g.depth += torch.tensor([0.2, 0.5, -0.3, 0.1])
        where, inside = g(motion, 8, 8)
        mirrored, mirrored_inside = g(motion * torch.tensor(MIRROR), 8, 8)
    np.testing.assert_allclose(mirrored.flip(2)[..., 0], -where[..., 0], atol=1e-5)
    np.testing.assert_allclose(mirrored.flip(2)[..., 1], where[..., 1], atol=1e-5)
    np.testing.assert_array_equal(mirrored_inside.flip(3), inside)


def test_content_is_moved_and_what_was_out_of_view_is_known() -> None:
    g = geometry()
    warp = WarpTransform(g, SHAPE, np.ones((1, 6)))
    z = torch.zeros(1, *SHAPE)
    z[0, :, :, 6] = 1.0  # a post on the right
    turn = torch.zeros(1, 6)
    turn[0, 5] = -0.35  # to the right: the post comes towards the middle
    with torch.no_grad():
        after = warp(z.flatten(1), turn).view(SHAPE)
        inside = g(g.camera_motion(turn), 8, 8)[1][0, 0]
    assert int(after[0, 4].argmax()) in (3, 4, 5)
    assert inside[4, 0] == 1
    assert inside[4, 7] == 0


def test_the_warp_is_exported_as_torch_computes_it() -> None:
    torch.manual_seed(0)
    warp = WarpTransform(geometry(), SHAPE, np.ones((1, 6)))
    for parameter in warp.parameters():
        parameter.data += 0.05 * torch.randn_like(parameter)
    seen = np.array([[1.0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 1.0]])
    coefficients = np.array([0.1, 0.2, 0.1, 0.3, 0.2])
    module = TransformWithError(warp, seen, np.ones(6), coefficients, 5.0)
    session = onnxruntime.InferenceSession(export_transform(module, 3 * 8 * 8))
    z = np.random.default_rng(0).normal(size=(7, 3 * 8 * 8)).astype(np.float32)
    motion = np.random.default_rng(1).normal(0, 0.5, (7, 6)).astype(np.float32)
    motion[0] = 0
    motion[1] = 100
    got = session.run(["embedding_after", "expected_error"], {"embedding": z, "motion": motion})
    with torch.no_grad():
        expected = module(torch.from_numpy(z), torch.from_numpy(motion))
    for a, b in zip(got, expected, strict=True):
        np.testing.assert_allclose(a, b.numpy(), rtol=1e-4, atol=1e-5)
        assert np.isfinite(a).all()


def test_a_warp_knows_a_roll_by_its_pitch_and_is_lost_beyond_all_angles() -> None:
    warp = WarpTransform(geometry(), SHAPE, np.ones((1, 6)))
    seen = np.array([[0.0, 0, 0, 0, 0.6, 0], [0.5, 0, 0, 0, 0, 0]])
    module = TransformWithError(warp, seen, seen.std(axis=0), np.array([-4.0, 0, 0, 0, 0]), 9.0)
    motions = torch.zeros(3, 6)
    motions[0, 4], motions[1, 3], motions[2, 3] = 0.6, 0.6, 3.0
    with torch.no_grad():
        pitch, roll, tumble = module(torch.randn(3, 3 * 8 * 8), motions)[1].tolist()
    assert roll == pytest.approx(pitch)
    assert pitch == pytest.approx(np.exp(-2), rel=1e-5)
    assert tumble == pytest.approx(3.0, rel=1e-3)
