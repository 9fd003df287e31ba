"""Run the experiments of a paper one after the other, keeping each
result as soon as it is there.
"""

from __future__ import annotations

import dataclasses
import json
import platform
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from slowfeat import __version__
from slowfeat.errors import SlowfeatError, UsageError
from slowfeat.ownership import remove_file
from slowfeat_papers.material.part import Bench, Paper, Part, Result, Size, Sources
from slowfeat_trainer.console.terminal import say
from slowfeat_trainer.ingest.dataset import write_json


@dataclasses.dataclass(frozen=True)
class Done:
    """An experiment's result, with how it was come by."""

    part: Part
    result: Result
    seconds: float
    made_with: str
    folder: Path


def run_parts(
    paper: Paper,
    work: Path,
    sources: Sources,
    size: Size,
    only: list[str],
    overwrite: bool = False,
    seeds: int | None = None,
    after: Callable[[], None] | None = None,
) -> None:
    """Run what is not done yet; an experiment that cannot be run does not keep the others from it.

    Args:
        paper: whose experiments.
        work: folder for results and for what is needed to continue; each size has its own.
        sources: the user's data.
        size: how much is learned.
        only: names of experiments or rows of the checklist; empty for all.
        overwrite: run them again where there are results.
        seeds: repeats; None for those of the size.
        after: called after each experiment.

    Raises:
        UsageError: a name of `only` is unknown.
        SlowfeatError: experiments failed, after all others have been run.
    """
    chosen = choose(paper, only)
    failed: dict[str, SlowfeatError] = {}
    for number, part in enumerate(chosen, start=1):
        say(f"[{number}/{len(chosen)}] {part.name}: {part.about}")
        file = result_file(paper, part, work, size)
        if overwrite:
            remove_file(file, _is_result)
        try:
            if run_part(paper, part, work, sources, size, seeds or size.seeds):
                say(f"  done already: {file}; --overwrite runs it again")
        except SlowfeatError as error:
            failed[part.name] = error
            say(f"  failed: {error}")
        if after is not None:
            after()
    if failed:
        name, reason = next(iter(failed.items()))
        others = f" (and {len(failed) - 1} more failed)" if len(failed) > 1 else ""
        raise SlowfeatError(
            f"{name} failed: {reason}{others}; the same command continues with what is missing"
        )


def _is_result(file: Path) -> bool:
    try:
        stored = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return file.stat().st_size == 0
    return isinstance(stored, dict) and {"findings", "sources", "made_with"} <= set(stored)


def run_part(
    paper: Paper, part: Part, work: Path, sources: Sources, size: Size, seeds: int
) -> bool:
    """Run one experiment unless its result is there; returns whether it was."""
    file = result_file(paper, part, work, size)
    told = _fingerprint(sources) | {"seeds": seeds}
    if file.is_file() and json.loads(file.read_text(encoding="utf-8"))["sources"] == told:
        return True
    bench = Bench(
        folder=file.parent,
        common=work / size.value / "common",
        sources=sources,
        size=size,
        seeds=seeds,
    )
    bench.folder.mkdir(parents=True, exist_ok=True)
    bench.common.mkdir(parents=True, exist_ok=True)
    begun = time.perf_counter()
    result = part.run(bench)
    unanswered = set(part.rows) - {finding.row for finding in result.findings}
    if unanswered:
        raise AssertionError(f"{part.name} says nothing about {', '.join(sorted(unanswered))}")
    stored = {
        **dataclasses.asdict(result),
        "sources": told,
        "seconds": time.perf_counter() - begun,
        "made_with": f"slowfeat {__version__}, {_machine()}",
    }
    write_json(file, stored)
    for finding in result.findings:
        say(f"  {finding.row}: {finding.says}")
    return False


def finished(paper: Paper, work: Path, size: Size) -> list[Done]:
    """What is done so far, in the order of the paper."""
    found = []
    for part in paper.parts:
        file = result_file(paper, part, work, size)
        if file.is_file():
            stored = json.loads(file.read_text(encoding="utf-8"))
            found.append(
                Done(part, Result.of(stored), stored["seconds"], stored["made_with"], file.parent)
            )
    return found


def choose(paper: Paper, only: list[str]) -> list[Part]:
    """The experiments of some names or rows, in the order of the paper.

    Raises:
        UsageError: a name is unknown.
    """
    known = {part.name for part in paper.parts} | set(paper.checklist)
    for name in only:
        if name not in known:
            raise UsageError(
                f"{paper.name} has no {name!r}; slowfeat reproduce {paper.name} --list shows all"
            )
    return [p for p in paper.parts if not only or {p.name, *p.rows} & set(only)]


def result_file(paper: Paper, part: Part, work: Path, size: Size) -> Path:
    """Where the result of an experiment is kept."""
    return work / size.value / paper.name / part.name / "result.json"


def _machine() -> str:
    import os

    import torch

    gpu = f", {torch.cuda.get_device_name()}" if torch.cuda.is_available() else ", no GPU"
    return f"{os.cpu_count()} CPU cores ({platform.machine()}){gpu}"


def _fingerprint(sources: Sources) -> dict[str, Any]:
    """Names and sizes of the user's data: with others the experiments are run again."""
    told: dict[str, Any] = {}
    for name, value in dataclasses.asdict(sources).items():
        paths = value if isinstance(value, (list, tuple)) else [value]
        told[name] = [
            [p.name, p.stat().st_size if p.is_file() else 0] for p in paths if p is not None
        ]
    return told
