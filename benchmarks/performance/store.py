"""What was measured, as JSON: read back, so that one section can be measured
anew and the page stay whole.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.performance.figures import Figure, Goal, Section
from benchmarks.performance.growth import Growth
from benchmarks.performance.turns import Spread
from slowfeat.errors import UsageError


def save(path: Path, about: dict[str, str], sections: list[Section]) -> None:
    """Write what the machine is and what was found."""
    content = {"about": about, "sections": [asdict(section) for section in sections]}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


def load(path: Path) -> list[Section]:
    """The sections of an earlier run; none where there was none.

    Raises:
        UsageError: the file is something else.
    """
    if not path.exists():
        return []
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return [_section(found) for found in content["sections"]]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UsageError(
            f"{path} is not what this benchmark writes ({error}); remove it, or choose another "
            "--json"
        ) from error


def _section(found: dict[str, Any]) -> Section:
    figures = [_figure(f) for f in found["figures"]]
    growth = [Growth(**g) for g in found["growth"]]
    return Section(**{**found, "figures": figures, "growth": growth})


def _figure(found: dict[str, Any]) -> Figure:
    spreads = {
        name: Spread(**found[name])
        for name in ("ours", "theirs", "ratio", "difference")
        if found.get(name) is not None
    }
    goal = None if found["goal"] is None else Goal(**found["goal"])
    return Figure(**{**found, **spreads, "goal": goal})
