"""Arrows of what the robot could do: their colours, places and the one that is chosen."""

from __future__ import annotations

import numpy as np
import pytest
from std_msgs.msg import Header

from slowfeat.nodes.view_selector.candidate_markers import LENGTH_M, colour, marker_array, shares


def test_scores_are_stretched_from_worst_to_best() -> None:
    assert shares(np.array([2.0, 4.0, 3.0])).tolist() == [0.0, 1.0, 0.5]
    assert shares(np.array([7.0, 7.0])).tolist() == [0.5, 0.5]
    assert shares(np.array([-np.inf, 1.0, 3.0, np.inf])).tolist() == [0.0, 0.0, 1.0, 1.0]
    assert shares(np.array([np.nan, np.nan])).tolist() == [0.5, 0.5]


def test_colours_go_from_red_over_yellow_to_green_and_pale_outside() -> None:
    worst, middle, best = (colour(share, False) for share in (0.0, 0.5, 1.0))
    assert (worst.r, worst.g) == (1.0, 0.0)
    assert (middle.r, middle.g) == (1.0, 1.0)
    assert (best.r, best.g) == (0.0, 1.0)
    assert colour(1.0, True).a < best.a


def test_an_arrow_a_motion_the_chosen_one_thick_and_turns_on_a_circle() -> None:
    pytest.importorskip("visualization_msgs")
    motions = np.zeros((3, 6))
    motions[0, 0], motions[1, 5] = 0.5, np.pi / 2
    header = Header(frame_id="base_link")
    outside = np.array([False, False, True])
    made = marker_array(header, motions, np.array([1.0, 3.0, 2.0]), outside, chosen=1).markers
    assert made[0].action == made[0].DELETEALL
    assert [marker.id for marker in made[1:]] == [0, 1, 2]
    ahead, turn, stay = made[1:]
    assert turn.scale.y > ahead.scale.y == stay.scale.y
    assert (ahead.pose.position.x, ahead.pose.position.y) == (0.5, 0.0)
    # A turn to the left on the spot is an arrow on the left that points to the left.
    assert turn.pose.position.x == pytest.approx(0, abs=1e-9)
    assert turn.pose.position.y == pytest.approx(LENGTH_M / 2)
    assert turn.pose.orientation.z == pytest.approx(np.sqrt(0.5))
    assert (turn.color.g, stay.color.a < turn.color.a) == (1.0, True)
