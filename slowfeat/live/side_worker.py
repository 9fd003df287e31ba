"""A thread beside the stream of images: answers requests one after another, and predicts for the
newest frames.

It runs at a lower priority than inference where the system has priorities a thread (Linux).
Requests and frames take turns, so that neither keeps the other from its turn. Knows no ROS.
"""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable

# More requests than this are not kept waiting, but refused at once.
MOST_WAITING = 16
# A job may take so long to end after the worker was closed, s.
LONGEST_JOB_S = 5.0
# How much nicer than the other threads of the process.
NICER = 5

Job = Callable[[], None]


class SideWorker:
    """Runs jobs in its thread; a job must not raise."""

    def __init__(self) -> None:
        # Frames whose job made room for that of a newer one before it began.
        self.dropped = 0
        # So many frames may wait.
        self.length = 1
        self._requests: deque[tuple[Job, Job]] = deque()
        self._frames: deque[Job] = deque()
        self._frame_is_next = False
        self._changed = threading.Condition()
        self._closed = False
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    def ask(self, job: Job, give_up: Job) -> bool:
        """Run `job` soon; False where too many wait, or the worker is closed.

        `give_up` is called instead where the worker is closed before the job began.
        """
        with self._changed:
            if self._closed or len(self._requests) >= MOST_WAITING:
                return False
            self._requests.append((job, give_up))
            self._changed.notify()
        return True

    def add_frame(self, job: Job) -> None:
        """Run `job` soon; the oldest frame that waits makes room for it."""
        with self._changed:
            if self._closed:
                return
            while len(self._frames) >= self.length:
                self._frames.popleft()
                self.dropped += 1
            self._frames.append(job)
            self._changed.notify()

    def _next(self) -> Job | None:
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._requests or self._frames)
            if self._closed:
                return None
            if self._frames and (self._frame_is_next or not self._requests):
                self._frame_is_next = False
                return self._frames.popleft()
            self._frame_is_next = True
            return self._requests.popleft()[0]

    def _work(self) -> None:
        be_nice()
        while (job := self._next()) is not None:
            job()
            # What a job holds (an encoder) is not to wait for the next one.
            del job

    def close(self) -> None:
        """End the thread once it has ended its job; what waits is given up."""
        with self._changed:
            self._closed = True
            waiting = list(self._requests)
            self._requests.clear()
            self._frames.clear()
            self._changed.notify()
        for _, give_up in waiting:
            give_up()
        if threading.current_thread() is not self._thread:
            # A thread that is at work in C++ when the process ends would abort it.
            self._thread.join(timeout=LONGEST_JOB_S)


def be_nice() -> None:
    """Lower the priority of the thread that calls, where that can be done."""
    try:
        thread = threading.get_native_id()
        os.setpriority(os.PRIO_PROCESS, thread, os.getpriority(os.PRIO_PROCESS, thread) + NICER)
    except (OSError, AttributeError):
        return
