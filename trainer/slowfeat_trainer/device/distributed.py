"""Training in several processes (torchrun): each embeds its share of a batch, all see the whole of
it.

Objectives that compare the frames of a batch with each other (contrasts, variances) cannot be split
by rows. So it is the encoder's work that is shared: every process embeds some rows, the embeddings
are gathered with their gradients, and every process computes the same objective of the whole batch.
The result is that of one process with the same batch. Of the dataset a process reads the frames of
its own rows.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar, cast

import numpy as np
import numpy.typing as npt
import torch
import torch.distributed as dist
from torch import Tensor, nn

T = TypeVar("T")


def rank() -> int:
    """Number of this process; 0 where it is alone."""
    return dist.get_rank() if dist.is_initialized() else 0


def is_first() -> bool:
    """Whether this process is the one that writes files and speaks."""
    return rank() == 0


def world_size() -> int:
    """Number of processes; 1 where this one is alone."""
    return dist.get_world_size() if dist.is_initialized() else 1


def share(count: int) -> npt.NDArray[np.int64]:
    """Rows (S,) of `count` that this process embeds: equally many
    everywhere, so the last ones may repeat.
    """
    size = -(-count // world_size())
    return np.minimum(np.arange(rank() * size, (rank() + 1) * size), count - 1)


@contextmanager
def process_group() -> Iterator[None]:
    """Join the processes that torchrun started, if it did: gloo on CPUs, nccl on GPUs."""
    if int(os.environ.get("WORLD_SIZE", "1")) < 2 or dist.is_initialized():
        yield
        return
    if torch.cuda.is_available():
        torch.cuda.set_device(int(os.environ.get("LOCAL_RANK", "0")))
    dist.init_process_group("nccl" if torch.cuda.is_available() else "gloo")
    try:
        yield
    finally:
        dist.destroy_process_group()


def on_first(work: Callable[[], T]) -> T:
    """Let the first process do something while the others wait; all get its result.

    An error in the first ends it, and torchrun then ends the others.
    """
    result: list[Any] = [work()] if is_first() else [None]
    if dist.is_initialized():
        dist.broadcast_object_list(result)
    return cast(T, result[0])


def encode_shared(encoder: nn.Module, pictures: Tensor) -> Tensor:
    """Embeddings (N, ...) of images (N, ...), each process embedding its share."""
    if not dist.is_initialized():
        return cast(Tensor, encoder(pictures))
    mine = encoder(pictures[torch.from_numpy(share(len(pictures))).to(pictures.device)])
    gathered = torch.distributed.nn.functional.all_gather(mine)  # type: ignore[attr-defined]
    return torch.cat(gathered)[: len(pictures)]


def average_gradients(parameters: Iterable[nn.Parameter]) -> None:
    """Average the gradients over all processes, in one message.

    Each process has the gradient of the whole objective, `world` times for what went through its
    share of the encoder and not at all for the rest, so the average is the gradient of one process.
    """
    if not dist.is_initialized():
        return
    gradients = [p.grad for p in parameters if p.grad is not None]
    flat = torch.cat([g.flatten() for g in gradients])
    dist.all_reduce(flat)
    flat /= dist.get_world_size()
    start = 0
    for gradient in gradients:
        gradient.copy_(flat[start : start + gradient.numel()].view_as(gradient))
        start += gradient.numel()
