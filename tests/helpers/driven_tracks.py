"""The track of a bag as the readers of motion give it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from slowfeat_trainer import bags
from slowfeat_trainer.data.options import IngestOptions
from slowfeat_trainer.motion.choose import find_source, read_track
from slowfeat_trainer.motion.track import Track
from tests.helpers.motion_bags import WHEELBASE_M

WHEELBASE = IngestOptions(wheelbase_m=WHEELBASE_M)


def track_of(
    path: Path, options: IngestOptions = WHEELBASE
) -> tuple[Track, Counter[str], list[str]]:
    """The track of a bag, what was dropped and the warnings."""
    dropped: Counter[str] = Counter()
    warnings: list[str] = []
    with bags.open_bag(path) as reader:
        source = find_source(reader, bags.topics_of(reader), options, path)
        return read_track(reader, source, options, dropped, warnings), dropped, warnings
