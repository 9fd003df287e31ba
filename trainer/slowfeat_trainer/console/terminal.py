"""What the user sees of work that takes a while: lines on stderr, and a bar on a terminal."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from tqdm import tqdm

from slowfeat.printable import printable, raw_stderr


def say(text: str) -> None:
    """Say what is being done; of several processes of torchrun only the first speaks."""
    if os.environ.get("RANK", "0") == "0":
        print(text, file=sys.stderr, flush=True)


@contextmanager
def progress_bar(total: int, label: str, unit: str) -> Iterator[tqdm[Any]]:
    """A bar with rate and time left, on a terminal only."""
    silent = True if os.environ.get("RANK", "0") != "0" else None
    with tqdm(
        total=total,
        desc=printable(label),
        unit=unit,
        disable=silent,
        leave=False,
        file=raw_stderr(),
    ) as bar:
        yield bar


def bar_filler(bar: tqdm[Any]) -> Callable[[int, int], None]:
    """A function of (done, in all) that moves a bar."""

    def show(done: int, total: int) -> None:
        bar.total = total
        bar.update(done - bar.n)

    return show
