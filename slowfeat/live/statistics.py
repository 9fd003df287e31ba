"""What the node counts about its inputs, and what it says of them on /diagnostics. Knows no ROS."""

from __future__ import annotations

import itertools
import statistics
import threading
import time
from collections import deque
from dataclasses import dataclass

# Fast DDS hands frames up to this size through shared memory in one piece; larger ones get lost.
SHM_SEGMENT_BYTES = 512 * 1024
# Of smaller frames, which hardly get lost, more are needed to say so; and so many gaps must be
# multiples of one period.
MIN_SMALL = 30
REGULAR = 0.8


@dataclass
class Counters:
    """Counted since activation."""

    frames: int = 0
    embedded: int = 0
    dropped: int = 0
    malformed_images: int = 0
    failed_frames: int = 0
    odometry: int = 0
    malformed_odometry: int = 0
    malformed_motions: int = 0
    future_stamps: int = 0
    time_jumps: int = 0


class Statistics:
    """Counters, and what happened in the last `window_s` seconds. Two threads write to it."""

    def __init__(self, window_s: float = 10.0) -> None:
        self.window_s = window_s
        self.counters = Counters()
        # Why the last image could not be used.
        self.last_image_problem = ""
        self._lock = threading.Lock()
        self._started = time.monotonic()
        # (arrival s, stamp ns, bytes) and (arrival s, processing ms)
        self._arrivals: deque[tuple[float, int, int]] = deque()
        self._processing: deque[tuple[float, float]] = deque()
        self._drops: deque[tuple[float, float]] = deque()

    def frame_arrived(self, stamp_ns: int, size: int) -> None:
        """A frame of `size` bytes came in."""
        with self._lock:
            self.counters.frames += 1
            self._arrivals.append((time.monotonic(), stamp_ns, size))

    def frame_done(self, milliseconds: float) -> None:
        """A frame's embedding went out, after so much work."""
        with self._lock:
            self.counters.embedded += 1
            self._processing.append((time.monotonic(), milliseconds))

    def _forget_old(self) -> float:
        """Drop what left the window; returns the window's length so far, s."""
        now = time.monotonic()
        for events in (self._arrivals, self._processing, self._drops):
            while events and events[0][0] < now - self.window_s:
                events.popleft()
        return min(self.window_s, max(now - self._started, 1e-3))

    def summary(self) -> dict[str, object]:
        """Names (those of diagnostic_updater where it has one) and values."""
        with self._lock:
            window = self._forget_old()
            processing = sorted(item[1] for item in self._processing)
            values: dict[str, object] = {
                "Events in window": len(self._arrivals),
                "Events since startup": self.counters.frames,
                "Duration of window (s)": f"{window:.3f}",
                "Actual frequency (Hz)": f"{len(self._arrivals) / window:.3f}",
                "Embeddings published": self.counters.embedded,
                "Frames dropped": self.counters.dropped,
                "Malformed images": self.counters.malformed_images,
                "Failed frames": self.counters.failed_frames,
                "Odometry messages": self.counters.odometry,
                "Malformed odometry": self.counters.malformed_odometry,
                "Malformed motions": self.counters.malformed_motions,
                "Stamps from the future": self.counters.future_stamps,
                "Times that time ran backwards": self.counters.time_jumps,
            }
            if processing:
                values["Processing time p50 (ms)"] = f"{statistics.median(processing):.2f}"
                values["Processing time max (ms)"] = f"{processing[-1]:.2f}"
        return values

    def seconds_without_frame(self) -> float:
        """Time since the last frame came in, or since the start, s."""
        with self._lock:
            last = self._arrivals[-1][0] if self._arrivals else self._started
        return time.monotonic() - last

    def frame_dropped(self) -> None:
        """A frame was not worked on, because another was."""
        with self._lock:
            self.counters.dropped += 1
            self._drops.append((time.monotonic(), 0.0))

    def share_dropped(self) -> float:
        """Share of the frames of the window that were dropped; 0..1."""
        with self._lock:
            self._forget_old()
            return len(self._drops) / max(len(self._arrivals), 1)

    def frames_are_large(self) -> bool:
        """Whether the frames do not fit Fast DDS's default shared-memory segment."""
        with self._lock:
            sizes = [item[2] for item in self._arrivals]
        return bool(sizes) and statistics.median(sizes) >= SHM_SEGMENT_BYTES

    def share_lost(self) -> float:
        """Share of frames that got lost on their way, from the gaps between stamps; 0..1.

        Zero where nothing can be told: few frames, or gaps that are no multiples of one period.
        """
        large = self.frames_are_large()
        with self._lock:
            self._forget_old()
            stamps = [item[1] for item in self._arrivals]
        gaps = sorted(b - a for a, b in itertools.pairwise(stamps) if b > a)
        if len(gaps) < (4 if large else MIN_SMALL):
            return 0.0
        return _missing(gaps)


def _missing(gaps: list[int]) -> float:
    """Share of missing frames from sorted gaps, ns; stamps that jitter are no loss."""

    def quantile(share: float) -> int:
        return gaps[min(int(share * len(gaps)), len(gaps) - 1)]

    # Without loss the gaps lie around the period. Where most frames are lost, those that were not
    # form a narrow group far below the median.
    period = quantile(0.5)
    if quantile(0.1) < 0.6 * period and quantile(0.2) < 1.15 * quantile(0.05):
        period = quantile(0.1)
    multiples = sum(abs(gap / period - round(gap / period)) < 0.25 for gap in gaps)
    if multiples < REGULAR * len(gaps):
        return 0.0
    return max(0.0, 1.0 - len(gaps) * period / sum(gaps))
