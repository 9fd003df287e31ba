"""Labels of some frames: classes of stretches of time of some bags.

A CSV file with the columns bag, from_s, to_s, label; seconds count from the bag's first frame:

    bag,from_s,to_s,label
    monday,0,12.5,kitchen
    monday,12.5,40,corridor
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from slowfeat.errors import UsageError
from slowfeat.odometry import NS
from slowfeat_trainer.data.pairs import Part
from slowfeat_trainer.data.recording import Recording

UNLABELLED = -1
COLUMNS = ("bag", "from_s", "to_s", "label")


@dataclass(frozen=True)
class Labels:
    """The classes of a part's frames."""

    # In the order of their numbers.
    names: list[str]
    # (N,) class of each frame, or UNLABELLED.
    of_frame: npt.NDArray[np.int64]


@dataclass(frozen=True)
class Stretch:
    """A line of the file."""

    bag: str
    from_s: float
    to_s: float
    label: str


def read_stretches(path: Path) -> list[Stretch]:
    """The lines of a file of labels.

    Raises:
        UsageError: it cannot be read, lacks a column, or a line makes no sense.
    """
    try:
        with path.open(newline="", encoding="utf-8") as stream:
            rows = list(csv.DictReader(stream))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UsageError(f"{path} cannot be read as labels: {error}") from error
    if not rows or not set(COLUMNS) <= set(rows[0]):
        raise UsageError(f"{path} must be a CSV file with the columns {', '.join(COLUMNS)}")
    found = []
    for number, row in enumerate(rows, start=2):
        try:
            stretch = Stretch(row["bag"], float(row["from_s"]), float(row["to_s"]), row["label"])
        except (TypeError, ValueError) as error:
            raise UsageError(f"{path}, line {number}: {error}") from error
        if not (stretch.from_s < stretch.to_s and stretch.label):
            raise UsageError(
                f"{path}, line {number}: from_s must be below to_s, and label be there"
            )
        found.append(stretch)
    return found


def classes_of_frames(path: Path, recordings: list[Recording], part: Part) -> Labels:
    """The classes of a part's frames, be they none.

    Args:
        path: the file of labels.
        recordings: all bags of the training.
        part: whose frames get their classes; its stamps say which are meant.

    Raises:
        UsageError: the file cannot be read, or names a bag that is not there.
    """
    stretches = read_stretches(path)
    names = {recording.path.name for recording in recordings}
    unknown = sorted({s.bag for s in stretches} - names)
    if unknown:
        raise UsageError(
            f"{path} labels {unknown[0]}, which is not among the bags ({', '.join(sorted(names))})"
        )
    classes = sorted({s.label for s in stretches})
    of_frame = np.full(len(part), UNLABELLED, dtype=np.int64)
    for stretch in stretches:
        for recording in recordings:
            if recording.path.name == stretch.bag:
                begin = int(recording.stamps[0])
                start, stop = begin + stretch.from_s * NS, begin + stretch.to_s * NS
                # By the bag, not by the time alone: several robots may have driven at once.
                inside = (
                    (part.source == recording.key) & (part.stamps >= start) & (part.stamps < stop)
                )
                of_frame[inside] = classes.index(stretch.label)
    return Labels(classes, of_frame)


def label_frames(path: Path, recordings: list[Recording], part: Part) -> Labels:
    """The classes of the frames that are trained on; arguments as of classes_of_frames.

    Raises:
        UsageError: the file names a bag that is not there, or fewer than two classes are left.
    """
    labels = classes_of_frames(path, recordings, part)
    seen = {labels.names[c] for c in np.unique(labels.of_frame) if c != UNLABELLED}
    if len(seen) < 2:
        raise UsageError(
            f"{path} leaves {len(seen)} classes in the part that is trained on "
            f"({', '.join(sorted(seen)) or 'none of its stretches lies in it'}); at least 2 are "
            "needed"
        )
    return labels
