"""The demo's child processes: each writes a log, and all of them end
with the demo, however it ends.
"""

from __future__ import annotations

import ctypes
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from slowfeat.errors import SlowfeatError

# How long a child may take to end when asked to, s.
GRACE_S = 5.0
TAIL_LINES = 3
PR_SET_PDEATHSIG = 1


class Child:
    """One child process; what it prints goes to a log."""

    def __init__(self, name: str, command: Sequence[str], log: Path) -> None:
        self.name = name
        self.log = log
        with log.open("w", encoding="utf-8") as stream:
            # A session of its own: a Ctrl-C in the terminal reaches the demo alone, which ends the
            # rest.
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_end_with_parent(),
            )

    @property
    def ended(self) -> bool:
        """Whether the process is over."""
        return self.process.poll() is not None

    def check(self, may_end: bool = False) -> None:
        """Raise SlowfeatError when the process has failed, or has ended although it should not."""
        code = self.process.poll()
        if code is None or (may_end and code == 0):
            return
        raise SlowfeatError(
            f"{self.name} ended (exit code {code}): {self.tail()}; its log is {self.log}"
        )

    def tail(self) -> str:
        """The last lines of the log, in one."""
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        said = [line.strip() for line in lines if line.strip()]
        return " | ".join(said[-TAIL_LINES:]) or "it said nothing"

    def stop(self) -> None:
        """End the process: ask, wait, then force."""
        if self.ended:
            return
        self.process.terminate()
        try:
            self.process.wait(GRACE_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Children:
    """Starts processes, and stops all of them when the `with` block
    is left, whatever the reason.
    """

    def __init__(self, logs: Path) -> None:
        self.logs = logs
        self._started: list[Child] = []

    def start(self, name: str, command: Sequence[str]) -> Child:
        """Start a process whose log is `<name>.log`."""
        self.logs.mkdir(parents=True, exist_ok=True)
        child = Child(name, command, self.logs / f"{name}.log")
        self._started.append(child)
        return child

    def __enter__(self) -> Children:
        return self

    def __exit__(self, *_: object) -> None:
        for child in reversed(self._started):
            child.stop()


def wait_until(
    done: Callable[[], bool], step: Callable[[], None], timeout_s: float, what: str
) -> None:
    """Call `step` until `done`.

    Raises:
        SlowfeatError: it took longer than `timeout_s`; `what` says what was waited for.
    """
    deadline = time.monotonic() + timeout_s
    while not done():
        if time.monotonic() > deadline:
            raise SlowfeatError(f"waited {timeout_s:.0f} s for {what}, in vain")
        step()


@contextmanager
def sigterm_as_interrupt() -> Iterator[None]:
    """Within the block SIGTERM raises KeyboardInterrupt, so that children end as after Ctrl-C."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _end_with_parent() -> Callable[[], None] | None:
    """What lets Linux end the child even where the demo is killed outright (SIGKILL)."""
    if not sys.platform.startswith("linux"):
        return None
    libc = ctypes.CDLL(None)

    def ask() -> None:
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)

    return ask
