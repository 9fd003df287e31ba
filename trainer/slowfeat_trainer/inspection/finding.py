"""One thing to know of a bag."""

from __future__ import annotations

from dataclasses import dataclass

# How much a finding weighs: the bag cannot be used; it teaches less than it could; good to know.
STOP, WARN, HINT = "stop", "warn", "hint"


@dataclass(frozen=True)
class Finding:
    """One thing to know of a bag."""

    # A word for programs; docs/inspect.md lists them.
    code: str
    # STOP, WARN or HINT.
    level: str
    # What is wrong and what to do, one line.
    text: str
