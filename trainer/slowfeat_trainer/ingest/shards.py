"""Several datasets as one: shards that as many workers have made, each of its own bags."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from slowfeat.errors import UsageError
from slowfeat_trainer.data.recording import Recording
from slowfeat_trainer.ingest.dataset import Dataset, open_dataset


def open_shards(paths: list[Path]) -> list[Dataset]:
    """The datasets, which were all made with the same options.

    Raises:
        UsageError: nothing stands at a path, or one was made with other options than the first.
        DatasetError: one is no dataset, not finished, or newer than this program.
    """
    shards = [open_dataset(path) for path in paths]
    first = shards[0]
    for other in shards[1:]:
        before, after = ({**asdict(d.options), **asdict(d.split)} for d in (first, other))
        changed = [
            f"{name} {before[name]!r}, {after[name]!r}"
            for name in before
            if before[name] != after[name]
        ]
        if changed:
            raise UsageError(
                f"{first.path} and {other.path} were made with other options "
                f"({'; '.join(changed)}); ingest the bags of one of them again, with the same "
                "flags"
            )
    return shards


def recordings_of(shards: list[Dataset]) -> list[Recording]:
    """The bags of all, memory-mapped, in order; one that several have is taken once."""
    found: dict[str, Recording] = {}
    for shard in shards:
        for recording in shard.recordings():
            found.setdefault(recording.sha256, recording)
    return list(found.values())
