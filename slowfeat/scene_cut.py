"""A view that changes at once as no motion can: the robot was carried away, or another camera is on
the topic.

The slow code of a view has one length and turns slowly while a robot drives. At a cut the codes
before and after lie far apart, and those on either side close together. The score of a cut between
two frames is

    least distance across it / length of the codes
        * min(that distance / the greater one beside it, 5)

over the two frames on either side, so that one bad frame is no cut. Knows no ROS.
"""

from __future__ import annotations

from collections import deque

import numpy as np
import numpy.typing as npt

from slowfeat.odometry import NS

# Frames further apart than this may differ by what the robot did between them, s.
MAX_GAP_S = 0.2
# Two frames before and two after.
FRAMES = 4
MOST_TIMES = 5.0


class SceneCut:
    """Takes the slow codes of one frame after another."""

    def __init__(self) -> None:
        self._recent: deque[tuple[int, npt.NDArray[np.float32]]] = deque(maxlen=FRAMES)

    def clear(self) -> None:
        """Forget the frames (another bundle, time was set back)."""
        self._recent.clear()

    def add(self, stamp_ns: int, code: npt.NDArray[np.float32]) -> float:
        """The score of a cut before the last frame but one; 0 while too few frames are known.

        Args:
            stamp_ns: of the frame.
            code: (S,) its slow code.
        """
        if self._recent and not 0 < stamp_ns - self._recent[-1][0] <= MAX_GAP_S * NS:
            self._recent.clear()
        self._recent.append((stamp_ns, code))
        if len(self._recent) < FRAMES:
            return 0.0
        return cut_score([item[1] for item in self._recent])


def cut_score(codes: list[npt.NDArray[np.float32]]) -> float:
    """The score of a cut in the middle of four successive codes (S,)."""
    before, after = codes[:2], codes[2:]
    length = float(np.linalg.norm(codes[0]))
    if length <= 0.0:
        return 0.0
    across = min(float(np.linalg.norm(a - b)) for a in after for b in before)
    beside = max(float(np.linalg.norm(pair[1] - pair[0])) for pair in (before, after))
    if beside <= 0.0:
        return 0.0  # images that repeat each other: no camera
    return across / length * min(across / beside, MOST_TIMES)
