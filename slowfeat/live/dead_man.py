"""The dead man's switch: a command must be renewed in time, or the robot is stopped.

In a thread of its own, so that it works where the executor hangs in a callback.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable


class DeadMan:
    """Calls `stop` when `feed` stopped coming while something was moving.

    Args:
        stop: commands zero; called in the switch's thread, again and again until it is fed.
        timeout_s: longest silence.
    """

    def __init__(self, stop: Callable[[], None], timeout_s: float) -> None:
        self.timeout_s = timeout_s
        self.released = 0
        self._stop = stop
        self._lock = threading.Lock()
        # When it was fed last while moving; None while nothing moves.
        self._fed_s: float | None = None
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def feed(self, moving: bool) -> None:
        """A command was given just now; whether it moves the robot."""
        with self._lock:
            self._fed_s = time.monotonic() if moving else None

    def _watch(self) -> None:
        while not self._ends.wait(self.timeout_s / 4):
            with self._lock:
                starved = (
                    self._fed_s is not None and time.monotonic() - self._fed_s > self.timeout_s
                )
            if starved:
                self.released += 1
                self._stop()

    def close(self) -> None:
        """End the thread."""
        self._ends.set()
        self._thread.join(timeout=1.0)
