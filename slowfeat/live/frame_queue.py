"""The slot between the executor's thread and the inference thread: the newest frames win."""

from __future__ import annotations

import threading
from collections import deque
from typing import Generic, TypeVar

T = TypeVar("T")


class FrameQueue(Generic[T]):
    """At most `length` frames that wait; a new one drives out the oldest, which is counted.

    Length 1 is the slot of a live camera: what is processed is always the newest frame.
    """

    def __init__(self, length: int = 1) -> None:
        self.length = length
        self.dropped = 0
        self._frames: deque[T] = deque()
        self._changed = threading.Condition()
        self._closed = False

    def put(self, frame: T) -> bool:
        """Add a frame; False when the oldest had to go for it."""
        with self._changed:
            has_room = len(self._frames) < self.length
            if not has_room:
                self._frames.popleft()
                self.dropped += 1
            self._frames.append(frame)
            self._changed.notify()
        return has_room

    def get(self) -> T | None:
        """The oldest frame that waits, as soon as there is one; None once the queue is closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or bool(self._frames))
            return None if self._closed else self._frames.popleft()

    def close(self) -> None:
        """Let `get` return None from now on."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
