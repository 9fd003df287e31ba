"""Every source of motion tells the motions that were driven."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from slowfeat.geometry import body_pose, relative_motion
from slowfeat_trainer.motion.track import Track
from tests.helpers.bag_factory import NS, START_S, BagRecipe
from tests.helpers.bag_formats import FORMATS
from tests.helpers.driven_tracks import track_of
from tests.helpers.motion_bags import MOTIONS, make_motion_bag, truth


def motions_of(track: Track, at: np.ndarray) -> np.ndarray:
    """Motions of the body between the stamps of times (N,), all of which the track must know."""
    poses, known = track.poses_at((START_S * NS + np.round(at * NS)).astype(np.int64), 0.5)
    assert known.all()
    poses = body_pose(poses, track.frame)
    return np.asarray(relative_motion(poses[:-1], poses[1:]))


@pytest.mark.parametrize("name", MOTIONS)
def test_the_motions_are_those_that_were_driven(tmp_path: Path, name: str) -> None:
    track, dropped, _ = track_of(make_motion_bag(tmp_path / "bag", name))
    at = np.arange(0, 11.5, 0.43)
    expected = truth(name, at)
    expected = relative_motion(expected[:-1], expected[1:])
    np.testing.assert_allclose(motions_of(track, at), expected, atol=2e-3)
    assert track.frame == "base_link"
    assert not len(track.jumps)
    # The chain's rates differ, so its ends lack a partner.
    assert set(dropped) <= {"tf: other transforms of the chain missing around it"}
    assert sum(dropped.values()) <= 4


@pytest.mark.parametrize("name", MOTIONS)
@pytest.mark.parametrize("format_name", ["ros1", "db3"])
def test_other_kinds_of_bag_tell_the_same(tmp_path: Path, name: str, format_name: str) -> None:
    made = make_motion_bag(tmp_path / "made", name, recipe=BagRecipe(frames=20))
    track, _, _ = track_of(made)
    other, _, _ = track_of(FORMATS[format_name](made, tmp_path / "other"))
    np.testing.assert_array_equal(other.stamps, track.stamps)
    np.testing.assert_array_equal(other.positions, track.positions)
    np.testing.assert_array_equal(other.quaternions, track.quaternions)
    assert (other.frame, other.fixed_frame) == (track.frame, track.fixed_frame)
