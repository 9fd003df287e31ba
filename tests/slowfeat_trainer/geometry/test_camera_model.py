"""The unified camera model: there and back, a pinhole at 0, the stereographic fisheye at 1."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from slowfeat_trainer.geometry.camera_geometry import CameraGeometry, rotation_matrix
from slowfeat_trainer.geometry.camera_model import project, unproject

FOCAL = torch.tensor([1.3, 1.9], dtype=torch.float64)


def points() -> torch.Tensor:
    u, v = np.meshgrid(np.linspace(-0.9, 0.9, 7), np.linspace(-0.9, 0.9, 5))
    return torch.tensor(np.stack([u, v], axis=-1))


@pytest.mark.parametrize("mirror_xi", [-0.4, 0.0, 0.6, 1.0, 1.4])
def test_projecting_undoes_unprojecting(mirror_xi: float) -> None:
    given = torch.tensor(mirror_xi, dtype=torch.float64)
    rays = unproject(points(), FOCAL, given)
    torch.testing.assert_close(rays.norm(dim=-1), torch.ones(5, 7, dtype=torch.float64))
    for length in (1.0, 7.5):
        seen, in_front = project(length * rays, FOCAL, given)
        torch.testing.assert_close(seen, points())
        assert in_front.all()


def test_zero_is_a_pinhole_and_one_the_stereographic_fisheye() -> None:
    angle = torch.linspace(0.1, 1.2, 6, dtype=torch.float64)
    rays = torch.stack([angle.sin(), torch.zeros(6, dtype=torch.float64), angle.cos()], dim=-1)
    pinhole, _ = project(3 * rays, FOCAL, torch.tensor(0.0))
    torch.testing.assert_close(pinhole[:, 0], 1.3 * angle.tan())
    fisheye, _ = project(3 * rays, FOCAL, torch.tensor(1.0))
    torch.testing.assert_close(fisheye[:, 0], 1.3 * (angle / 2).tan())


def test_a_pinhole_sees_nothing_behind_it() -> None:
    _, in_front = project(
        torch.tensor([[0.1, 0.0, -1.0], [0.1, 0.0, 1.0]]), FOCAL, torch.tensor(0.0)
    )
    assert in_front.tolist() == [False, True]


@pytest.mark.parametrize("mirror_xi", [0.0, 1.3])
def test_the_flow_of_rotations_composes_and_inverts_on_pixels(mirror_xi: float) -> None:
    """Looking up where a pixel was after one rotation, and from there after
    another, is the composed lookup.
    """
    given = torch.tensor(mirror_xi, dtype=torch.float64)
    first, second = (
        rotation_matrix(torch.tensor([v], dtype=torch.float64))[0]
        for v in ([0.05, 0.2, -0.1], [-0.1, 0.15, 0.05])
    )

    def look(rotation: torch.Tensor, at: torch.Tensor) -> torch.Tensor:
        return project(unproject(at, FOCAL, given) @ rotation.T, FOCAL, given)[0]

    inner = 0.4 * points()
    torch.testing.assert_close(look(first, look(second, inner)), look(first @ second, inner))
    torch.testing.assert_close(look(first.T, look(first, inner)), inner)


def fit_of_flow(free: bool) -> tuple[float, float]:
    """Error of a flow fitted to that of a wide-angle lens, and the bend that was found."""
    true, guess = CameraGeometry((1.5, 1.5), None), CameraGeometry((1.0, 1.0), None)
    motion = torch.zeros(16, 6)
    motion[:, 5] = torch.linspace(-0.5, 0.5, 16)
    with torch.no_grad():
        true.mirror_xi.fill_(0.9)
        target, inside = true(true.camera_motion(motion), 8, 16)
    optimiser = torch.optim.Adam([guess.log_focal, *([guess.mirror_xi] if free else [])], lr=0.03)
    for _ in range(150):
        where, _ = guess(guess.camera_motion(motion), 8, 16)
        loss = (inside[:, 0, :, :, None] * (where - target).pow(2)).mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    return loss.item(), guess.mirror_xi.item()


def test_the_bend_of_a_lens_is_found_from_where_pixels_were_seen() -> None:
    error, mirror_xi = fit_of_flow(free=True)
    assert error < 0.1 * fit_of_flow(free=False)[0]
    assert mirror_xi > 0.4
