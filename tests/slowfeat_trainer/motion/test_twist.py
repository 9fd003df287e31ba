"""Velocities and commands as a source of motion."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from rosbags.rosbag2 import Writer

from tests.helpers import motion_bags
from tests.helpers.bag_factory import BagRecipe, T, header
from tests.helpers.driven_tracks import track_of
from tests.helpers.motion_bags import make_motion_bag, write


@pytest.mark.parametrize("name", ["twist", "twist-stamped", "ackermann", "ackermann-stamped"])
def test_commands_are_said_to_be_commands(tmp_path: Path, name: str) -> None:
    _, _, warnings = track_of(make_motion_bag(tmp_path / "bag", name))
    assert any("commands, not what was measured" in text for text in warnings)
    without_stamp = [text for text in warnings if "carry no stamp" in text]
    assert len(without_stamp) == (0 if name.endswith("stamped") else 1)


def test_measured_velocities_are_not_called_commands(tmp_path: Path) -> None:
    _, _, warnings = track_of(make_motion_bag(tmp_path / "bag", "twist-with-covariance"))
    assert warnings == ["twist: the motion is integrated from the velocities of /velocity"]


def test_wild_and_broken_twists_are_counted(tmp_path: Path) -> None:
    kind = "geometry_msgs/msg/TwistStamped"

    def fill(writer: Writer, r: BagRecipe) -> None:
        rows = []
        for k, t in enumerate(motion_bags.times(r)):
            twist = motion_bags.twist_message(r, t)
            if k in (10, 11):
                twist.linear.x = [np.nan, 1e300][k - 10]
            stamp = motion_bags.stamp_of(r, t)
            rows.append((stamp, T[kind](header=header(stamp, "odom"), twist=twist)))
        write(writer, "/cmd_vel", kind, rows)

    track, dropped, warnings = track_of(make_motion_bag(tmp_path / "bag", fill))
    assert dropped == {"twist: twist not finite": 1, "twist: twist faster than any robot": 1}
    assert np.isfinite(track.positions).all()
    assert track.frame == "base_link"
    assert any("taken as the body's own" in text for text in warnings)
