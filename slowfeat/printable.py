"""Text for a terminal: names from bags and disks may hold what moves cursors,
renames windows or hides itself.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TextIO, cast

# Controls (C0, DEL, C1), what turns the direction of writing, line ends of other kinds, and halves
# of characters that stand for bytes which are no UTF-8.
_HIDDEN = (
    "\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff\ufff9-\ufffb"
)
_CONTROL = re.compile(f"[\x00-\x08\x0b-\x1f{_HIDDEN}]")
_CONTROL_OR_LINE = re.compile(f"[\x00-\x1f{_HIDDEN}]")


def printable(text: str, lines: bool = False) -> str:
    r"""The text with every control character written as its escape, such as \x1b.

    Args:
        text: whatever came from outside.
        lines: leave line ends and tabs as they are.
    """
    return (_CONTROL if lines else _CONTROL_OR_LINE).sub(_escape, text)


def _escape(match: re.Match[str]) -> str:
    return match[0].encode("unicode_escape").decode("ascii")


class _PrintableStream:
    """A text stream that lets no control character through but line ends and tabs."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write what is printable of a text."""
        self._stream.write(printable(text, lines=True))
        return len(text)

    def writelines(self, texts: list[str]) -> None:
        """Write several texts."""
        for text in texts:
            self.write(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


@contextmanager
def printable_output() -> Iterator[None]:
    """A block whose prints, to stdout and stderr, hold no control characters."""
    before = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = (cast("TextIO", _PrintableStream(stream)) for stream in before)
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before


def raw_stderr() -> TextIO:
    """Stderr itself, for progress bars, which move the cursor on purpose."""
    return cast("TextIO", getattr(sys.stderr, "_stream", sys.stderr))
