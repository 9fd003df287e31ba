"""The regression guard: cheap ratios against what they must not fall below. Ratios only, never seconds.

    .venv/bin/python -m benchmarks.performance.guard

Everything runs on one thread and is timed in CPU seconds, which other work on the machine hardly changes. Ours and
its peer take turns; the median over the rounds counts; what falls short is measured once more, and the better of the two
counts. What is expected stands in expected.json, with what was measured when it was written.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

EXPECTED = Path(__file__).with_name("expected.json")
ATTEMPTS = 2


@dataclass(frozen=True)
class Expectation:
    """The least that a ratio may be, and the range that it was measured in."""

    least: float
    measured: tuple[float, float]


def read_expected(path: Path = EXPECTED) -> dict[str, Expectation]:
    """Expectations by the name of the ratio."""
    content = json.loads(path.read_text(encoding="utf-8"))
    return {
        name: Expectation(found["least"], (found["measured"][0], found["measured"][1]))
        for name, found in content.items()
    }


def check(name: str, measure: Callable[[], float], expected: Expectation) -> str:
    """An empty string, or one line that says what fell short.

    Args:
        name: of the ratio.
        measure: the ratio; called again where the first does not suffice.
        expected: what it must reach.
    """
    best = 0.0
    for _ in range(ATTEMPTS):
        best = max(best, measure())
        if best >= expected.least:
            return ""
    low, high = expected.measured
    return (
        f"{name}: expected at least {expected.least:.2f} of its peer's speed, measured {best:.2f} "
        f"(it was {low:.2f} to {high:.2f}); python -m benchmarks.performance shows where"
    )


def main() -> int:
    """Measure all; returns 1 where one falls short."""
    # Before numeric libraries are loaded, which read it once.
    os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")
    from benchmarks.performance.guarded import Guarded

    begun = time.perf_counter()
    expected = read_expected()
    failed = []
    with tempfile.TemporaryDirectory() as folder:
        guarded = Guarded(Path(folder))
        for name, measure in guarded.ratios().items():
            failed.append(check(name, measure, expected[name]))
            print(
                f"guard: {name} {guarded.last:.2f}, at least {expected[name].least:.2f}", flush=True
            )
    for line in filter(None, failed):
        print(f"guard: {line}", file=sys.stderr)
    print(f"guard: {time.perf_counter() - begun:.0f} s")
    return int(any(failed))


if __name__ == "__main__":
    sys.exit(main())
