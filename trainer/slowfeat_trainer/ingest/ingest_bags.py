"""Many bags into one dataset, finished bag by bag, so that a killed ingest continues."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from slowfeat.errors import BagError, SlowfeatError, UsageError
from slowfeat.files import clear_leftovers, locked, writing
from slowfeat.ownership import check_ours, discard, put_in_place, remove
from slowfeat.scaled_decoding import SCALED, WHOLE
from slowfeat_trainer.bags import bag_sha256
from slowfeat_trainer.console.terminal import bar_filler, progress_bar, say
from slowfeat_trainer.data.options import IngestOptions, SplitRule
from slowfeat_trainer.data.pairs import GAP_S, following
from slowfeat_trainer.data.recording import Recording
from slowfeat_trainer.ingest.dataset import (
    BAG_FOLDER,
    BAGS,
    DATASET,
    DATASET_FOLDER,
    LOCK,
    Dataset,
    DatasetError,
    Entry,
    dataset_of,
    is_dataset,
    is_newer,
    load_recording,
    read_state,
    save_recording,
    write_state,
)
from slowfeat_trainer.ingest.engines import Engine
from slowfeat_trainer.ingest.ingest_bag import ingest_bag
from slowfeat_trainer.odometry_errors.sentences import corrections

MIN_PAIRS = 100


@dataclass
class IngestSummary:
    """What an ingest has found, bag by bag."""

    entries: list[Entry] = field(default_factory=list)
    # Why a bag could not be used, in one line each.
    refused: list[str] = field(default_factory=list)
    dropped: Counter[str] = field(default_factory=Counter)


def ingest(
    paths: list[Path],
    target: Path,
    options: IngestOptions,
    engine: Engine,
    *,
    split: SplitRule | None = None,
    min_pairs: int = MIN_PAIRS,
    skip_unusable: bool = False,
    found: IngestSummary | None = None,
) -> Dataset:
    """Read bags into the dataset `target`, or continue one; more bags can be added to a finished
    one.

    Args:
        paths: bags of any kind.
        target: folder of the dataset.
        options: how the bags are read.
        engine: who decodes.
        split: what is held out of training.
        min_pairs: fewer pairs of frames than this in all are an error.
        skip_unusable: bags that cannot be used are left out; otherwise they are an error, after all
            others were read.
        found: gets what became of each of the bags; the dataset may hold more.

    Raises:
        UsageError: a path does not exist, or `target` holds something else or was made otherwise.
        BagError: a bag cannot be used, or there are too few pairs: with the reasons.
    """
    split = split or SplitRule()
    split.validate()
    options.validate()
    for path in paths:
        if not path.exists():
            raise UsageError(f"{path} does not exist; give a bag's folder or file")
    is_new = not target.exists()
    try:
        with writing(target):
            target.mkdir(parents=True, exist_ok=True)
        busy = f"another slowfeat ingest is writing {target}; wait for it"
        with locked(target / LOCK, busy), writing(target):
            options = as_begun(target, options)
            before = _begin(target, options, split)
            found = IngestSummary() if found is None else found
            for path in paths:
                _take_in(path, target, options, split, before, engine, found)
            _check(found, min_pairs, skip_unusable)
            known = {entry.sha256 for entry in found.entries}
            entries = [*found.entries, *(e for e in before.values() if e.sha256 not in known)]
            write_state(target, options, split, entries, complete=True)
            return dataset_of(target, read_state(target))
    except SlowfeatError:
        if is_new and not list((target / BAGS).glob("[!.]*")):
            with suppress(SlowfeatError, OSError):  # nothing was achieved: leave nothing behind
                remove(target, DATASET_FOLDER)
        raise


def as_begun(target: Path, options: IngestOptions) -> IngestOptions:
    """The options to go on with a dataset by: one of before keeps decoding every image whole."""
    if options.decoding == SCALED and is_dataset(target):
        with suppress(DatasetError):  # which is said when it is opened
            state = read_state(target)
            begun = dataset_of(target, state).options if state.get("bags") else options
            if begun.decoding == WHOLE:
                say(f"{target} was begun with --decoding whole, and goes on so")
                return replace(options, decoding=WHOLE)
    return options


def _begin(target: Path, options: IngestOptions, split: SplitRule) -> dict[str, Entry]:
    """The bags that stand in the dataset already, by hash."""
    (target / BAGS).mkdir(exist_ok=True)
    clear_leftovers(target, [DATASET])
    for left in (target / BAGS).glob(".*.partial"):
        remove(left, BAG_FOLDER)
    if not is_dataset(target):
        others = [p.name for p in target.iterdir() if p.name not in (BAGS, LOCK)]
        if others:
            raise UsageError(f"{target} holds {others[0]} and is no dataset; choose another --out")
        write_state(target, options, split, [], complete=False)
        return {}
    try:
        state = read_state(target)
        dataset = dataset_of(target, state) if state.get("bags") else None
    except DatasetError as error:
        if is_newer(target):
            raise
        check_ours(target, DATASET_FOLDER)
        say(f"warning: {error}. The bags given are read again; others must be given again, too")
        dataset = None
    if dataset is None:  # begun, and stopped before any bag was whole; or damaged
        write_state(target, options, split, [], complete=False)
        return {}
    changed = [
        f"{name} {old!r} -> {new!r}"
        for (name, old), new in zip(
            {**asdict(dataset.options), **asdict(dataset.split)}.items(),
            {**asdict(options), **asdict(split)}.values(),
            strict=True,
        )
        if old != new
    ]
    if changed:
        raise UsageError(
            f"{target} was made with other options ({'; '.join(changed)}); choose another --out"
        )
    return {entry.sha256: entry for entry in dataset.entries}


def _take_in(
    path: Path,
    target: Path,
    options: IngestOptions,
    split: SplitRule,
    before: dict[str, Entry],
    engine: Engine,
    found: IngestSummary,
) -> None:
    """Read one bag, or find that it stands there already; note it in dataset.json."""
    with ThreadPoolExecutor(1) as beside:
        # Found while the images are decoded, unless it may turn out that there is nothing to
        # decode.
        digest = beside.submit(bag_sha256, path)
        if before and digest.result() in before:
            entry = before[digest.result()]
            damage = [] if entry in found.entries else damage_of(target, options, entry)
            if not damage:
                _pass_over(path, target, entry, found)
                return
            say(f"{path}: what was read of it before is damaged ({damage[0]}); it is read again")
        try:
            entry, recording = _read(path, digest, target, options, engine)
        except BagError as error:
            found.refused.append(str(error))
            say(f"cannot be used: {error}")
            return
    before[entry.sha256] = entry
    write_state(target, options, split, list(before.values()), complete=False)
    report_ingest(path, recording)
    found.entries.append(entry)
    found.dropped += recording.dropped


def damage_of(target: Path, options: IngestOptions, entry: Entry) -> list[str]:
    """What of a bag in a dataset is not as it was written; reads all of it."""
    try:
        return list(Dataset(target, options, SplitRule(), [entry]).verify())
    except DatasetError as error:
        return [str(error)]


def _pass_over(path: Path, target: Path, entry: Entry, found: IngestSummary) -> None:
    if entry in found.entries:
        say(f"{path}: the same bag as one before it; taken once")
        return
    recording = load_recording(target / BAGS / entry.folder)
    say(f"{path}: stands in {target} already, {entry.frames} frames")
    found.entries.append(entry)
    found.dropped += recording.dropped


def _read(
    path: Path, digest: Future[str], target: Path, options: IngestOptions, engine: Engine
) -> tuple[Entry, Recording]:
    """Read a bag into a folder of its own, which gets its name when it is whole."""
    name = path.resolve().name
    partial = target / BAGS / f".{name}.partial"
    remove(partial, BAG_FOLDER)
    try:
        partial.mkdir()
        with progress_bar(1, f"read {name}", "frame") as bar:
            recording = ingest_bag(path, options, partial, engine, bar_filler(bar))
        recording = replace(recording, sha256=digest.result())
        save_recording(recording, partial)
    except BaseException:
        discard(partial)
        raise
    entry = Entry(name, recording.sha256, len(recording), count_pairs(recording))
    final = target / BAGS / entry.folder
    # One that stands there was finished, but its ingest killed before dataset.json said so.
    put_in_place(partial, final, BAG_FOLDER)
    return entry, load_recording(final)


def count_pairs(recording: Recording) -> int:
    """Pairs of frames half a second apart, within an episode."""
    after = following(recording.stamps, GAP_S)
    there = after >= 0
    return int((recording.episode[there] == recording.episode[after[there]]).sum())


def report_ingest(path: Path, recording: Recording) -> None:
    """Say what became of a bag: what was kept, what was dropped and why, what to know."""
    say(f"{path}: {len(recording)} frames with poses, {recording.seconds:.1f} s")
    for reason, count in recording.dropped.items():
        say(f"  dropped: {count} {reason}")
    found = corrections(recording.estimate, recording.odometry, recording.motion)
    for sentence in found:
        say(f"  odometry: {sentence}")
    if found:
        say("  odometry: --trust-odometry leaves it as it was")
    for warning in recording.warnings:
        say(f"  warning: {warning}")


def _check(found: IngestSummary, min_pairs: int, skip_unusable: bool) -> None:
    if found.refused and not skip_unusable:
        rest = f"; {len(found.refused) - 1} more bags cannot be used either" * (
            len(found.refused) > 1
        )
        keep = "; --skip-unusable continues without them" if found.entries else ""
        raise BagError(f"{found.refused[0]}{rest}{keep}")
    pairs = sum(entry.pairs for entry in found.entries)
    if pairs < min_pairs:
        frames = sum(entry.frames for entry in found.entries)
        reasons = ", ".join(f"{count} {reason}" for reason, count in found.dropped.most_common())
        raise BagError(
            f"only {pairs} pairs of frames {GAP_S} s apart in {frames} frames, --min-pairs asks "
            f"for {min_pairs}; dropped: {reasons or 'nothing, the bags are short'}"
        )
