"""The three slowest paths: where their time goes, and what a change was worth.

    .venv/bin/python benchmarks/profile_paths.py
    .venv/bin/python benchmarks/profile_paths.py --before OTHER_TREE --out docs/profile.md

Training steps of the default preset, slowfeat evaluate, slowfeat ingest: each in a process of its
own, on one bag. The first prints the top of each profile. With --before (another checkout, such as
`git worktree add` makes) the same is measured of both trees in alternating rounds. Times are CPU
seconds of the process, so a busy machine disturbs less; what the first start of Python costs is
left out.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from profile_work import PATHS, STEPS

HERE = Path(__file__).resolve().parents[1]
UNITS = {"training": "step", "evaluate": "frame of the dataset", "ingest": "frame of the bag"}
Figures = dict[str, Any]


def run(tree: Path, path: str, how: str, bag: Path, material: Path) -> Figures:
    """The figures of one path of a tree."""
    work = Path(__file__).with_name("profile_work.py")
    done = subprocess.run(
        [sys.executable, str(work), path, how, str(bag), str(material)],
        # The trees' modules come before those that are installed.
        env={**os.environ, "PYTHONPATH": f"{tree}:{tree / 'trainer'}", "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.exit(f"{path} of {tree} failed:\n{done.stderr[-2000:]}")
    figures: Figures = json.loads(done.stdout)
    return figures


def commit_of(tree: Path) -> str:
    """The commit that a checkout stands at, shortened."""
    done = subprocess.run(
        ["git", "-C", str(tree), "rev-parse", "--short", "HEAD"],
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def make_material(bag: Path, folder: Path) -> None:
    """A dataset of the bag, and a run of few steps on it, unless they are there already."""
    program = [sys.executable, "-m", "slowfeat"]
    if (folder / "run" / "bundle").is_dir():
        return
    run_, dataset = str(folder / "run"), str(folder / "dataset")
    for words in (
        ["ingest", str(bag), "--out", dataset],
        ["train", dataset, "--out", run_, "--steps", str(STEPS)],
    ):
        subprocess.run([*program, *words], check=True, stdout=subprocess.DEVNULL)


def spread(values: list[float], digits: int = 3) -> str:
    """Median, and in brackets the range."""
    low, high = min(values), max(values)
    return f"{statistics.median(values):.{digits}g} ({low:.{digits}g} to {high:.{digits}g})"


def compared(before: list[Figures], after: list[Figures]) -> list[str]:
    """Cells of a row: ms a unit of both, their ratio round by round, peak memory of both."""
    per_unit = [[1e3 * f["cpu_s"] / f["count"] for f in rounds] for rounds in (before, after)]
    ratios = [b / a for b, a in zip(*per_unit, strict=True)]
    memory = [statistics.median(f["peak_mb"] for f in rounds) for rounds in (before, after)]
    return [*map(spread, per_unit), spread(ratios), f"{memory[0]:.0f}, {memory[1]:.0f}"]


def table_of(path: str, figures: Figures) -> list[str]:
    """The top of a profile as Markdown."""
    lines = [f"### {path}", "", "| of its own time | calls | function |", "|---|---|---|"]
    lines += [
        f"| {100 * row['share']:.1f} % | {row['calls']} | `{row['function']}` |"
        for row in figures["top"]
    ]
    return [*lines, ""]


def main() -> int:
    """Measure, print, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("paths", nargs="*", choices=[[], *PATHS], default=[], help="default: all")
    parser.add_argument("--bag", type=Path, default=HERE / "bags" / "sim_tour")
    parser.add_argument("--before", type=Path, metavar="TREE", help="another checkout")
    parser.add_argument(
        "--keep", type=Path, metavar="FOLDER", help="what is measured on, made once"
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--out", type=Path, metavar="FILE", help="a page; its own text is kept")
    args = parser.parse_args()
    lines: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        material = args.keep or Path(folder)
        make_material(args.bag, material)
        paths = args.paths or list(PATHS)
        if args.before is not None:
            head = ["path", "unit", "before, CPU ms", "after, CPU ms", "before / after", "peak MB"]
            lines += [f"| {' | '.join(head)} |", "|---" * len(head) + "|"]
            for path in paths:
                both: tuple[list[Figures], list[Figures]] = ([], [])
                for _ in range(args.rounds):
                    for rounds, tree in zip(both, (args.before.resolve(), HERE), strict=True):
                        rounds.append(run(tree, path, "measure", args.bag, material))
                        print(f"{path} of {tree.name}: {rounds[-1]}", file=sys.stderr, flush=True)
                lines.append(f"| {path} | {UNITS[path]} | {' | '.join(compared(*both))} |")
                print(lines[-1], flush=True)
            lines.append("")
        for path in paths:
            lines += table_of(path, run(HERE, path, "profile", args.bag, material))
    about = f"{os.cpu_count()} CPU cores ({platform.machine()}), bag {args.bag.name}"
    if args.before is not None:
        commits = [commit_of(tree) for tree in (args.before, HERE)]
        about += f", {args.rounds} rounds, commits {commits[0]} (before) and {commits[1]} (after)"
    lines.insert(0, f"{about}.\n")
    print("\n".join(lines))
    if args.out is not None:
        write_page(args.out, "\n".join(lines))
    return 0


def write_page(page: Path, tables: str) -> None:
    """Replace what stands between the page's two marks."""
    begin, end = "<!-- figures -->", "<!-- end of the figures -->"
    text = page.read_text(encoding="utf-8")
    before, _, rest = text.partition(begin)
    _, _, after = rest.partition(end)
    page.write_text(f"{before}{begin}\n{tables}\n{end}{after}", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
