"""A closed loop that was made by hand."""

from __future__ import annotations

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
