"""What a training leaves for the robot: a bundle for each camera
that its bags were recorded with.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from slowfeat import __version__
from slowfeat.bundle import ENCODER, TRANSFORM, Bundle, sha256, write_bundle
from slowfeat.bundle_info import Backbone, BundleInfo, Frames, MotionPattern, Slice
from slowfeat.encoder import Encoder
from slowfeat.files import writing
from slowfeat.odometry_model import turned_more
from slowfeat_trainer.bundling.export_onnx import export_encoder, export_transform
from slowfeat_trainer.bundling.fit_transform import FittedTransform, MotionData, fit_transform
from slowfeat_trainer.config.train_config import TrainConfig, flat_settings
from slowfeat_trainer.data.cameras import Cameras
from slowfeat_trainer.data.pairs import GAP_S, Pairs, Part, Split, split_recordings
from slowfeat_trainer.data.recording import Recording
from slowfeat_trainer.data.shrink import Shrink
from slowfeat_trainer.evaluation.compare import Comparison, compare
from slowfeat_trainer.evaluation.verdict import (
    TURN,
    Circumstances,
    circumstances_of,
    verdict_on,
)
from slowfeat_trainer.methods import Method
from slowfeat_trainer.methods.training_set import TrainingSet
from slowfeat_trainer.metrics.equivariance import Matrix
from slowfeat_trainer.metrics.refit import pairs_to_fit
from slowfeat_trainer.models.backbone_map import BackboneMapNet
from slowfeat_trainer.models.convnet import Cropped, embed_frames
from slowfeat_trainer.training.finetune import recorded
from slowfeat_trainer.training.run_folder import BUNDLE, BUNDLES


@dataclass(frozen=True)
class TrainingBag:
    """A bag that a run learned from."""

    # Last part of its path: the path itself is nobody's business on the robot.
    name: str
    sha256: str
    # "train": learned from, but for the end that the split holds out; "test": held out whole.
    part: str = "train"


def split_of(
    number: int, cameras: Cameras, recordings: list[Recording], split: Split, config: TrainConfig
) -> Split:
    """What of a split one camera saw."""
    if len(cameras) == 1:
        return split
    keys = {r.key for r in recordings if cameras.of_recording(r) == number}
    return split_recordings(recordings, config.split, keys)


def export_run(
    method: Method,
    data: TrainingSet,
    split: Split,
    recordings: list[Recording],
    config: TrainConfig,
    sources: list[TrainingBag],
    target: Path,
) -> Bundle:
    """Write the bundle of each camera, and return the first's, which is written last."""
    method.finish(data, config)
    cameras = data.cameras
    shrink = Shrink(config.reading.image_size, config.reading.crop)
    encoder = export_encoder(Cropped.around(method.encoder, shrink), shrink.whole)
    for number in reversed(range(len(cameras))):
        first = next(r for r in recordings if cameras.of_recording(r) == number)
        bundle = export_bundle(
            method,
            encoder,
            data.of_camera(number),
            split_of(number, cameras, recordings, split, config),
            recordings,
            config,
            sources,
            target if number == 0 else target.parent / BUNDLES / f"{number}-{first.path.name}",
        )
    return bundle


def export_bundle(
    method: Method,
    encoder: bytes,
    data: TrainingSet,
    split: Split,
    recordings: list[Recording],
    config: TrainConfig,
    sources: list[TrainingBag],
    target: Path,
) -> Bundle:
    """Fit one camera's transform, export it, measure both models on what the camera
    saw in the test and write them.
    """

    def motion_data(part: Part, pairs: Pairs) -> MotionData:
        z = embed_frames(method.encoder, part.frames)
        pairs = pairs.thinned(pairs_to_fit(z.shape[1]))
        return MotionData(z[pairs.before], z[pairs.after], pairs.motions)

    fit = motion_data(split.train, split.train.pairs_up_to(config.max_gap_s))
    later = split.calibration.pairs_up_to(config.max_gap_s)
    fitted = fit_transform(
        fit,
        # The robot will predict by its odometry: the error to expect is that of such motions.
        motion_data(split.calibration, as_reported(later, split.calibration, recordings)),
        data.patterns,
        method.transforms(data),
    )
    transform = export_transform(fitted.module, method.dimension, fit.before)
    run = target.parent if target.name == BUNDLE else target.parent.parent
    name = run.name if run == target.parent else f"{run.name}-{target.name}"
    info = describe(name, data, recordings, config, sources, fitted, method.dimension)
    info.slices |= describe_slices(method, fit.before)
    info.backbone = backbone_of(method)
    origin = recorded(run)
    if origin is not None:
        info.training["started_from"] = dataclasses.asdict(origin)
    info.sha256 = {ENCODER: sha256(encoder), TRANSFORM: sha256(transform)}
    if len(split.test):
        # The frames of the test part are cut already; the robot's images are not.
        shrink = Shrink(config.reading.image_size, config.reading.crop)
        cut = dataclasses.replace(info, image_size=list(shrink.size))
        measured = encoder
        if shrink.whole != shrink.size:
            measured = export_encoder(method.encoder, shrink.size)
        engine = Encoder(Bundle(target, cut, measured, transform), provider="cpu")
        turning = float(np.mean(np.abs(split.train.pairs_at_gap(GAP_S).motions[:, 5]) > TURN))
        where = circumstances_of(info, split.train.seconds, turning)
        record_metrics(info, compare(engine, split, seed=config.seed), where)
    with writing(target):
        return write_bundle(target, info, encoder, transform, overwrite=True)


def backbone_of(method: Method) -> Backbone | None:
    """The pretrained network in a method's encoder, with the hash of
    the weights that it came with.
    """
    encoder = method.encoder
    if not isinstance(encoder, BackboneMapNet):
        return None
    known = encoder.identity
    return Backbone(known.name, known.licence, known.source, known.sha256, encoder.frozen is None)


def as_reported(pairs: Pairs, part: Part, recordings: list[Recording]) -> Pairs:
    """Pairs of a part with turns as uncertain as those of the corrected odometry.

    Turns of the images are better than that; the difference is added as noise.
    """
    excess = np.zeros(len(pairs))
    for recording in recordings:
        mine = part.source[pairs.before] == recording.key if len(part.source) else np.False_
        more = recording.odometry.noise_rad_sqrt_s**2 - recording.motion_noise_rad_sqrt_s**2
        excess = np.where(mine, max(more, 0.0), excess)
    if not excess.any():
        return pairs
    noise = np.sqrt(excess * pairs.gap_s) * np.random.default_rng(0).normal(size=len(pairs))
    return dataclasses.replace(pairs, motions=turned_more(pairs.motions, noise))


def describe_slices(method: Method, z: Matrix) -> dict[str, Slice]:
    """The parts of a method's embedding with their shares of the mean
    squared norm of embeddings (N, D).
    """
    energy = (z.astype(np.float64) ** 2).mean(axis=0)
    return {
        name: Slice(
            part.start,
            part.stop,
            float(energy[part].sum() / max(energy.sum(), 1e-20)),
            method.shapes.get(name),
        )
        for name, part in method.slices.items()
    }


def describe(
    name: str,
    data: TrainingSet,
    recordings: list[Recording],
    config: TrainConfig,
    sources: list[TrainingBag],
    fitted: FittedTransform,
    dimension: int,
) -> BundleInfo:
    """bundle.json, without the metrics."""
    numbers = [data.cameras.of_recording(recording) for recording in recordings]
    first = recordings[numbers.index(data.number)]
    motions = data.pairs.motions
    return BundleInfo(
        name=name,
        image_size=list(Shrink(config.reading.image_size, config.reading.crop).whole),
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
        image_bits=first.camera.bits,
        image_decoding=config.reading.decoding,
        odometry=dataclasses.replace(first.odometry, delay_s=first.odom_offset_s),
        slices={"embedding": Slice(0, dimension, 1.0)},
        pair_gap=[float(data.pairs.gap_s.min()), float(data.pairs.gap_s.max())],
        training={
            "code_version": __version__,
            "bags": [
                {
                    **dataclasses.asdict(source),
                    "odom_offset_s": recording.odom_offset_s,
                    "motion": recording.motion,
                    "camera": number,
                }
                for source, recording, number in zip(sources, recordings, numbers, strict=True)
            ],
            # Which of these this bundle is for.
            "camera": data.number,
            # Paths of this machine are nobody's business on the robot.
            "configuration": _without_folders(flat_settings(config)),
            "transform": {
                "form": fitted.form,
                "calibration_error": fitted.calibration_error,
            },
        },
    )


def _without_folders(settings: dict[str, Any]) -> dict[str, Any]:
    """Settings with the names of files instead of their paths."""
    paths = [name for name in ("labels", "init", "starter", "trunk") if name in settings]
    names: dict[str, str] = {name: Path(settings[name]).name for name in paths}
    if "backbone" in settings:
        backbone = str(settings["backbone"])
        names["backbone"] = backbone.replace(str(Path(backbone).parent) + "/", "")
    return {**settings, **names}


def record_metrics(info: BundleInfo, result: Comparison, where: Circumstances) -> None:
    """Put held-out figures, and what they come to, into bundle.json."""
    for pattern, rho in zip(info.motion_patterns, result.rho_of_pattern, strict=True):
        pattern.rho = rho
    info.verdict = verdict_on(result.rows["bundle's map"], result.rows, where)
    info.metrics = dataclasses.asdict(result)
    info.metrics.pop("rho_of_pattern")
