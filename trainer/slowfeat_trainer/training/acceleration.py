"""How a method computes the same numbers faster: layout in memory, compiled code, memory that is
kept.

What is done here is undone before a method leaves the loop, so that checkpoints, export and
evaluation never see it.
"""

from __future__ import annotations

from operator import attrgetter
from typing import Any

import torch
from torch import nn

from slowfeat_trainer.config.train_config import TrainConfig
from slowfeat_trainer.device.allocator import keep_freed_memory
from slowfeat_trainer.methods.method import Method


def accelerate(method: Method, config: TrainConfig, device: torch.device) -> None:
    """Prepare a method for many steps on a device, in place, as `channels_last` and `compile` ask.

    Compiling happens at the first step and takes up to a minute or two; it needs a C++ compiler on
    a CPU, and Triton (part of torch's wheels) on a GPU.
    """
    if device.type == "cpu":
        keep_freed_memory()
    if wanted(config.channels_last, device):
        _lay_out(method, torch.channels_last)
    if wanted(config.compile, device):
        # Every step launches the same kernels: replayed from a CUDA graph they wait for no Python.
        mode = "reduce-overhead" if config.compile == "graphs" else None
        for owner, name in _hot(method):
            part = getattr(owner, name)
            if isinstance(part, nn.Module):
                part.compile(mode=mode)
            else:
                setattr(owner, name, torch.compile(part, mode=mode))


def plain(method: Method) -> Method:
    """The method as it was before `accelerate`, with what it has learned since."""
    for owner, name in _hot(method):
        part = getattr(owner, name)
        if isinstance(part, nn.Module):
            part._compiled_call_impl = None
        else:
            vars(owner).pop(name, None)
    _lay_out(method, torch.contiguous_format)
    return method


def wanted(setting: str, device: torch.device) -> bool:
    """Whether "auto" (on a GPU), "on", "graphs" or "off" asks for it on a device."""
    return setting in ("on", "graphs") or (setting == "auto" and device.type == "cuda")


def _lay_out(method: Method, form: torch.memory_format) -> None:
    """Weights of convolutions in one order. Images come with their channels last, and stay so."""
    for part in method.modules():
        if isinstance(part, nn.Conv2d | nn.ConvTranspose2d):
            part.to(memory_format=form)


def _hot(method: Method) -> list[tuple[Any, str]]:
    """What is worth compiling: the object that holds it, and its name there."""
    return [
        (attrgetter(path)(method) if path else method, name)
        for path, _, name in (dotted.rpartition(".") for dotted in method.compiled_parts)
    ]
