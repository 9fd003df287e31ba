"""The Lie form: poses are composed and inverted in SE(3), and the embedding follows."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.linalg import expm

from slowfeat.geometry import compose_motions, motion_matrix, relative_motion
from slowfeat_trainer.models.lie_map import LieMap, composition_error, rotate_blocks

RNG = np.random.default_rng(6)
# A left arc, a yaw on the spot, a climb with a roll, straight ahead.
MOTIONS = {
    "arc": relative_motion(
        np.eye(4), expm(np.array([[0, -0.8, 0, 0.5], [0.8, 0, 0, 0.1], [0] * 4, [0] * 4]))
    ),
    "yaw": np.array([0, 0, 0, 0, 0, 1.1]),
    "climb": np.array([0.4, -0.1, 0.3, 0.6, -0.2, 0.1]),
    "ahead": np.array([0.7, 0, 0, 0, 0, 0]),
}


def inverse(motion: np.ndarray) -> np.ndarray:
    return relative_motion(motion_matrix(motion), np.eye(4))


def moved(transform: LieMap, z: torch.Tensor, motion: np.ndarray) -> torch.Tensor:
    with torch.no_grad():
        out: torch.Tensor = transform(z, torch.tensor(motion).expand(len(z), 6))
    return out


@pytest.fixture
def transform() -> LieMap:
    torch.manual_seed(0)
    return LieMap(32, spread=0.7).double()


@pytest.fixture
def z() -> torch.Tensor:
    return torch.tensor(RNG.normal(size=(5, 32)))


def test_norms_are_kept_however_far_the_motion(transform: LieMap, z: torch.Tensor) -> None:
    for size in (0.0, 0.1, 1.0, 10.0, 1e4):
        after = moved(transform, z, size * RNG.normal(size=6))
        np.testing.assert_allclose(after.norm(dim=1), z.norm(dim=1), rtol=1e-6)
    assert (moved(transform, z, MOTIONS["arc"]) - z).norm() > 1


def test_mixed_precision_leaves_rotations_alone() -> None:
    torch.manual_seed(0)
    transform, z, motion = LieMap(16, spread=0.7), torch.randn(5, 16), torch.randn(5, 6)
    with torch.no_grad():
        expected = transform(z, motion)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            assert (z @ z.T).dtype == torch.bfloat16
            got = transform(z, motion)
            rounded = transform(z.bfloat16(), motion)
    torch.testing.assert_close(got, expected)
    assert rounded.dtype == torch.float32
    np.testing.assert_allclose(rounded.norm(dim=1), z.bfloat16().float().norm(dim=1), rtol=1e-5)


def test_standing_still_changes_nothing(transform: LieMap, z: torch.Tensor) -> None:
    np.testing.assert_allclose(moved(transform, z, np.zeros(6)), z, atol=1e-14)


@pytest.mark.parametrize("name", list(MOTIONS))
def test_a_motion_made_twice_is_its_square_and_undone_is_none(
    transform: LieMap, z: torch.Tensor, name: str
) -> None:
    motion = MOTIONS[name]
    once = moved(transform, z, motion)
    twice = moved(transform, z, compose_motions(motion, motion))
    np.testing.assert_allclose(moved(transform, once, motion), twice, atol=1e-7)
    np.testing.assert_allclose(moved(transform, once, inverse(motion)), z, atol=1e-7)
    error = composition_error(transform, z, motion[None].repeat(5, 0), motion[None].repeat(5, 0))
    assert float(error.max()) < 1e-7


def test_translation_and_rotation_vector_would_not_do(transform: LieMap, z: torch.Tensor) -> None:
    # The same map fed with the motion's own six numbers: twice an arc is not twice its chord.
    arc = MOTIONS["arc"]
    with torch.no_grad():
        A = transform.skew_generators()
        one, two = (torch.tensor(m).expand(5, 6) for m in (arc, compose_motions(arc, arc)))
        difference = rotate_blocks(A, one, rotate_blocks(A, one, z)) - rotate_blocks(A, two, z)
    assert float(difference.norm()) > 0.1


def test_two_different_motions_compose_only_where_the_generators_are_a_group_s(
    transform: LieMap, z: torch.Tensor
) -> None:
    first, second = RNG.normal(0, 0.5, (2, 5, 6))
    assert 0.05 < float(composition_error(transform, z, first, second).mean()) < 5
    # Directions seen from the body, (x, y, z) a block: a yaw by w turns them by -w.
    group = LieMap(6, block=3).double()
    with torch.no_grad():
        group.generators.zero_()
        for axis in range(3):
            i, j = (axis + 1) % 3, (axis + 2) % 3
            group.generators[3 + axis, :, i, j] = 1.0
    assert float(composition_error(group, z[:, :6], first, second).max()) < 1e-7
    ahead = torch.tensor([[1.0, 0, 0, 0, 1.0, 0]]).double()
    left_turn = moved(group, ahead, np.array([0, 0, 0, 0, 0, np.pi / 2]))
    np.testing.assert_allclose(left_turn, [[0, -1, 0, 1, 0, 0]], atol=1e-7)


def test_components_that_do_not_move_are_left_out() -> None:
    transform = LieMap(16, scale=[0.5, 0, 0, 0, 0, 0.2], spread=0.5)
    z = torch.randn(3, 16)
    with torch.no_grad():
        still = transform(z, torch.tensor([[0, 1.0, 2.0, 0, 0, 0]] * 3))
        driven = transform(z, torch.tensor([[0.5, 0, 0, 0, 0, 0]] * 3))
        expected = LieMap(16)
        expected.generators.data = transform.generators.data
        same = expected(z, torch.tensor([[1.0, 0, 0, 0, 0, 0]] * 3))
    np.testing.assert_allclose(still, z, atol=1e-6)
    np.testing.assert_allclose(driven, same, atol=1e-5)


def test_a_dimension_that_does_not_fit_the_blocks_is_named() -> None:
    with pytest.raises(ValueError, match="dimension 20 must be a multiple of block 8"):
        LieMap(20)
