"""docs/performance.md, whole, from what was measured."""

from __future__ import annotations

import re
from pathlib import Path

from benchmarks.performance.figures import Figure, Section
from benchmarks.performance.growth import Growth
from benchmarks.performance.turns import Spread

NOTES = Path(__file__).with_name("notes.md")
HEAD = """# Performance

Written by `make bench` (`python -m benchmarks.performance`), slowfeat {version}, {cores} CPU cores
({machine}), Python {python}, torch {torch}, ONNX Runtime {onnxruntime}. Every figure stands beside
a floor or a peer that was measured in the same run, in turns with it. The ratio is formed round by
round; figures are medians, in brackets the range over the rounds. On another machine the figures
differ; the ratios should not by much. As JSON: [performance.json](performance.json).

    make bench                        # all of it, on a drive that it simulates
    make bench BAGS="my_bag ..."      # bags of yours beside it
    .venv/bin/python -m benchmarks.performance --only ingest --only training
    make guard                        # the cheap ratios against their limits; part of make test
"""


def number(value: float) -> str:
    """Three significant digits, thousands apart."""
    if value != 0 and abs(value) < 100:
        return f"{value:.3g}"
    return f"{value:,.0f}"


def told(spread: Spread, digits: int | None = None) -> str:
    """Median and range."""
    median, low, high = (
        number(v) if digits is None else f"{v:.{digits}f}"
        for v in (spread.median, spread.low, spread.high)
    )
    return median if spread.rounds == 1 else f"{median} ({low} to {high})"


def verdict(figure: Figure) -> str:
    """Met, or not."""
    return {None: "", True: "met", False: "**not met**"}[figure.is_met]


def goals(sections: list[Section]) -> list[str]:
    """The table of what was promised."""
    lines = ["| | case | beside | goal | reached | |", "|---|---|---|---|---|---|"]
    for section in sections:
        for f in section.figures:
            if f.goal is None:
                continue
            unit = "" if f.goal.of == "ratio" else f" {f.unit}"
            cells = [
                section.title,
                f.case,
                f.peer,
                f"{f.goal}{unit}",
                f"{told(f.reached)}{unit}",
                verdict(f),
            ]
            lines.append(f"| {' | '.join(cells)} |")
    return lines


def figures(section: Section) -> list[str]:
    """Its figures beside their peers."""
    lines = ["| case | ours | beside | figure | ratio |", "|---|---|---|---|---|"]
    for f in section.figures:
        cells = [f.case, f"{told(f.ours)} {f.unit}", f.peer, f"{told(f.theirs)} {f.unit}"]
        lines.append(f"| {' | '.join(cells)} | **{f.ratio.median:.2f}** {_range(f.ratio)} |")
    return lines


def _range(spread: Spread) -> str:
    return "" if spread.rounds == 1 else f"({spread.low:.2f} to {spread.high:.2f})"


def growths(sections: list[Section], notes: dict[str, str]) -> list[str]:
    """How each cost grows, and why where it is worse than linear."""
    lines = [
        "| cost | over | figures | exponent | of the last step | |",
        "|---|---|---|---|---|---|",
    ]
    below = []
    for growth in (g for section in sections for g in section.growth):
        lines.append(growth_row(growth))
        if growth.is_worse_than_linear and growth.case in notes:
            below.append(f"- **{growth.case}**: {notes[growth.case]}")
    return [*lines, "", *below] if below else lines


def growth_row(growth: Growth) -> str:
    """One row of that table."""
    steps = ", ".join(
        f"{size:g}: {number(growth.at(k).median)}" for k, size in enumerate(growth.sizes)
    )
    cells = [growth.case, growth.over, f"{steps} {growth.unit}"]
    cells += [told(growth.whole, 2), told(growth.last, 2), growth.sentence()]
    return f"| {' | '.join(cells)} |"


def read_notes(text: str) -> dict[str, str]:
    """Notes by the name of what they are about: `## name`, then the note."""
    parts = re.split(r"^## (.+)$", text, flags=re.MULTILINE)[1:]
    return {
        name.strip(): " ".join(body.split())
        for name, body in zip(parts[::2], parts[1::2], strict=True)
    }


def page(sections: list[Section], about: dict[str, str], notes: dict[str, str]) -> str:
    """The whole page.

    Args:
        sections: what was measured.
        about: of the machine; the names in HEAD.
        notes: by the name of a section or of a growth.
    """
    lines = [HEAD.format(**about), "## Goals", "", *goals(sections)]
    if "goals" in notes:
        lines += ["", notes["goals"]]
    for section in sections:
        lines += ["", f"## {section.title}", "", section.about, ""]
        if section.figures:
            lines += figures(section)
        for remark in section.remarks:
            lines += ["", remark]
        if section.name in notes:
            lines += ["", notes[section.name]]
    lines += ["", "## How it grows", "", GROWTH, "", *growths(sections, notes)]
    return "\n".join(lines) + "\n"


GROWTH = (
    "The exponent k of cost = a size^k, fitted by least squares on logarithms in each round: over "
    "all sizes, and over the two largest alone, where what is constant matters least. 1 is linear "
    "(for workers -1: twice as many, half the time)."
)
