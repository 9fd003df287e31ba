"""The committed bag is small, complete, and what its recipe makes."""

import re
import shlex
from pathlib import Path

import numpy as np
import pytest
from rosbags.highlevel import AnyReader

BAGS = Path(__file__).parents[2] / "bags"
TOUR = BAGS / "sim_tour"


def odometry(path):
    with AnyReader([path]) as reader:
        chosen = [c for c in reader.connections if c.topic == "/odom"]
        messages = [reader.deserialize(raw, c.msgtype) for c, _, raw in reader.messages(chosen)]
    places = [(m.pose.pose.position, m.pose.pose.orientation, m.twist.twist) for m in messages]
    return np.array([(p.x, p.y, p.z, q.z, q.w, t.linear.x, t.angular.z) for p, q, t in places])


def test_all_bags_together_are_small():
    assert sum(file.stat().st_size for file in BAGS.rglob("*") if file.is_file()) <= 3_000_000


def test_the_tour_drives_and_turns_both_ways():
    rows = odometry(TOUR)
    assert len(rows) == 5001
    speed, turn = rows[:, 5], rows[:, 6]
    assert np.median(speed) > 0.5
    assert (turn > 0.3).mean() > 0.15
    assert (turn < -0.3).mean() > 0.15


def test_the_recipe_makes_the_tour(tmp_path):
    pytest.importorskip("vizdoom", reason="the simulator needs slowfeat[sim]")
    from slowfeat import cli

    script = (BAGS / "make_sim_tour.sh").read_text()
    command = re.search(r"exec slowfeat (simulate .*?) \"\$@\"", script, re.DOTALL)
    assert command is not None
    words = shlex.split(command[1].replace("\\\n", " "))
    # The start is enough: the drive does not know how long it will be.
    words += ["--out", str(tmp_path / "tour"), "--seconds", "5"]
    assert cli.main(words) == 0
    again = odometry(tmp_path / "tour")
    np.testing.assert_allclose(again, odometry(TOUR)[: len(again)], atol=1e-9)
