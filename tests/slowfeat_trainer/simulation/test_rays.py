"""Rays end at the first wall, and a body meets what a ray passes."""

from __future__ import annotations

import numpy as np

from slowfeat_trainer.simulation.rays import cast, cast_body

# A room from (0, 0) to (4, 3), m.
CORNERS = np.array([[0, 0], [4, 0], [4, 3], [0, 3]], np.float64)
ROOM = np.stack([CORNERS, np.roll(CORNERS, -1, axis=0)], axis=1)


def test_rays_end_at_the_first_wall():
    origins = np.tile([1.0, 1.0], (4, 1))
    headings = np.array([0, np.pi / 2, np.pi, -np.pi / 2])
    np.testing.assert_allclose(cast(ROOM, origins, headings, 10.0), [3, 2, 1, 1])


def test_rays_that_meet_nothing_have_the_longest_length():
    assert cast(ROOM, np.array([[9.0, 9.0]]), np.zeros(1), 10.0) == 10.0
    assert cast(ROOM[:0], np.zeros((1, 2)), np.zeros(1), 10.0) == 10.0


def test_a_body_meets_what_a_ray_passes():
    post = np.array([[[2.0, 1.2], [2.0, 1.4]]])
    position, ahead = np.array([1.0, 1.0]), np.zeros(1)
    assert cast(post, position[None], ahead, 10.0) == 10.0
    assert cast_body(post, position, ahead, 0.3, 10.0) == 1.0
