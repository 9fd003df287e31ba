"""Checkpoints: whole or not there, everything that a resume needs, checked before it
is believed, never unpickled.
"""

from __future__ import annotations

import dataclasses
import io
import re
import zipfile
from pathlib import Path
from typing import Any

import torch
from torch import nn

from slowfeat.errors import SlowfeatError
from slowfeat.files import PARTIAL, link_whole, write_whole
from slowfeat.printable import printable
from slowfeat_trainer.config.train_config import TrainConfig
from slowfeat_trainer.console.terminal import say
from slowfeat_trainer.device import distributed

LAST = "last"
# Older ones are removed.
KEPT = 2
_NAME = re.compile(r"step_(\d+)\.pt")


class CheckpointError(SlowfeatError):
    """A checkpoint is damaged, or of something else."""


def checkpoints_in(folder: Path) -> list[Path]:
    """The checkpoints of a folder, the newest first: by their numbers, whatever `last` leads to.

    Where links were lost on the way here, `last` is a checkpoint of its own.
    """
    found = [(int(m[1]), file) for file in folder.glob("*") if (m := _NAME.fullmatch(file.name))]
    last = folder / LAST
    alone = [last] if last.is_file() and not last.is_symlink() else []
    return [file for _, file in sorted(found, reverse=True)] + alone


def read_state(file: Path, device: torch.device | str = "cpu") -> dict[str, Any]:
    """What a checkpoint holds: step, method, optimiser, config.

    Raises:
        CheckpointError: it is damaged: cut, or a bit of it has changed.
        OSError: this machine cannot read it.
    """
    data = file.read_bytes()
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            # Torch writes a checksum of each tensor and does not look at it when it reads.
            damaged = archive.testzip()
        if damaged is not None:
            raise ValueError(f"the checksum of {damaged} does not fit")
        state = torch.load(io.BytesIO(data), map_location=device, weights_only=True)
        step = state["step"]
        if type(step) is not int or step < 0 or not {"method", "optimiser"} <= set(state):
            raise ValueError("it holds something else")
    except (MemoryError, torch.OutOfMemoryError):
        raise
    except Exception as error:
        raise CheckpointError(f"{file} is damaged ({_reason(error)})") from error
    return dict(state)


def _reason(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return printable(lines[0])[:200] if lines else type(error).__name__


class Checkpoints:
    """The checkpoints of a run: step_000100.pt and so on, and a link `last` to the newest."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def save(
        self, method: nn.Module, optimiser: torch.optim.Optimizer, config: TrainConfig, step: int
    ) -> None:
        """Write one and turn `last` to it, each in one step: a kill
        leaves the old one or the new.
        """
        if not distributed.is_first():
            return
        self._folder.mkdir(exist_ok=True)
        file = self._folder / f"step_{step:06d}.pt"
        state = {
            "step": step,
            "method": method.state_dict(),
            "optimiser": optimiser.state_dict(),
            "config": dataclasses.asdict(config),
        }
        written = io.BytesIO()
        torch.save(state, written)
        write_whole(file, written.getbuffer())
        link_whole(self._folder / LAST, file.name)
        for old in checkpoints_in(self._folder)[KEPT:]:
            old.unlink()
        for left in self._folder.glob(f".*{PARTIAL}"):  # of a killed training
            left.unlink()

    def load(
        self, method: nn.Module, optimiser: torch.optim.Optimizer, device: torch.device
    ) -> int:
        """Restore the state of the newest that is whole; returns the steps done, 0 where there is
        none.

        Raises:
            CheckpointError: there are some, and none can be continued from.
        """
        files = checkpoints_in(self._folder)
        last = self._folder / LAST
        if last.is_symlink() and not last.exists():
            gone = last.readlink()
            instead = f"going on from {files[0].name}" if files else "starting at step 0"
            say(f"warning: {last} leads to {gone}, which is gone; {instead}")
        reasons = []
        for file in files:
            try:
                state = read_state(file, device)
                method.load_state_dict(state["method"])
                optimiser.load_state_dict(state["optimiser"])
            except CheckpointError as error:
                reasons.append(str(error))
            except (RuntimeError, ValueError, KeyError, TypeError) as error:
                if isinstance(error, torch.OutOfMemoryError):
                    raise
                reasons.append(f"{file} is of another network ({_reason(error)})")
            else:
                for reason in reasons:
                    say(f"warning: {reason}; going on from {file.name}")
                return int(state["step"])
        if reasons:
            raise CheckpointError(
                f"{reasons[0]}, so the training cannot be continued; train again with --overwrite"
            )
        return 0
