"""What a training leaves of its course: JSON lines, and events for TensorBoard."""

from __future__ import annotations

import json
from pathlib import Path
from types import TracebackType
from typing import Any

from slowfeat.files import append_line, write_whole
from slowfeat_trainer.device import distributed

# Steps between two lines.
LOG_EVERY = 20


class TrainingLog:
    """Writes RUN/log.jsonl and, where tensorboard is installed, RUN/tensorboard.

    Lines of steps that a continued run does again are dropped first. Only the first process writes.
    """

    def __init__(self, run: Path, first_step: int) -> None:
        self._path = run / "log.jsonl"
        self._events: Any = None
        if distributed.is_first():
            self._forget_after(first_step)
            self._events = _events(run / "tensorboard", first_step)

    def _forget_after(self, step: int) -> None:
        if self._path.exists():
            text = self._path.read_text(encoding="utf-8", errors="replace")
            lines = text.splitlines(keepends=True)
            kept = [x for x in lines if x.endswith("\n") and 0 <= _step_of(x) <= step]
            if kept != lines:
                write_whole(self._path, "".join(kept))

    def write(self, step: int, values: dict[str, float]) -> None:
        """One line: loss terms, and the seconds that data and update took a step."""
        if not distributed.is_first():
            return
        line = {"step": step, **{name: round(value, 6) for name, value in values.items()}}
        append_line(self._path, json.dumps(line))
        if self._events is not None:
            for name, value in values.items():
                self._events.add_scalar(name, value, step)

    def __enter__(self) -> TrainingLog:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._events is not None:
            self._events.close()


def _step_of(line: str) -> int:
    """The step of a line; -1 where the line is damaged."""
    try:
        step = json.loads(line)["step"]
    except (ValueError, TypeError, KeyError, RecursionError):
        return -1
    return step if type(step) is int else -1


def _events(folder: Path, first_step: int) -> Any:
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError:
        return None
    return SummaryWriter(str(folder), purge_step=first_step or None)
