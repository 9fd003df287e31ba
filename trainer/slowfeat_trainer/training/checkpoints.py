"""Checkpoints: whole or not there, everything that a resume needs, never unpickled."""

from __future__ import annotations

import dataclasses
import io
from pathlib import Path

import torch
from torch import nn

from slowfeat.errors import SlowfeatError
from slowfeat_trainer.config.train_config import TrainConfig
from slowfeat_trainer.device import distributed

LAST = "last"
# Older ones are removed.
KEPT = 2


class Checkpoints:
    """The checkpoints of a run: step_000100.pt and so on, and a link `last` to the newest."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def save(
        self, method: nn.Module, optimiser: torch.optim.Optimizer, config: TrainConfig, step: int
    ) -> None:
        """Write one and turn `last` to it, each in one step: a kill leaves the old one or the new."""
        if not distributed.is_first():
            return
        self._folder.mkdir(exist_ok=True)
        file = self._folder / f"step_{step:06d}.pt"
        beside = file.with_suffix(".tmp")
        state = {
            "step": step,
            "method": method.state_dict(),
            "optimiser": optimiser.state_dict(),
            "config": dataclasses.asdict(config),
        }
        # Through memory, for torch's own writer hides why it failed.
        written = io.BytesIO()
        torch.save(state, written)
        try:
            beside.write_bytes(written.getbuffer())
            beside.replace(file)
        except OSError:
            beside.unlink(missing_ok=True)
            raise
        link = self._folder / f"{LAST}.tmp"
        link.unlink(missing_ok=True)
        link.symlink_to(file.name)
        link.replace(self._folder / LAST)
        for old in sorted(self._folder.glob("step_*.pt"))[:-KEPT]:
            old.unlink()

    def load(
        self, method: nn.Module, optimiser: torch.optim.Optimizer, device: torch.device
    ) -> int:
        """Restore the state of the newest; returns the steps done, 0 where there is none.

        Raises:
            SlowfeatError: it cannot be read, or is of another method.
        """
        path = self._folder / LAST
        if not path.exists():
            return 0
        try:
            state = torch.load(path, map_location=device, weights_only=True)
            method.load_state_dict(state["method"])
            optimiser.load_state_dict(state["optimiser"])
            return int(state["step"])
        except Exception as error:
            reason = str(error).strip().splitlines()[0]
            raise SlowfeatError(
                f"{path} cannot be continued from ({reason}); train again with --overwrite"
            ) from error
