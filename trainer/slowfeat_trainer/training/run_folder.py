"""The folder of a run: what belongs into it, and how it is started anew without
losing what is there too early.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from slowfeat.bundle import BUNDLE_FOLDER
from slowfeat.errors import SlowfeatError
from slowfeat.files import writing
from slowfeat.ownership import Kind, partial_of, remove
from slowfeat_trainer.bags import bag_sha256
from slowfeat_trainer.data.options import IngestOptions, SplitRule
from slowfeat_trainer.device import distributed
from slowfeat_trainer.ingest.dataset import (
    BAGS,
    DATASET_FOLDER,
    dataset_of,
    is_dataset,
    read_state,
    write_state,
)
from slowfeat_trainer.methods.warp.feature_bank import FEATURES
from slowfeat_trainer.methods.warp.feature_bank import FOLDER as FEATURES_FOLDER

CONFIG, SOURCES, ORIGIN, LOG = "config.yaml", "bags.json", "init.json", "log.jsonl"
# Held by the training that is at work.
LOCK = ".lock"
DATA, BUNDLE, BUNDLES, CHECKPOINTS = "dataset", "bundle", "bundles", "checkpoints"
# Settings that config.yaml has had from the beginning.
_SETTINGS = {"preset", "dimension", "patterns", "drop_slowest", "batch_size", "checkpoint_every"}

CHECKPOINTS_FOLDER = Kind(
    "the checkpoints of a training",
    ("step_*.pt", "step_*.tmp", partial_of("step_*.pt"), "last", "last.tmp", partial_of("last")),
    lambda _: True,
)
# What the training loop itself leaves in a folder.
TRAINING = (
    *(LOG, partial_of(LOG), "tensorboard/events.out.tfevents.*", f"{CHECKPOINTS}/"),
    *CHECKPOINTS_FOLDER.below(CHECKPOINTS),
    *(f"{FEATURES_FOLDER}/", *FEATURES.below(FEATURES_FOLDER)),
    *(f"{partial_of(FEATURES_FOLDER)}/", *FEATURES.below(partial_of(FEATURES_FOLDER))),
)


def _bundles_at(place: str) -> tuple[str, ...]:
    """A bundle, and what a killed command has left of one."""
    folder, _, name = place.rpartition("/")
    unfinished = f"{folder}/.{name}.*".lstrip("/")
    return (
        f"{place}/",
        *BUNDLE_FOLDER.below(place),
        f"{unfinished}/",
        *BUNDLE_FOLDER.below(unfinished),
        *BUNDLE_FOLDER.below(f"{unfinished}/old"),
    )


def _is_ours(run: Path) -> bool:
    """Whether config.yaml is one of ours; where it is damaged, whether what lies beside it is."""
    with suppress(OSError, ValueError):
        names = re.findall(r"^(\w+):", (run / CONFIG).read_text(encoding="utf-8"), re.MULTILINE)
        if set(names) >= _SETTINGS:
            return True
        if names:  # somebody else's settings, not ours cut short
            return set(names) <= _SETTINGS | {"method", "encoder", "terms", "layers", "settings"}
    with suppress(OSError, ValueError, RecursionError, TypeError):
        sources = json.loads((run / SOURCES).read_text(encoding="utf-8"))
        return bool(sources) and all({"name", "sha256"} <= set(source) for source in sources)
    inner = ((DATASET_FOLDER, run / DATA), (BUNDLE_FOLDER, run / BUNDLE))
    return any(kind.is_ours(folder) for kind, folder in inner if folder.is_dir())


_FILES = (CONFIG, SOURCES, ORIGIN)
RUN_FOLDER = Kind(
    "a run",
    (
        *(*_FILES, LOCK, *map(partial_of, _FILES), *TRAINING, f"{DATA}/"),
        *(*DATASET_FOLDER.below(DATA), *_bundles_at(BUNDLE), *_bundles_at(f"{BUNDLES}/*")),
    ),
    _is_ours,
)


@contextmanager
def begun_anew(
    folder: Path,
    kind: Kind,
    marker: str,
    paths: Iterable[Path],
    reading: IngestOptions,
    split: SplitRule,
) -> Iterator[Path]:
    """A folder beside one that is to be started anew, to work in until all that can be refused has
    been.

    It has the bags of the old one's dataset that are to be read the same way again: as other names
    of the same files. The caller puts it in place of the old one. When the block fails, it is
    removed; a killed command's is continued.

    Args:
        folder: a run or a study.
        kind: what it is.
        marker: the file that is written last before the folder is put in place.
        paths: bags, or datasets, of which nothing is taken over.
        reading: how they are to be read.
        split: what is to be held out of them.
    """
    work = folder.absolute().with_name(f".{folder.name}.anew")

    def prepare() -> bool:
        if (work / marker).exists():  # put in place, and killed before the old one was removed
            remove(work, kind)
        is_new = not work.exists()
        with writing(work):
            work.mkdir(exist_ok=True)
        if is_new:
            _take_over(folder / DATA, work / DATA, list(paths), reading, split)
        return is_new

    is_new = distributed.on_first(prepare)
    try:
        yield work
    except BaseException:
        if is_new and distributed.is_first():
            with suppress(SlowfeatError):
                remove(work, kind)
        raise


def _take_over(
    source: Path, target: Path, paths: list[Path], reading: IngestOptions, split: SplitRule
) -> None:
    """The bags of a dataset that are among some, where it was made with the same options."""
    if not is_dataset(source) or any(is_dataset(path) for path in paths):
        return
    try:
        dataset = dataset_of(source, read_state(source))
    except SlowfeatError:
        return
    if (dataset.options, dataset.split) != (reading, split):
        return
    wanted = {bag_sha256(path) for path in paths if path.exists()}
    entries = [entry for entry in dataset.entries if entry.sha256 in wanted]
    taken = []
    with writing(target):
        (target / BAGS).mkdir(parents=True)
    for entry in entries:
        # Nothing in a dataset is written into, so that names for the same bytes will do; where the
        # file system has none, the bag is read again.
        with suppress(OSError):
            _link_folder(source / BAGS / entry.folder, target / BAGS / entry.folder)
            taken.append(entry)
    write_state(target, reading, split, taken, complete=False)


def _link_folder(source: Path, target: Path) -> None:
    target.mkdir()
    for file in sorted(source.iterdir()):
        os.link(file, target / file.name)
