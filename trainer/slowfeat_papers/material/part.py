"""What an experiment is and what it leaves: the contract between the
experiments, their runner and the page.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any


class Size(Enum):
    """How much is learned, and how often."""

    # Every row once: does it run, and which way does it point.
    QUICK = "quick"
    # Halfway, by factors: what two cores can do in an hour or two.
    EVENING = "evening"
    # The papers' sizes where they are known.
    FULL = "full"

    @property
    def seeds(self) -> int:
        """Repeats unless the user wants another number."""
        return 3 if self is Size.FULL else 1


@dataclass(frozen=True)
class Table:
    """A table of the page."""

    title: str
    head: list[str]
    rows: list[list[str]]


@dataclass(frozen=True)
class Finding:
    """A sentence on one row of the checklist."""

    # "G23".
    row: str
    # With the figures that it stands on.
    says: str
    # Whether it came out as in the paper; None where the paper gives nothing to compare.
    agrees: bool | None


@dataclass(frozen=True)
class Result:
    """What an experiment found."""

    findings: list[Finding]
    tables: list[Table] = field(default_factory=list)
    # Files that the experiment left in its folder: name -> what is to be seen.
    pictures: dict[str, str] = field(default_factory=dict)
    # What a reader should know: substitutes for data, what was tried.
    notes: list[str] = field(default_factory=list)
    # Trainings or draws behind each mean.
    seeds: int = 1

    @classmethod
    def of(cls, stored: dict[str, Any]) -> Result:
        """From its JSON."""
        return cls(
            findings=[Finding(**f) for f in stored["findings"]],
            tables=[Table(**t) for t in stored["tables"]],
            pictures=stored["pictures"],
            notes=stored["notes"],
            seeds=stored["seeds"],
        )


@dataclass(frozen=True)
class Sources:
    """Data that the user has; an experiment takes the nearest that exists
    where it is None, and says so.
    """

    # CIFAR-10: a .npz of JPEGs, or a folder for torchvision.
    cifar: Path | None = None
    # Scene categories: a .npz of JPEGs, or a folder train/CLASS/IMAGE, test/CLASS/IMAGE.
    scenes: Path | None = None
    # Objects on a turntable: a .npz with images, object_id, azimuth_deg.
    turntable: Path | None = None
    # Real drives.
    bags: tuple[Path, ...] = ()
    # The rotating object of the toy, any mesh file.
    mesh: Path | None = None


@dataclass(frozen=True)
class Bench:
    """What an experiment is given."""

    # The experiment's own folder; everything it keeps to continue later is in there.
    folder: Path
    # Shared by all experiments: simulated drives, rendered objects, encoders that two of them need.
    common: Path
    sources: Sources
    size: Size
    seeds: int

    @property
    def quick(self) -> bool:
        """Whether every row is only touched."""
        return self.size is Size.QUICK

    def pick(self, quick: Any, full: Any) -> Any:
        """What belongs to the size; in the evening a number is as many
        times quick's as full's is its.
        """
        if self.size is not Size.EVENING:
            return quick if self.quick else full
        if not isinstance(quick, (int, float)):
            return quick
        between = math.sqrt(quick * full)
        return between if isinstance(quick, float) else round(between)


@dataclass(frozen=True)
class Part:
    """One experiment."""

    # For --only: "toy-manifold".
    name: str
    # What it answers, rows of the paper's checklist.
    rows: tuple[str, ...]
    # One line.
    about: str
    run: Callable[[Bench], Result]


@dataclass(frozen=True)
class Paper:
    """A paper with its checklist."""

    # "goroshin2015".
    name: str
    title: str
    # Row -> what the paper has there.
    checklist: dict[str, str]
    parts: tuple[Part, ...]
