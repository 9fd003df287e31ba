"""The storeys of the code: which package may import which, and what `make architecture` prints of
it.

A package may import packages of lower storeys only; those of one storey do not know each other.
Imports inside functions count. `tests/test_architecture.py` holds the code to it.
"""

from __future__ import annotations

import ast
import functools
import sys
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "architecture.md"
BEGIN, END = "<!-- storeys -->", "<!-- end of storeys -->"
# Each distribution package and the folder that it lies in.
SOURCES = {
    "slowfeat": ROOT,
    "slowfeat_trainer": ROOT / "trainer",
    "slowfeat_papers": ROOT / "trainer",
}

# From the ground up. A package covers the modules in it, but for packages of its own that stand
# here too.
STOREYS: tuple[tuple[str, ...], ...] = (
    # The robot side: numpy, OpenCV and ONNX Runtime; ROS in slowfeat.nodes only.
    ("slowfeat",),
    ("slowfeat.view_selection", "slowfeat.cli"),
    ("slowfeat.live", "slowfeat.__main__"),
    ("slowfeat.nodes",),
    ("slowfeat.nodes.encoder", "slowfeat.nodes.view_selector"),
    ("slowfeat.commands",),
    # The trainer. What the rest stands on,
    ("slowfeat_trainer.console", "slowfeat_trainer.data", "slowfeat_trainer.metrics"),
    ("slowfeat_trainer.config", "slowfeat_trainer.device", "slowfeat_trainer.geometry"),
    # what reads,
    ("slowfeat_trainer.bags",),
    ("slowfeat_trainer.motion",),
    ("slowfeat_trainer.odometry_errors",),
    ("slowfeat_trainer.ingest", "slowfeat_trainer.simulation"),
    ("slowfeat_trainer.stores",),
    # what learns,
    ("slowfeat_trainer.models",),
    ("slowfeat_trainer.objectives",),
    ("slowfeat_trainer.methods",),
    ("slowfeat_trainer.training",),
    # what judges, draws and exports,
    ("slowfeat_trainer.evaluation",),
    ("slowfeat_trainer.page", "slowfeat_trainer.bundling"),
    ("slowfeat_trainer.runs",),
    # and the programs.
    (
        "slowfeat_trainer.adaptation",
        "slowfeat_trainer.demo",
        "slowfeat_trainer.inspection",
        "slowfeat_trainer.pretraining",
        "slowfeat_trainer.report",
        "slowfeat_trainer.tuning",
    ),
    ("slowfeat_trainer.commands",),
    # The experiments of the two papers.
    ("slowfeat_papers.rendering", "slowfeat_papers.measures"),
    ("slowfeat_papers.material",),
    ("slowfeat_papers.goroshin", "slowfeat_papers.jayaraman"),
    ("slowfeat_papers",),
)
FLOOR = {package: number for number, storey in enumerate(STOREYS) for package in storey}
# Any package may ask what version this is; the trainer's own __init__ holds nothing else.
EMPTY = "slowfeat_trainer"


@functools.cache
def modules() -> dict[str, Path]:
    """Every module of the three packages by its dotted name."""
    found = {}
    for package, source in SOURCES.items():
        for path in sorted((source / package).rglob("*.py")):
            parts = path.relative_to(source).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imports_of(path: Path) -> set[str]:
    """The modules of ours that a file imports, inside functions too."""
    known, found = modules(), set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                found.add(whole if whole in known else node.module)
    return found & known.keys()


def package_of(module: str) -> str:
    """The storeys' name of the package that a module belongs to.

    Raises:
        KeyError: it belongs to none; it needs a place in STOREYS.
    """
    parts = module.split(".")
    for length in range(len(parts), 0, -1):
        name = ".".join(parts[:length])
        if name in FLOOR or name == EMPTY == module:
            return name
    raise KeyError(f"{module} stands in no storey of scripts/architecture.py")


def arrows() -> dict[tuple[str, str], list[tuple[str, str]]]:
    """Which package imports which, with the modules that do it."""
    found: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
    for module, path in modules().items():
        for target in sorted(imports_of(path)):
            ends = package_of(module), package_of(target)
            if ends[0] != ends[1]:
                found[ends].append((module, target))
    return dict(found)


def running_back() -> list[str]:
    """Imports that do not lead down, each as a line."""
    return [
        f"{importer} imports {imported}"
        for (above, below), lines in arrows().items()
        if EMPTY not in (above, below) and FLOOR[below] >= FLOOR[above]
        for importer, imported in lines
    ]


def circles() -> list[list[str]]:
    """Groups of packages that reach each other."""
    reach: dict[str, set[str]] = defaultdict(set)
    for above, below in arrows():
        reach[above].add(below)
    grows = True
    while grows:
        grows = False
        for seen in reach.values():
            more = set().union(*(reach.get(name, set()) for name in seen)) - seen
            seen |= more
            grows = grows or bool(more)
    groups = {
        frozenset(b for b in reach[a] if a in reach.get(b, set())) for a in reach if a in reach[a]
    }
    return [sorted(group) for group in groups]


def longest_chain() -> list[str]:
    """The longest way down through packages; follows no circle."""
    below: dict[str, set[str]] = defaultdict(set)
    for above, under in arrows():
        if under != EMPTY and FLOOR[under] < FLOOR[above]:
            below[above].add(under)

    @functools.cache
    def chain(package: str) -> tuple[str, ...]:
        return (package, *max((chain(name) for name in below[package]), key=len, default=()))

    return list(max((chain(package) for package in FLOOR), key=len))


def places_at_top() -> list[str]:
    """What stands at the trainer's top: packages and loose modules."""
    top = ROOT / "trainer" / "slowfeat_trainer"
    return sorted(
        path.name
        for path in top.iterdir()
        if path.name not in ("__pycache__", "__init__.py", "py.typed")
    )


def test_file_of(module: str) -> Path:
    """Where the test of a module stands."""
    *package, name = module.split(".")
    return ROOT.joinpath("tests", *package, f"test_{name}.py")


def tested() -> tuple[list[str], list[str]]:
    """Modules that have the test file of their name, and those without; what is only a docstring
    counts as neither.
    """
    have, lack = [], []
    for module, path in modules().items():
        if path.name in ("__init__.py", "__main__.py"):
            continue
        (have if test_file_of(module).is_file() else lack).append(module)
    return have, lack


def storeys_in_words() -> str:
    """The storeys as a table, the highest first: each package with its docstring's summary."""
    rows = ["| storey | package | what |", "|---|---|---|"]
    for number in range(len(STOREYS) - 1, -1, -1):
        for package in STOREYS[number]:
            path = modules()[package]
            text = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
            about = " ".join(text.split("\n\n")[0].split())
            rows.append(f"| {number + 1} | `{package}` | {about} |")
    return "\n".join(rows) + "\n"


def with_storeys(page: str) -> str:
    """A page with its table of storeys as it is now."""
    before, rest = page.split(BEGIN)
    return before + BEGIN + "\n" + storeys_in_words() + END + rest.split(END)[1]


def main() -> None:
    """Print the figures of the architecture; --write renews the table in docs/architecture.md."""
    if "--write" in sys.argv:
        PAGE.write_text(with_storeys(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    places, back, have_lack = places_at_top(), running_back(), tested()
    loose = [name for name in places if name.endswith(".py")]
    have, count = len(have_lack[0]), len(have_lack[0]) + len(have_lack[1])
    print(f"places at the trainer's top: {len(places)} ({len(loose)} loose: {', '.join(loose)})")
    print(f"packages: {len(FLOOR)}, arrows between them: {len(arrows())}")
    print(f"package circles: {circles() or 'none'}")
    chain = longest_chain()
    print(f"longest chain: {len(chain)} ({' > '.join(chain)})")
    print(f"arrows that run back: {back or 'none'}")
    print(f"modules with a test file of their name: {have} of {count} ({have / count:.0%})")


if __name__ == "__main__":
    main()
