"""Objects of five categories."""

from __future__ import annotations

import numpy as np
import pytest

from slowfeat.errors import UsageError
from slowfeat_papers.rendering.objects import CATEGORIES, make_object


def test_fifty_objects_are_fifty_and_always_the_same():
    every = [make_object(c, i) for c in CATEGORIES for i in range(10)]
    assert len({m.vertices.tobytes() for m in every}) == 50
    assert all(m.closed and m.volume > 0 for m in every)
    again = make_object("truck", 3)
    np.testing.assert_array_equal(again.vertices, every[33].vertices)


def test_no_object_is_its_own_mirror_image():
    for category in CATEGORIES:
        vertices = make_object(category, 0).vertices
        for axis in (0, 1):
            mirrored = vertices.copy()
            mirrored[:, axis] *= -1
            far = np.linalg.norm(vertices[:, None] - mirrored[None], axis=2).min(axis=1)
            assert far.max() > 0.05, (category, axis)


def test_an_unknown_object_is_refused():
    with pytest.raises(UsageError, match="there is no object 'boat'"):
        make_object("boat", 0)
