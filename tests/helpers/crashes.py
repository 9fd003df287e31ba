"""Disks that fill up, programs that are killed and power that is cut,
at points that can be chosen.
"""

from __future__ import annotations

import errno
import io
import json
import os
import signal
import sys
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import pytest

from slowfeat.cli import main
from slowfeat.files import PARTIAL

# What a program does to names and files that a crash may come between.
STEPS = ("fsync", "replace", "rename", "mkdir", "unlink", "rmdir", "symlink", "link")
# Left to themselves: TensorBoard writes its own file, and a lock holds nothing.
NOT_OURS = ("tensorboard", ".lock", "lock")


def state_of(place: int | Path) -> tuple[int, int, int]:
    """What tells a file, and whether it was written to since."""
    about = os.stat(place)  # noqa: PTH116 - descriptors, too
    return about.st_ino, about.st_size, about.st_mtime_ns


class Watch:
    """Counts the steps of a program, notes what it syncs, and does something at one of them.

    Args:
        at: number of the step, from 1; 0 for none.
        act: what is done before it.
        log: where the states of synced files are written, a line each.
    """

    def __init__(self, at: int = 0, act: Callable[[], None] | None = None) -> None:
        self.count = 0
        self.synced: set[tuple[int, int, int]] = set()
        self.log: Any = None
        self._at, self._act = at, act

    def install(self, patch: pytest.MonkeyPatch) -> None:
        """Stand between the program and the operating system."""
        for name in STEPS:
            patch.setattr(os, name, self._watched(name, getattr(os, name)))

    def _watched(self, name: str, step: Callable[..., Any]) -> Callable[..., Any]:
        def watched(*args: Any, **kwargs: Any) -> Any:
            self.count += 1
            if self.count == self._at and self._act is not None:
                self._act()
            result = step(*args, **kwargs)
            if name == "fsync":
                state = state_of(args[0])
                self.synced.add(state)
                if self.log is not None:
                    print(*state, file=self.log, flush=True)
            return result

        return watched


def files_of(folder: Path) -> list[Path]:
    """The files of ours below a folder."""
    return [
        file
        for file in sorted(folder.rglob("*"))
        if file.is_file()
        and not file.is_symlink()
        and not set(NOT_OURS) & set(file.relative_to(folder).parts)
    ]


def full_disk_at(patch: pytest.MonkeyPatch, at: int) -> Watch:
    """From the step of a number on, the disk is full: nothing more is written or named."""

    def full(*_: Any, **__: Any) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def fill() -> None:
        for name in ("fsync", "replace", "rename", "mkdir", "symlink", "link"):
            patch.setattr(os, name, full)
        full()

    watch = Watch(at, fill)
    watch.install(patch)
    return watch


def run_killed(words: list[str], at: int, number: signal.Signals, log: Path) -> int:
    """Run the program in a child that gets a signal before one of its
    steps; returns what waitpid says.
    """
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    code = 99
    try:
        sys.stdout = sys.stderr = Path(os.devnull).open("w")  # noqa: SIM115
        with pytest.MonkeyPatch.context() as patch:
            watch = Watch(at, lambda: os.kill(os.getpid(), number))
            watch.log = log.open("w")
            watch.install(patch)
            code = main(words)
    finally:
        os._exit(code)


def cut_power(folder: Path, log: Path, zeros: bool) -> list[Path]:
    """Take from every file what was not synced: cut it in half, or let it
    hold zeros; returns the files.
    """
    synced = {tuple(map(int, line.split())) for line in log.read_text().splitlines()}
    lost = [file for file in files_of(folder) if state_of(file) not in synced]
    for file in lost:
        size = file.stat().st_size
        file.write_bytes(bytes(size) if zeros else file.read_bytes()[: size // 2])
    return lost


def contents(folder: Path) -> dict[str, Any]:
    """What must be the same however often a command was stopped: no seconds, weights as numbers.

    What a killed command has left unfinished does not count.
    """
    import torch

    found: dict[str, Any] = {}
    for file in files_of(folder):
        name = str(file.relative_to(folder))
        if PARTIAL in name:
            continue
        if file.name == "log.jsonl":
            lines = [json.loads(line) for line in file.read_text().splitlines()]
            found[name] = [{k: v for k, v in line.items() if k[-2:] != "_s"} for line in lines]
        elif file.name == "journal.jsonl":
            # Seconds and stamps; what came of the trials stands in best.yaml.
            continue
        elif file.suffix == ".pt":
            state = torch.load(file, weights_only=True)
            found[name] = [(k, v.tolist()) for k, v in state["method"].items()]
        else:
            found[name] = file.read_bytes()
    return found


def run_again(words: list[str]) -> tuple[int, str]:
    """A command after it was stopped, and what it prints; the advice of a refusal is followed."""
    code, said = run_quietly(words)
    if code and "say --overwrite" in said:
        code, said = run_quietly([*words, "--overwrite"])
    return code, said


def run_quietly(words: list[str]) -> tuple[int, str]:
    """Exit code of a command, and what it says on stderr."""
    said = io.StringIO()
    with redirect_stderr(said), redirect_stdout(io.StringIO()):
        code = main(words)
    return code, said.getvalue()
