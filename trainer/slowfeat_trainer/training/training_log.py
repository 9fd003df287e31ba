"""What a training leaves of its course: JSON lines, and events for TensorBoard."""

from __future__ import annotations

import json
from pathlib import Path
from types import TracebackType
from typing import Any

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
            lines = self._path.read_text(encoding="utf-8").splitlines(keepends=True)
            kept = [x for x in lines if x.endswith("\n") and json.loads(x)["step"] <= step]
            self._path.write_text("".join(kept), encoding="utf-8")

    def write(self, step: int, values: dict[str, float]) -> None:
        """One line: loss terms, and the seconds that data and update took a step."""
        if not distributed.is_first():
            return
        line = {"step": step, **{name: round(value, 6) for name, value in values.items()}}
        with self._path.open("a", encoding="utf-8") as log:
            log.write(json.dumps(line) + "\n")
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


def _events(folder: Path, first_step: int) -> Any:
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError:
        return None
    return SummaryWriter(str(folder), purge_step=first_step or None)
