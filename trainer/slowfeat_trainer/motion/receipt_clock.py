"""Clocks of camera and odometry that are far apart, by the times at which the recorder received
both.
"""

from __future__ import annotations

import numpy as np

from slowfeat.odometry import NS, Stamps
from slowfeat_trainer.motion.track import Track

# Delays of messages differ by less than this, s.
APART_S = 5.0


def receipt_offset(header_ns: Stamps, receive_ns: Stamps, track: Track) -> float:
    """Seconds to add to a track's stamps so that both were received at the same times; 0 where they
    nearly were.

    Args:
        header_ns: (N,) stamps of the images.
        receive_ns: (N,) when they were received.
        track: the motion.
    """
    stamped = header_ns > 0
    if not stamped.any() or not len(track):
        return 0.0
    delay_s = float(np.median(receive_ns[stamped] - header_ns[stamped])) / NS
    offset_s = (track.delay_s or 0.0) - delay_s
    return offset_s if abs(offset_s) > APART_S else 0.0
