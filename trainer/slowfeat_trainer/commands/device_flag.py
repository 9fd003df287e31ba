"""The flag --device, and the line that says on what a command computes."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

SHOWN = 40


def add_device_argument(parser: argparse.ArgumentParser, default: str = "auto") -> None:
    """Declare the flag."""
    parser.add_argument(
        "--device",
        type=device_name,
        default=default,
        metavar="D",
        help=f"auto (a GPU where there is one), cpu, cuda or cuda:N (default {default})",
    )


def device_name(text: str) -> str:
    """The name of a device; whether the machine has it is found later.

    Raises:
        argparse.ArgumentTypeError: it is none.
    """
    if not re.fullmatch(r"auto|cpu|cuda(:\d{1,3})?", text):
        raise argparse.ArgumentTypeError(f"is {text[:SHOWN]!r}; give auto, cpu, cuda or cuda:N")
    return text


@contextmanager
def at_work_on(args: argparse.Namespace, doing: str) -> Iterator[torch.device]:
    """Compute on what the flag names; says so first: "training on cpu: x86_64, 2 threads".

    Raises:
        UsageError: this machine has no such device.
    """
    from slowfeat_trainer.console.terminal import say
    from slowfeat_trainer.device.choice import busy_cores, computing_on, describe

    with computing_on(args.device) as device:
        say(f"{doing} on {describe(device)}")
        busy = busy_cores() if device.type == "cpu" else ""
        if busy:
            say(f"  warning: {busy}")
        yield device
