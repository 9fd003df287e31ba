"""A training run from bags to bundle, and the folder that it lives in."""

from __future__ import annotations

import dataclasses
import json
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tqdm import tqdm

from slowfeat import __version__
from slowfeat.bundle import ENCODER, TRANSFORM, Bundle, sha256, write_bundle
from slowfeat.bundle_info import BundleInfo, Frames, MotionPattern, Slice
from slowfeat.encoder import Encoder
from slowfeat.errors import BagError, UsageError
from slowfeat_trainer.bags import bag_sha256
from slowfeat_trainer.config import TrainConfig, load_config, save_config
from slowfeat_trainer.evaluation.compare import MIN_PAIRS, Comparison, TestPairs, compare
from slowfeat_trainer.export import export_encoder, export_transform
from slowfeat_trainer.fit_transform import (
    MAX_FIT_PAIRS,
    FittedTransform,
    MotionData,
    fit_transform,
)
from slowfeat_trainer.methods import Method
from slowfeat_trainer.models.convnet import embed_frames
from slowfeat_trainer.pairs import Pairs, Part, Split, split_by_time
from slowfeat_trainer.recording import ReadOptions, Recording, read_recording
from slowfeat_trainer.training import train
from slowfeat_trainer.training_set import TrainingSet

CONFIG, SOURCES, BUNDLE = "config.yaml", "bags.json", "bundle"


@dataclass(frozen=True)
class Source:
    """A bag that a run learned from."""

    # Last part of its path: the path itself is nobody's business on the robot.
    name: str
    sha256: str


def say(text: str) -> None:
    """Tell the user what is being done."""
    print(text, file=sys.stderr, flush=True)


@contextmanager
def progress_bar(total: int, label: str, unit: str) -> Iterator[tqdm[Any]]:
    """A bar with rate and time left, on a terminal only."""
    with tqdm(total=total, desc=label, unit=unit, disable=None, leave=False) as bar:
        yield bar


def read_options(config: TrainConfig) -> ReadOptions:
    """How the bags of a run are read."""
    return ReadOptions(
        image_topic=config.image_topic or None,
        odom_topic=config.odom_topic or None,
        image_size=(config.image_height, config.image_width),
        odom_offset_s=config.odom_offset_s,
        odom_offset_auto=config.odom_offset_auto,
    )


def read_bags(paths: list[Path], options: ReadOptions) -> list[Recording]:
    """Read all bags, with a progress bar each, and tell what was dropped and why."""
    recordings = []
    for path in paths:
        with progress_bar(1, f"read {path.name}", "frame") as bar:

            def show(done: int, total: int, bar: Any = bar) -> None:
                bar.total = total
                bar.update(done - bar.n)

            recording = read_recording(path, options, show)
        span = (recording.stamps[-1] - recording.stamps[0]) / 1e9
        say(f"{path}: {len(recording)} frames with poses, {span:.1f} s")
        for reason, count in recording.dropped.items():
            say(f"  dropped: {count} {reason}")
        for warning in recording.warnings:
            say(f"  warning: {warning}")
        recordings.append(recording)
    return recordings


def prepare_run(run: Path, config: TrainConfig, sources: list[Source], overwrite: bool) -> bool:
    """Make the run's folder, or find the one to continue; returns whether it is finished already.

    Raises:
        UsageError: the folder holds something else, or a run with other settings or bags.
    """
    if overwrite and (run / CONFIG).is_file():
        shutil.rmtree(run)
    if (run / CONFIG).is_file():
        before = load_config(run / CONFIG)
        changed = [
            f"{f.name} {getattr(before, f.name)!r} -> {getattr(config, f.name)!r}"
            for f in dataclasses.fields(config)
            if getattr(before, f.name) != getattr(config, f.name)
        ]
        recorded = json.loads((run / SOURCES).read_text()) if (run / SOURCES).is_file() else None
        if recorded not in (None, [dataclasses.asdict(s) for s in sources]):
            changed.append("other bags")
        if changed:
            raise UsageError(
                f"{run} is a run with other settings ({'; '.join(changed)}); "
                "choose another --out, or say --overwrite to start it anew"
            )
        return (run / BUNDLE / "bundle.json").is_file()
    if run.exists() and (not run.is_dir() or any(run.iterdir())):
        raise UsageError(f"{run} exists and is no run of slowfeat; choose another --out")
    run.mkdir(parents=True, exist_ok=True)
    (run / SOURCES).write_text(json.dumps([dataclasses.asdict(s) for s in sources], indent=2))
    save_config(config, run / CONFIG)
    return False


def train_run(
    paths: list[Path], run: Path, config: TrainConfig, overwrite: bool = False
) -> Bundle | None:
    """Bags in, bundle out; returns None where the run was finished already.

    Everything that can be wrong with the bags is found before the run's folder is made.
    """
    recordings = read_bags(paths, read_options(config))
    for warning in disagreements(recordings):
        say(f"  warning: {warning}")
    split = split_by_time(recordings, config.test_fraction, config.calibration_fraction)
    data = TrainingSet.prepare(split.train, recordings[0].camera, config)
    check_held_out(split, config)
    sources = [Source(path.name, bag_sha256(path)) for path in paths]
    if prepare_run(run, config, sources, overwrite):
        return None
    say(
        f"training {config.preset}: {len(data.pairs)} pairs, {len(data.patterns)} motion patterns, "
        f"{config.steps} steps"
    )
    with progress_bar(config.steps, "train", "step") as bar:

        def show(done: int, terms: dict[str, float]) -> None:
            bar.update(done - bar.n)
            bar.set_postfix({name: f"{value:.3f}" for name, value in terms.items()})

        method = train(data, config, run, show).cpu()
    say("fitting the transform and exporting")
    return export_run(method, data, split, recordings, config, sources, run / BUNDLE)


def disagreements(recordings: list[Recording]) -> list[str]:
    """What the bags of one training should have in common and do not; the first one counts."""
    first, found = recordings[0], []
    for other in recordings[1:]:
        if other.body_frame != first.body_frame:
            found.append(
                f"{other.path} is of body {other.body_frame!r}, {first.path} of {first.body_frame!r}"
            )
        if (other.camera.horizontal_fov, other.camera.extrinsic) != (
            first.camera.horizontal_fov,
            first.camera.extrinsic,
        ):
            found.append(f"{other.path} tells of another camera than {first.path}, whose is taken")
    return found


def check_held_out(split: Split, config: TrainConfig) -> None:
    """Refuse, before any work, blocks too short to calibrate by or to take figures on.

    Raises:
        BagError: naming the block.
    """
    calibration = len(split.calibration.pairs_up_to(config.max_gap_s))
    if calibration < MIN_PAIRS:
        raise BagError(
            f"the calibration block of {split.calibration.seconds:.1f} s has {calibration} pairs of "
            f"frames, at least {MIN_PAIRS} are needed: give more or longer bags"
        )
    if config.test_fraction:
        TestPairs.of(split.test)


def export_run(
    method: Method,
    data: TrainingSet,
    split: Split,
    recordings: list[Recording],
    config: TrainConfig,
    sources: list[Source],
    target: Path,
) -> Bundle:
    """Fit the transform, export both models, measure them on the test part and write the bundle."""

    def motion_data(part: Part, pairs: Pairs) -> MotionData:
        z, pairs = embed_frames(method.encoder, part.frames), pairs.thinned(MAX_FIT_PAIRS)
        return MotionData(z[pairs.before], z[pairs.after], pairs.motions)

    fitted = fit_transform(
        motion_data(split.train, split.train.pairs_up_to(config.max_gap_s)),
        motion_data(split.calibration, split.calibration.pairs_up_to(config.max_gap_s)),
        data.patterns,
        method.transforms(data),
    )
    encoder = export_encoder(method.encoder, (config.image_height, config.image_width))
    transform = export_transform(fitted.module, method.dimension)
    name = target.parent.name
    info = describe(name, data, recordings, config, sources, fitted, method.dimension)
    info.sha256 = {ENCODER: sha256(encoder), TRANSFORM: sha256(transform)}
    if len(split.test):
        engine = Encoder(Bundle(target, info, encoder, transform), provider="cpu")
        record_metrics(info, compare(engine, split, seed=config.seed))
    return write_bundle(target, info, encoder, transform, overwrite=True)


def describe(
    name: str,
    data: TrainingSet,
    recordings: list[Recording],
    config: TrainConfig,
    sources: list[Source],
    fitted: FittedTransform,
    dimension: int,
) -> BundleInfo:
    """bundle.json, without the metrics."""
    first = recordings[0]
    motions = data.pairs.motions
    return BundleInfo(
        name=name,
        image_size=[config.image_height, config.image_width],
        dimension=dimension,
        distance="l2",
        frames=Frames(first.body_frame, first.camera.frame, first.camera.extrinsic),
        motion_patterns=[
            MotionPattern(centroid.tolist(), int(count))
            for centroid, count in zip(data.patterns.centroids, data.patterns.counts, strict=True)
        ],
        motion_min=motions.min(axis=0).tolist(),
        motion_max=motions.max(axis=0).tolist(),
        horizontal_fov=first.camera.horizontal_fov,
        slices={"embedding": Slice(0, dimension, 1.0)},
        pair_gap=[float(data.pairs.gap_s.min()), float(data.pairs.gap_s.max())],
        training={
            "code_version": __version__,
            "bags": [
                {**dataclasses.asdict(source), "odom_offset_s": recording.odom_offset_s}
                for source, recording in zip(sources, recordings, strict=True)
            ],
            "configuration": dataclasses.asdict(config),
            "transform": {
                "form": fitted.form,
                "calibration_error": fitted.calibration_error,
            },
        },
    )


def record_metrics(info: BundleInfo, result: Comparison) -> None:
    """Put held-out figures into bundle.json."""
    for pattern, rho in zip(info.motion_patterns, result.rho_of_pattern, strict=True):
        pattern.rho = rho
    info.metrics = dataclasses.asdict(result)
    info.metrics.pop("rho_of_pattern")
