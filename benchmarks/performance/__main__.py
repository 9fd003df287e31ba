"""Measure everything that is claimed, each figure beside its floor or peer, and write
docs/performance.md.

.venv/bin/python -m benchmarks.performance                  # all, on a drive that it simulates
.venv/bin/python -m benchmarks.performance --bag my_bag     # ingest of a bag of yours, too
.venv/bin/python -m benchmarks.performance --only training  # one part; the others stay as they were
.venv/bin/python -m benchmarks.performance --quick          # two minutes, to see that it works
"""

from __future__ import annotations

import argparse
import importlib
import os
import platform
import sys
import tempfile
import time
from importlib import metadata
from pathlib import Path

from benchmarks.performance import page, store
from benchmarks.performance.figures import Section
from benchmarks.performance.material import BenchmarkInputs, note
from slowfeat import __version__
from slowfeat.errors import SlowfeatError

# Name -> module, in the order of the page.
SECTIONS = {
    "ingest": "ingest",
    "training": "training",
    "embedding": "embedding",
    "predictions": "predictions",
    "quantised": "quantised",
    "evaluation": "evaluation",
    "workers": "workers",
    "start-up": "start_up",
    "node": "node",
}
# With --quick these take too long for what they show.
NOT_QUICK = ("workers", "node")
# A load average above this means that others work, too.
BUSY = 1.0
DOCS = Path(__file__).resolve().parents[2] / "docs"


def machine() -> dict[str, str]:
    """What it was measured with."""
    return {
        "version": __version__,
        "cores": str(os.cpu_count()),
        "machine": platform.machine(),
        "python": platform.python_version(),
        **{name: metadata.version(name) for name in ("torch", "onnxruntime")},
    }


def measure(name: str, material: BenchmarkInputs, load: float = 0.0) -> Section:
    """One section; `load` is the machine's load average before the run."""
    begun = time.perf_counter()
    module = importlib.import_module(f"benchmarks.performance.{SECTIONS[name]}")
    section: Section = module.measure(material)
    if material.quick:
        section.remarks.insert(0, "Measured with `--quick`: few and short rounds.")
    if load > BUSY:
        section.remarks.append(
            f"Other work was running (load average {load:.1f} as the run began): the ranges are "
            "wide."
        )
    note(f"{name}: {time.perf_counter() - begun:.0f} s")
    return section


def parse(words: list[str]) -> argparse.Namespace:
    """The flags."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.performance",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--bag", type=Path, nargs="+", default=[], help="bags with JPEG images")
    parser.add_argument(
        "--only", action="append", choices=SECTIONS, help="measure this part; may be repeated"
    )
    parser.add_argument(
        "--quick", action="store_true", help="short rounds, without workers and node"
    )
    parser.add_argument(
        "--out",
        type=Path,
        default=DOCS / "performance.md",
        help="page to write (docs/performance.md)",
    )
    parser.add_argument("--json", type=Path, help="figures to write (beside the page)")
    return parser.parse_args(words)


def main(words: list[str]) -> int:
    """Measure and write."""
    args = parse(words)
    json = args.json or args.out.with_suffix(".json")
    load = os.getloadavg()[0]
    names = args.only or [n for n in SECTIONS if not (args.quick and n in NOT_QUICK)]
    try:
        if args.only:
            store.load(json)  # a file that cannot be added to is refused before any work
        measured = {}
        with tempfile.TemporaryDirectory() as folder:
            material = BenchmarkInputs(Path(folder), args.quick, args.bag)
            for name in names:
                measured[name] = measure(name, material, load)
        # Read now, for another part may have been measured meanwhile.
        before = store.load(json) if args.only else []
    except SlowfeatError as error:
        print(f"benchmark: {error}", file=sys.stderr)
        return error.exit_code
    found = {**{section.name: section for section in before}, **measured}
    sections = [found[name] for name in SECTIONS if name in found]
    store.save(json, machine(), sections)
    notes = page.read_notes(page.NOTES.read_text(encoding="utf-8"))
    args.out.write_text(page.page(sections, machine(), notes), encoding="utf-8")
    print("\n".join(page.goals(sections)))
    print(f"written: {args.out}, {json}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
