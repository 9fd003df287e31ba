"""What stands in a dataset, and whether it is still what was written."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from slowfeat_trainer.data.recording import Recording
from slowfeat_trainer.ingest.dataset import Dataset, DatasetError, open_dataset
from slowfeat_trainer.inspection.suggest import flags_of
from slowfeat_trainer.inspection.verdict import percent


@dataclass
class DatasetSurvey:
    """What `slowfeat inspect` reports of a dataset."""

    dataset: Dataset
    # In the order of the dataset's entries; None for one that is damaged.
    recordings: list[Recording | None]
    # What is damaged, in sentences.
    damage: list[str]

    @property
    def dropped(self) -> Counter[str]:
        """Messages left out, by reason, over all bags."""
        return sum((r.dropped for r in self.recordings if r is not None), Counter())


def inspect_dataset(path: Path) -> DatasetSurvey:
    """Open a dataset and read all of it to compare hashes.

    Raises:
        DatasetError: it is not finished, newer than this program, or its list is damaged.
    """
    dataset = open_dataset(path)
    recordings: list[Recording | None] = []
    damage: list[str] = []
    for entry in dataset.entries:
        one = Dataset(path, dataset.options, dataset.split, [entry])
        try:
            recordings.append(one.recordings()[0])
            damage += one.verify()
        except (DatasetError, KeyError, OSError) as error:
            recordings.append(None)
            damage.append(str(error))
    return DatasetSurvey(dataset, recordings, damage)


def describe_dataset(survey: DatasetSurvey) -> str:
    """The report as text."""
    dataset = survey.dataset
    height, width = dataset.options.image_size
    pairs = sum(entry.pairs for entry in dataset.entries)
    bags = "1 bag" if len(dataset.entries) == 1 else f"{len(dataset.entries)} bags"
    flags = " ".join(flags_of(dataset.options)) or "the defaults"
    rule = dataset.split
    kept_out = (
        f"{percent(rule.test)} for the figures, {percent(rule.calibration)} of the rest calibrates"
    )
    lines = [
        (
            f"{dataset.path}: dataset of {bags}, {dataset.frames} frames of {width}x{height}, "
            f"{pairs} pairs"
        ),
        f"options:   {flags}",
        f"split:     by {rule.by}, {kept_out}",
    ]
    for entry, recording in zip(dataset.entries, survey.recordings, strict=True):
        lines.append(f"bag:       {entry.name}: {entry.frames} frames, {entry.pairs} pairs")
        if recording is None:
            continue
        lines.append(
            f"           {recording.seconds:.1f} s, {recording.image_topic} and "
            f"{recording.odom_topic} ({recording.motion_kind}), odometry "
            f"{recording.odom_offset_s:+.3f} s"
        )
        lines += [f"           dropped: {n} {why}" for why, n in recording.dropped.items()]
        lines += [f"           warning: {text}" for text in recording.warnings]
    lines += [f"damage:    {text}" for text in survey.damage]
    if survey.damage:
        lines.append(
            "verdict:   damaged: slowfeat ingest with the same bags, flags and --out reads again "
            "what is"
        )
    else:
        lines.append("verdict:   whole: every array is what was written")
        lines.append(f"next:      slowfeat train {dataset.path} --out RUN")
    return "\n".join(lines)


def record_of_dataset(survey: DatasetSurvey) -> dict[str, Any]:
    """The report as plain JSON."""
    dataset = survey.dataset
    return {
        "path": str(dataset.path),
        "frames": dataset.frames,
        "pairs": sum(entry.pairs for entry in dataset.entries),
        "options": asdict(dataset.options),
        "split": asdict(dataset.split),
        "bags": [
            {
                **asdict(entry),
                "dropped": dict(recording.dropped) if recording else {},
                "warnings": recording.warnings if recording else [],
            }
            for entry, recording in zip(dataset.entries, survey.recordings, strict=True)
        ],
        "damage": survey.damage,
    }
