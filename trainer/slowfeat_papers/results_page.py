"""The page of results: every experiment's tables beside the papers', and the checklist."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

from slowfeat.files import write_whole
from slowfeat_papers.material.part import Paper, Size, Table
from slowfeat_papers.run_parts import Done

AGREES = {True: "yes", False: "**no**", None: "-"}
HEAD = """# Results

Written by `slowfeat reproduce`, not by hand. Both papers were measured on data that was never
published or cannot be downloaded freely, so the figures of a row are ours, on the data it names;
comparable with the paper is the order of the methods. ± is the standard deviation over seeds unless
a table says otherwise.
"""


def write_page(page: Path, paper: Paper, done: list[Done], size: Size) -> None:
    """Put a paper's section into the page; those of the other paper and size stay.

    Args:
        page: a Markdown file, made where there is none; images go to images/results/ beside it.
        paper: whose section.
        done: what was found so far.
        size: of which size.
    """
    mark = f"{paper.name} {size.value}"
    begin, end = f"<!-- {mark} -->", f"<!-- end of {mark} -->"
    section = f"{begin}\n{render_section(paper, done, size, page.parent)}\n{end}"
    text = page.read_text(encoding="utf-8") if page.is_file() else HEAD
    pattern = re.compile(re.escape(begin) + ".*?" + re.escape(end), re.DOTALL)
    if pattern.search(text):
        text = pattern.sub(lambda _: section, text)
    else:
        text = f"{text.rstrip()}\n\n{section}\n"
    write_whole(page, text)


def render_section(paper: Paper, done: list[Done], size: Size, folder: Path) -> str:
    """The section as Markdown; copies its images to images/results/ in `folder`."""
    minutes = sum(d.seconds for d in done) / 60
    lines = [
        f"## {paper.title}, {size.value}",
        "",
        f"`{command(paper, size, done)}`: {len(done)} of {len(paper.parts)} experiments, "
        f"{minutes:.0f} minutes" + (f" ({done[0].made_with})." if done else "."),
        "",
        checklist(paper, done, size, missing=False),
    ]
    answered = {finding.row for d in done for finding in d.result.findings}
    missing = [row for row in paper.checklist if row not in answered]
    if missing:
        lines += ["", f"Not run at this size: {', '.join(missing)}."]
    for d in done:
        lines += ["", f"### {d.part.name}", "", f"{d.part.about}"]
        repeats = "1 seed" if d.result.seeds == 1 else f"{d.result.seeds} seeds"
        lines[-1] += f". {repeats}, {d.seconds:.0f} s."
        for table in d.result.tables:
            lines += ["", markdown(table)]
        for name, about in d.result.pictures.items():
            target = (
                folder / "images" / "results" / f"{paper.name}_{size.value}_{d.part.name}_{name}"
            )
            target.parent.mkdir(parents=True, exist_ok=True)
            write_whole(target, (d.folder / name).read_bytes())
            lines += ["", f"![{about}](images/results/{target.name})", "", prose(f"*{about}*")]
        notes = [prose(note, "- ") for note in d.result.notes]
        lines += [""] * bool(notes) + notes
    return "\n".join(lines)


def prose(text: str, bullet: str = "") -> str:
    """A paragraph, or an item of a list, in lines of at most 100 characters."""
    return textwrap.fill(
        text,
        100,
        initial_indent=bullet,
        subsequent_indent=" " * len(bullet),
        break_long_words=False,
        break_on_hyphens=False,
    )


def checklist(paper: Paper, done: list[Done], size: Size, missing: bool = True) -> str:
    """A line a row: what it is, what came out, whether that agrees, and the command; rows not run
    only if `missing`.
    """
    lines = ["| row | the paper | here | agrees | command |", "|---|---|---|---|---|"]
    for row, about in paper.checklist.items():
        found = [
            (d.part, finding) for d in done for finding in d.result.findings if finding.row == row
        ]
        if not found and not missing:
            continue
        parts = [part for part in paper.parts if row in part.rows]
        run = command(paper, size, done)
        commands = "; ".join(f"`{run} --only {part.name}`" for part in parts)
        says = " ".join(finding.says for _, finding in found) or "not run yet"
        agree = ", ".join(dict.fromkeys(AGREES[finding.agrees] for _, finding in found)) or "-"
        lines.append(_row([row, about, says, agree, commands]))
    return "\n".join(lines)


def command(paper: Paper, size: Size, done: list[Done]) -> str:
    """What was typed, but for the data."""
    seeds = {d.result.seeds for d in done} - {size.seeds}
    repeats = f" --seeds {max(seeds)}" if seeds else ""
    return f"slowfeat reproduce {paper.name} --{size.value}{repeats}"


def markdown(table: Table) -> str:
    """A table as Markdown."""
    lines = [f"**{table.title}**", ""] if table.title else []
    lines.append(_row(table.head))
    lines.append("|" + "---|" * len(table.head))
    return "\n".join(lines + [_row(row) for row in table.rows])


def _row(cells: list[str]) -> str:
    """A bar within a cell would end it."""
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"
