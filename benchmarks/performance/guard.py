"""The regression guard: cheap ratios against what they must not fall below. Ratios only, never
seconds.

    .venv/bin/python -m benchmarks.performance.guard
    .venv/bin/python -m benchmarks.performance.guard --renew 5    # measure each five times

Everything runs on one thread and is timed in CPU seconds, which other work on the machine hardly
changes. Ours and its peer take turns; the median over the rounds counts; what falls short is
measured once more, and the better of the two counts. What is expected stands in expected.json, with
what was measured when it was written.
"""

from __future__ import annotations

import argparse
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
# Of the least that was measured, a ratio may lose so much: another processor is no regression.
SLACK = 0.7


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


def renew(ratios: dict[str, Callable[[], float]], times: int, path: Path = EXPECTED) -> None:
    """Measure everything so often, and write the ranges and what may not be fallen below."""
    found = {}
    for name, measure in ratios.items():
        values = [measure() for _ in range(times)]
        low, high = round(min(values), 3), round(max(values), 3)
        found[name] = {"least": round(SLACK * low, 2), "measured": [low, high]}
        print(f"guard: {name} {low} to {high}", flush=True)
    path.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


def main(words: list[str]) -> int:
    """Measure all; returns 1 where one falls short."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--renew", type=int, metavar="N", help="write expected.json anew")
    args = parser.parse_args(words)
    # Before numeric libraries are loaded, which read it once.
    os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")
    from benchmarks.performance.guarded import Guarded

    begun = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        guarded = Guarded(Path(folder))
        ratios = guarded.ratios()
        if args.renew:
            renew(ratios, args.renew)
            return 0
        expected, failed = read_expected(), []
        for name, measure in ratios.items():
            failed.append(check(name, measure, expected[name]))
            print(
                f"guard: {name} {guarded.last:.2f}, at least {expected[name].least:.2f}", flush=True
            )
    for line in filter(None, failed):
        print(f"guard: {line}", file=sys.stderr)
    print(f"guard: {time.perf_counter() - begun:.0f} s")
    return int(any(failed))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
