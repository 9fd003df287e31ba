"""A training run from bags to bundle, and the folder that it lives in."""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Iterable
from contextlib import ExitStack, nullcontext, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from slowfeat.bundle import BUNDLE_FOLDER, Bundle, load_bundle
from slowfeat.errors import BagError, BundleError, SlowfeatError, UsageError
from slowfeat.files import PARTIAL, clear_leftovers, locked, write_whole, writing
from slowfeat.ownership import check_ours, put_in_place, remove, stands_at
from slowfeat.schema import build, parse_json
from slowfeat_trainer.bundling.bundle_run import TrainingBag, export_run, split_of
from slowfeat_trainer.config.train_config import TrainConfig, changes, load_config, save_config
from slowfeat_trainer.console.terminal import progress_bar, say
from slowfeat_trainer.data.cameras import Cameras, same_camera
from slowfeat_trainer.data.labels import label_frames
from slowfeat_trainer.data.options import IngestOptions, SplitRule
from slowfeat_trainer.data.pairs import Split, held_out_bags, split_recordings
from slowfeat_trainer.data.recording import Camera, Recording
from slowfeat_trainer.data.shrink import Shrink
from slowfeat_trainer.device import distributed
from slowfeat_trainer.evaluation.compare import MIN_PAIRS, HeldOutPairs
from slowfeat_trainer.geometry.geometry_of_camera import crop_camera
from slowfeat_trainer.ingest.dataset import is_dataset, open_dataset, refuse_changed
from slowfeat_trainer.ingest.engines import open_engine
from slowfeat_trainer.ingest.ingest_bags import IngestSummary, ingest
from slowfeat_trainer.ingest.shards import open_shards, recordings_of
from slowfeat_trainer.methods import build_method, method_of
from slowfeat_trainer.methods.training_set import TrainingSet
from slowfeat_trainer.training.finetune import check_start, finetune_from, record
from slowfeat_trainer.training.loop import train
from slowfeat_trainer.training.run_folder import (
    BUNDLE,
    BUNDLES,
    CONFIG,
    DATA,
    LOCK,
    LOG,
    ORIGIN,
    RUN_FOLDER,
    SOURCES,
    begun_anew,
)


def prepare_run(run: Path, config: TrainConfig, sources: list[TrainingBag]) -> bool:
    """Make the run's folder, or find the one to continue; returns whether it is finished already.

    Raises:
        UsageError: the folder holds something else, a run with other settings or bags, or one that
            is damaged.
    """
    if (run / CONFIG).is_file():
        changed = changes(_checked_config(run), config)
        if (run / SOURCES).is_file() and _checked_sources(run) != sources:
            changed.append("other bags")
        if changed:
            raise UsageError(
                f"{run} is a run with other settings ({'; '.join(changed)}); "
                "choose another --out, or use --overwrite to start it again"
            )
        return is_finished(run)
    refuse_foreign(run)
    begin_run(run, config, sources)
    return False


def _checked_config(run: Path) -> TrainConfig:
    try:
        return load_config(run / CONFIG)
    except UsageError as error:
        raise UsageError(f"{error}; --overwrite starts the run again") from error


def _checked_sources(run: Path) -> list[TrainingBag]:
    """The bags that a run was begun with.

    Raises:
        UsageError: the file that says so is damaged.
    """
    try:
        data = (run / SOURCES).read_bytes()
        listed = parse_json(b'{"sources": ' + data + b"}")
    except (OSError, ValueError) as error:
        raise UsageError(f"{run / SOURCES} is damaged; --overwrite starts the run again") from error
    return build(_Sources, listed, str(run / SOURCES), UsageError).sources


@dataclass(frozen=True)
class _Sources:
    """The content of bags.json."""

    sources: list[TrainingBag]


def is_finished(run: Path) -> bool:
    """Whether a run's bundles are there and what they were written as; says what is broken."""
    folders = [run / BUNDLE, *sorted((run / BUNDLES).glob("[!.]*"))]
    if not folders[0].exists():
        return False
    for folder in folders:
        try:
            load_bundle(folder)
        except (BundleError, UsageError) as error:
            say(f"warning: {str(error).partition(';')[0]}; it is made again")
            return False
    return True


def begin_run(run: Path, config: TrainConfig, sources: list[TrainingBag]) -> None:
    """Write down what a run is about; config.yaml comes last."""
    run.mkdir(parents=True, exist_ok=True)
    text = json.dumps([dataclasses.asdict(s) for s in sources], indent=2)
    write_whole(run / SOURCES, text + "\n")
    save_config(config, run / CONFIG)


def refuse_foreign(run: Path) -> None:
    """Refuse to train into a folder that holds something else.

    Raises:
        UsageError: it does, or it is a file.
    """
    if (run / CONFIG).is_file() or not run.exists():
        return
    begun = {DATA, LOCK, SOURCES}
    if not run.is_dir() or any(
        item.name not in begun and not item.name.endswith(PARTIAL) for item in run.iterdir()
    ):
        raise UsageError(f"{run} exists and is no run of slowfeat; choose another --out")


def train_run(
    paths: list[Path],
    run: Path,
    config: TrainConfig,
    overwrite: bool = False,
    inputs: Iterable[str | os.PathLike[str]] = (),
) -> Bundle | None:
    """Bags or a dataset in, bundle out; returns None where the run was finished already.

    Bags are read into RUN/dataset. What is wrong with them is found before any training, and leaves
    no folder behind; a run that is started anew is what it was until then, and keeps what was read
    of its bags.

    Args:
        paths: bags or datasets.
        run: the run's folder.
        config: its settings.
        overwrite: start a run that stands there anew.
        inputs: what else the command reads, which is never removed.
    """
    inputs = [*paths, *inputs, *filter(None, (config.init, config.labels, *config.settings.files))]
    with ExitStack() as locks:
        return _train_run(paths, run, config, overwrite, inputs, locks)


def _lock(run: Path, locks: ExitStack) -> None:
    """Keep a second training out of a run."""
    if distributed.is_first():
        busy = f"another slowfeat train is at work on {run}; wait for it, or choose another --out"
        locks.enter_context(locked(run / LOCK, busy))
        # What a killed training has left.
        clear_leftovers(run, (CONFIG, SOURCES, ORIGIN, LOG))
        for left in run.glob(f".{BUNDLE}.*{PARTIAL}"):
            remove(left, replace(BUNDLE_FOLDER, is_ours=lambda _: True))


def _train_run(
    paths: list[Path],
    run: Path,
    config: TrainConfig,
    overwrite: bool,
    inputs: list[str | os.PathLike[str]],
    locks: ExitStack,
) -> Bundle | None:
    is_anew = overwrite and stands_at(run)
    if is_anew:
        check_ours(run, RUN_FOLDER, inputs)
    else:
        refuse_foreign(run)
    check_start(config, run, overwrite)
    is_new = not run.exists()
    if distributed.is_first():
        with writing(run):
            run.mkdir(parents=True, exist_ok=True)
    _lock(run, locks)
    beside = begun_anew(run, RUN_FOLDER, CONFIG, paths, config.reading, config.split)
    try:
        with beside if is_anew else nullcontext(run) as work:
            recordings, config = get_recordings(paths, work, config)
            for warning in disagreements(recordings, config):
                say(f"  warning: {warning}")
            split = split_recordings(recordings, config.split)
            labels = None
            if config.labels:
                labels = label_frames(Path(config.labels), recordings, split.train)
            cameras = cameras_of(recordings, split, config)
            data = TrainingSet.prepare(
                split.train, cameras.distinct[0], config, labels, cameras=cameras
            )
            for number in range(len(cameras)):
                check_held_out(split_of(number, cameras, recordings, split, config), config)
            config = bounded(config, len(split.train))
            method = build_method(data, config)
            origin = finetune_from(method.encoder, config, run, overwrite)
            sources = describe_sources(recordings, config)
            if distributed.on_first(lambda: prepare_run(work, config, sources)):
                return None
            for bundle in (work / BUNDLE, *(work / BUNDLES).glob("*")):
                if bundle.exists():  # refused before hours of work, not after
                    check_ours(bundle, BUNDLE_FOLDER, inputs)
            distributed.on_first(lambda: record(origin, work))
            if is_anew:
                _lock(work, locks)  # which is the run from then on
                distributed.on_first(lambda: put_in_place(work, run, RUN_FOLDER, inputs))
    except SlowfeatError:
        if is_new and distributed.is_first():
            with suppress(SlowfeatError, OSError):
                remove(run, RUN_FOLDER)
        raise
    say(
        f"training {config.preset}: {len(data.pairs)} pairs, {len(data.patterns)} motion patterns, "
        f"{config.steps} steps"
    )
    with writing(run), progress_bar(config.steps, "train", "step") as bar:

        def show(done: int, terms: dict[str, float]) -> None:
            bar.update(done - bar.n)
            bar.set_postfix({name: f"{value:.3f}" for name, value in terms.items()})

        method = train(data, config, run, show, method).cpu()
    if not distributed.is_first():
        return None
    say("fitting the transform and exporting")
    return export_run(method, data, split, recordings, config, sources, run / BUNDLE)


def get_recordings(
    paths: list[Path], run: Path, config: TrainConfig
) -> tuple[list[Recording], TrainConfig]:
    """The recordings to train on, and the configuration with what a dataset says of its own.

    Raises:
        UsageError: a path does not exist, or a flag contradicts how the dataset was made.
    """
    if not any(is_dataset(path) for path in paths):

        def read() -> list[str]:
            found = IngestSummary()
            target, reading, split = run / DATA, config.reading, config.split
            with open_engine() as engine:
                ingest(paths, target, reading, engine, split=split, min_pairs=1, found=found)
            return [entry.sha256 for entry in found.entries]

        # The dataset may hold more: bags of a command with other bags that was stopped or refused.
        given = distributed.on_first(read)
        dataset = open_dataset(run / DATA)
        recordings = {r.sha256: r for r in dataset.recordings()}
        # A run of before goes on as it began.
        reading = replace(config.reading, decoding=dataset.options.decoding)
        return [recordings[sha256] for sha256 in given], replace(config, reading=reading)
    if not all(is_dataset(path) for path in paths):
        raise UsageError(
            "give datasets, or bags; slowfeat ingest BAG... --out DATASET adds bags to a dataset"
        )
    shards = open_shards(paths)
    distributed.on_first(lambda: refuse_changed(shards))
    dataset = shards[0]
    asked = replace(config.reading, decoding=dataset.options.decoding)
    if asked not in (replace(IngestOptions(), decoding=asked.decoding), dataset.options):
        raise UsageError(
            f"{paths[0]} was read already; flags that say how bags are read belong to slowfeat "
            "ingest"
        )
    split = dataset.split if config.split == SplitRule() else config.split
    config = dataclasses.replace(config, reading=dataset.options, split=split)
    config.validate()
    return recordings_of(shards), config


def bounded(config: TrainConfig, frames: int) -> TrainConfig:
    """The configuration with as many updates as a training part of so many
    frames is good for (`max_epochs`).
    """
    most = method_of(config).most_steps(config, frames)
    if most is None or config.steps <= most:
        return config
    say(
        f"  {frames} frames to learn from: {most} updates instead of {config.steps}, or the bag "
        "would be memorised (--set max_epochs=0 lifts that)"
    )
    return dataclasses.replace(config, steps=most)


def seen_by(camera: Camera, config: TrainConfig) -> Camera:
    """The camera as the frames show it: with what the crop leaves of its image."""
    return crop_camera(camera, Shrink(config.reading.image_size, config.reading.crop))


def cameras_of(recordings: list[Recording], split: Split, config: TrainConfig) -> Cameras:
    """The cameras that a method distinguishes: all, or the first where it knows of none."""
    if not method_of(config).knows_cameras:
        return Cameras((seen_by(recordings[0].camera, config),))
    learned = set(split.train.source.tolist())
    found = Cameras.of(recordings, [r for r in recordings if r.key in learned])
    return dataclasses.replace(
        found, distinct=tuple(seen_by(camera, config) for camera in found.distinct)
    )


def describe_sources(recordings: list[Recording], config: TrainConfig) -> list[TrainingBag]:
    """The bags of a run, and which part of each was learned from."""
    held_out: set[str] = set()
    if config.split.by == "bag":
        held_out = held_out_bags([r.sha256 for r in recordings], config.split.test)
    return [
        TrainingBag(r.path.name, r.sha256, "test" if r.sha256 in held_out else "train")
        for r in recordings
    ]


def disagreements(recordings: list[Recording], config: TrainConfig) -> list[str]:
    """What the bags of one training should have in common and do not."""
    first, found = recordings[0], []
    what = "whose is taken"
    if method_of(config).knows_cameras:
        what = f"and is learned beside it: {BUNDLES}/ holds a bundle for each"
    for other in recordings[1:]:
        if other.body_frame != first.body_frame:
            found.append(
                f"{other.path} is of body {other.body_frame!r}, {first.path} of "
                f"{first.body_frame!r}"
            )
        if not same_camera(other.camera, first.camera):
            found.append(f"{other.path} has another camera than {first.path}, {what}")
    return found


def check_held_out(split: Split, config: TrainConfig) -> None:
    """Refuse, before any work, blocks too short to calibrate by or to take figures on.

    Raises:
        BagError: naming the block.
    """
    calibration = len(split.calibration.pairs_up_to(config.max_gap_s))
    if calibration < MIN_PAIRS:
        raise BagError(
            f"the calibration block of {split.calibration.seconds:.1f} s has {calibration} pairs "
            f"of frames, at least {MIN_PAIRS} are needed: give more or longer bags"
        )
    if config.split.test and len(split.test):
        HeldOutPairs.of(split.test)
