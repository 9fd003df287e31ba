"""Scenes: stretches of a recording that show one thing (G section 5:
2 to 40 frames between cuts).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from slowfeat_trainer.data.frames import FrameStack

Index = npt.NDArray[np.int64]

SHORTEST, LONGEST = 2, 40
# A change this many times the median change of the recording is a cut.
CUT = 6.0
# Side of the images that are compared, pixels.
SIDE = 16


def changes(frames: FrameStack) -> npt.NDArray[np.float64]:
    """l2 change (N - 1,) from each frame to the next, of images shrunk by picking pixels."""
    height, width = frames.shape[1:3]
    rows = np.linspace(0, height - 1, SIDE).astype(np.int64)
    columns = np.linspace(0, width - 1, SIDE).astype(np.int64)
    found = np.zeros(max(len(frames) - 1, 0))
    for start in range(0, len(frames) - 1, 1024):
        small = frames[start : start + 1025][:, rows][:, :, columns].astype(np.float64)
        found[start : start + 1024] = np.sqrt((np.diff(small, axis=0) ** 2).sum(axis=(1, 2, 3)))
    return found


def segment_scenes(frames: FrameStack, block: Index, longest: int = LONGEST) -> Index:
    """The scene (N,) of each frame; scenes of a frame alone get -1.

    A scene ends where the image changes suddenly, at the end of a block, and after
    `longest` frames: a robot's bag has few cuts, and then its scenes are clips of fixed length.

    Args:
        frames: (N, H, W, 3) in the order of time.
        block: (N,) stretches of time that belong together.
        longest: frames of a scene at most.
    """
    change = changes(frames)
    usual = float(np.median(change)) if len(change) else 0.0
    cut = np.concatenate([[True], (change > CUT * usual) | (np.diff(block) != 0)])
    starts = np.flatnonzero(cut)
    scene = np.full(len(frames), -1, dtype=np.int64)
    number = 0
    for start, stop in zip(starts, [*starts[1:], len(frames)], strict=True):
        for first in range(start, stop, longest):
            last = min(first + longest, stop)
            if last - first >= SHORTEST:
                scene[first:last] = number
                number += 1
    return scene
