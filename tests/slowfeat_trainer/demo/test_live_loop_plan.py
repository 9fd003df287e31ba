"""The plan of a closed loop, seen from above."""

from __future__ import annotations

import re

import numpy as np

STEP_NS = 100_000_000


def made_drive():
    from slowfeat_interfaces.msg import ViewChoice, ViewMove

    from slowfeat.nodes.messages import float32_array, transforms_from_motions
    from slowfeat_trainer.demo.live_loop import Drive

    motions = np.array([[0.5, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0.5]])
    drive = Drive("MAP<1>", "novelty", seconds=12.0)
    for i in range(50):
        drive.path.append((i * STEP_NS, 0.1 * i, 0.0, 0.0))
        drive.pictures.append((i * STEP_NS, np.full((12, 16, 3), i, np.uint8)))
    for i in (5, 25):
        choice = ViewChoice(
            motions=transforms_from_motions(motions), score=float32_array([1, np.inf]), chosen=1
        )
        move = ViewMove(outcome=ViewMove.BLOCKED)
        move.asked, move.made = transforms_from_motions(motions)
        choice.header.stamp.nanosec = i * STEP_NS % 10**9
        choice.header.stamp.sec = i * STEP_NS // 10**9
        move.header.stamp.sec = choice.header.stamp.sec + 1
        drive.choices.append(choice)
        drive.moves.append(move)
    return drive


def test_the_plan_shows_the_walls_of_its_map_and_fits_its_path():
    from slowfeat_trainer.demo.live_loop_plan import plan

    drive = made_drive()
    unknown = plan(drive, np.zeros(0, np.int64), 0.25)
    assert 'class="wall"' not in unknown
    assert "animate" not in unknown
    drive.map_name = "MAP01"
    known = plan(drive, np.array([0, 10**9]), 0.25)
    assert 'class="wall"' in known
    assert "animate" in known
    width, height = map(float, re.search(r'viewBox="0 0 (\d+) (\d+)"', known).groups())
    assert 0.4 < height / width < 0.7  # of a path along x
    ends = [float(v) for v in re.findall(r'<circle class="after" c[xy]="([\d.-]+)"', known)]
    assert all(0 <= v <= width for v in ends)
