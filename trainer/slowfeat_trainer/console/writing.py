"""What is said when a run or a dataset cannot be written on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from slowfeat.errors import SlowfeatError


@contextmanager
def writing_to(target: Path) -> Iterator[None]:
    """A block that writes below `target` and can be repeated: a full disk becomes one line.

    Raises:
        SlowfeatError: instead of an OSError, naming the target and what to do.
    """
    try:
        yield
    except OSError as error:
        raise SlowfeatError(
            f"{target} cannot be written: {error.strerror or error}; mend that, and the same command "
            "goes on from what is finished"
        ) from error
