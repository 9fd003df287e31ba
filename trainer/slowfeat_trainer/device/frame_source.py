"""Frames on the device: all of them where they fit, else a batch at
a time through pinned memory.
"""

from __future__ import annotations

import torch
from torch import Tensor

from slowfeat_trainer.data.frames import FrameStack
from slowfeat_trainer.data.pairs import Index

# Share of the free memory of a GPU that frames may take; the rest is for the network.
RESIDENT_SHARE = 0.5


class FrameSource:
    """Gives the frames of some indices as a tensor on the device.

    Args:
        frames: (N, H, W, 3) uint8.
        device: where the tensors go.
        resident: whether all frames are kept on the device; None: where they fit.
    """

    def __init__(
        self, frames: FrameStack, device: torch.device, resident: bool | None = None
    ) -> None:
        self._frames, self._device = frames, device
        self._all: Tensor | None = None
        if device.type == "cuda" and resident is not False:
            size = torch.Size(frames.shape).numel()
            free, _ = torch.cuda.mem_get_info(device)
            if resident or size < RESIDENT_SHARE * free:
                self._all = torch.empty(frames.shape, dtype=torch.uint8, device=device)
                for start in range(0, len(frames), 4096):
                    block = torch.from_numpy(frames[start : start + 4096])
                    self._all[start : start + len(block)] = block.to(device)

    def get(self, index: Index, rows: Index | None = None) -> Tensor:
        """Frames (n, H, W, 3) uint8 of indices (n,), on the device.

        Args:
            index: of the frames.
            rows: those of the n that are looked at; the others are not read from disk, and are
                black. None: all.
        """
        if self._all is not None:
            return self._all[torch.from_numpy(index).to(self._device)]
        if rows is None or len(rows) == len(index):
            frames = torch.from_numpy(self._frames[index])
        else:
            frames = torch.zeros((len(index), *self._frames.shape[1:]), dtype=torch.uint8)
            frames[torch.from_numpy(rows)] = torch.from_numpy(self._frames[index[rows]])
        if self._device.type == "cuda":
            return frames.pin_memory().to(self._device, non_blocking=True)
        return frames
