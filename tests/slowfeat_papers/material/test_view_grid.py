import numpy as np
import pytest

from slowfeat_papers.material import view_grid as grid_of_views
from slowfeat_papers.material.view_grid import (
    AZIMUTHS,
    ELEVATIONS,
    FIRST,
    every_view,
    make_grid,
    walk,
    walks,
)
from slowfeat_trainer.data.motion_patterns import discover_patterns


@pytest.fixture(scope="module")
def grid(tmp_path_factory):
    return make_grid(tmp_path_factory.mktemp("common"), 32, instances=3, lights=2)


def test_a_walk_goes_by_single_steps_and_never_turns_back():
    path = walk(np.random.default_rng(0), 500, 0.5)
    steps = np.diff(path, axis=0)
    assert set(map(tuple, steps)) == {(0, 1), (0, -1), (1, 0), (-1, 0)}
    assert not np.any((steps[1:] == -steps[:-1]).all(axis=1))
    assert path[:, 0].min() == 0
    assert path[:, 0].max() == len(ELEVATIONS) - 1


def test_azimuth_is_unrolled_and_wraps():
    path = walk(np.random.default_rng(3), 500, 0.95)
    assert np.ptp(path[:, 1]) > len(AZIMUTHS)


def test_motions_of_a_part_are_the_steps_and_patterns_find_all_four(grid):
    part = walks(grid, grid.known, 60, 0.5, 0)
    pairs = part.pairs_at_gap(0.5)
    assert len(pairs) == len(grid.known) * 2 * 59
    assert np.all(np.abs(pairs.motions[:, :2]).sum(axis=1) == 1)
    assert not pairs.motions[:, 2:].any()
    found = discover_patterns(pairs.motions, 4, 0.0).centroids[:, :2]
    assert {tuple(np.round(c).astype(int)) for c in found} == {(0, 1), (0, -1), (1, 0), (-1, 0)}


def test_a_frame_is_what_its_pose_says(grid):
    part = walks(grid, grid.known, 40, 0.5, 0)
    first = slice(0, 40)
    e, a = part.poses[first, :2, 3].astype(int).T
    expected = grid.views[grid.known[0], 0, e, a % len(AZIMUTHS)]
    np.testing.assert_array_equal(part.frames[first][..., 0], expected)
    # The next block is the same object in another light.
    e, a = part.poses[40:80, :2, 3].astype(int).T
    expected = grid.views[grid.known[0], 1, e, a % len(AZIMUTHS)]
    np.testing.assert_array_equal(part.frames[40:80][..., 0], expected)


def test_two_steps_that_close_a_round_come_to_the_same_view(grid):
    one = grid.frames(np.array([0]), np.array([0]), np.array([4]), np.array([-1]))[[0]]
    other = grid.frames(np.array([0]), np.array([0]), np.array([4]), np.array([17]))[[0]]
    np.testing.assert_array_equal(one, other)


def test_thirds_of_the_objects_are_disjoint_and_of_all_categories(grid):
    thirds = [grid.known, grid.labelled, grid.unseen]
    assert np.array_equal(np.sort(np.concatenate(thirds)), np.arange(15))
    assert all(set(grid.category[t]) == set(range(5)) for t in thirds)


def test_what_is_reported_is_not_what_settings_were_chosen_on():
    assert not set(range(5, 15)) & {first + k for first in FIRST for k in range(5)}


def test_views_are_all_there_once(grid):
    views = every_view(grid, grid.unseen)
    assert len(views.frames) == 5 * 2 * len(ELEVATIONS) * len(AZIMUTHS)
    assert len(
        {*zip(views.of_object, views.light, views.elevation, views.azimuth, strict=True)}
    ) == len(views.frames)


def test_it_is_rendered_once(grid, tmp_path, monkeypatch):
    monkeypatch.setattr(grid_of_views, "ELEVATIONS", (30, 70))
    monkeypatch.setattr(grid_of_views, "AZIMUTHS", (0, 180))
    first = make_grid(tmp_path, 16, instances=3, lights=1)
    monkeypatch.setattr(grid_of_views, "make_object", None)
    again = make_grid(tmp_path, 16, instances=3, lights=1)
    np.testing.assert_array_equal(first.views, again.views)
