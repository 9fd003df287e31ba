"""`slowfeat evaluate`: bundles on a bag, read as each bundle's training would have read it."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from slowfeat.bundle import Bundle, load_bundle
from slowfeat.encoder import Encoder
from slowfeat.errors import UsageError
from slowfeat.files import write_whole
from slowfeat.verdict import Verdict
from slowfeat_trainer.bags import bag_sha256
from slowfeat_trainer.console.terminal import bar_filler, progress_bar, say
from slowfeat_trainer.data.options import SplitRule
from slowfeat_trainer.data.pairs import Split, split_by_time, split_recordings
from slowfeat_trainer.data.shrink import Shrink
from slowfeat_trainer.evaluation.compare import Comparison
from slowfeat_trainer.evaluation.labelled_images import read_labelled_images
from slowfeat_trainer.evaluation.measure_bundle import EvaluationData, measure
from slowfeat_trainer.evaluation.reference_model import ReferenceModel
from slowfeat_trainer.evaluation.tables import describe, describe_evaluations
from slowfeat_trainer.evaluation.verdict import circumstances_of, verdict_on
from slowfeat_trainer.ingest.bundle_reading import Reading, of_its_camera, reading_for
from slowfeat_trainer.ingest.dataset import Dataset, is_dataset, open_dataset
from slowfeat_trainer.ingest.ingest_bag import read_recording
from slowfeat_trainer.ingest.ingest_bags import report_ingest

__all__ = ["EvaluationRequest", "describe", "evaluate_bundles"]


@dataclass(frozen=True)
class EvaluationRequest:
    """Which bundles are measured on what."""

    # Runs or bundles.
    bundles: list[Path]
    # A bag or a dataset.
    on: Path
    # How the bag is read, where it differs from the training: fields of IngestOptions.
    reading_changes: dict[str, Any] = field(default_factory=dict)
    # Share of the bag, its end, that is measured on; None: what the training held out, else 0.4.
    held_out_fraction: float | None = None
    # How often what is random is drawn again for each bundle.
    repeats: int = 1
    # A folder of labelled images.
    images: Path | None = None
    # A foreign ONNX model beside the bundles.
    peer: ReferenceModel | None = None
    # Where all figures go as JSON.
    json: Path | None = None
    # What ONNX Runtime computes on: a provider of slowfeat.encoder.
    provider: str = "cpu"


def evaluate_bundles(request: EvaluationRequest) -> tuple[str, list[Verdict]]:
    """The tables of one or several bundles, as text, and the verdict on each.

    Raises:
        UsageError: a path is wrong, or a setting contradicts what a bundle was trained on.
    """
    bundles = [load_bundle(path) for path in request.bundles]
    on = request.on
    if not on.exists():
        raise UsageError(f"{on} does not exist; give a bag's folder or file, or a dataset")
    if request.repeats < 1:
        raise UsageError(f"--repeats is {request.repeats}; it must be 1 at least")
    digest = "" if is_dataset(on) else bag_sha256(on)
    materials: dict[str, EvaluationData] = {}
    results = []
    for number, bundle in enumerate(bundles):
        views = views_for(bundle, on, digest, request.held_out_fraction, request.reading_changes)
        # Bundles of one size that were kept from the same frames share what is computed without
        # them.
        if views.key not in materials:
            split, fov = views.read()
            images = None
            if request.images is not None:
                height, width = bundle.info.image_size
                images = read_labelled_images(
                    request.images, (height, width), wanted=bundle.info.wanted_size
                )
            materials[views.key] = EvaluationData(split, fov, request.peer, images)
        encoder = Encoder(bundle, provider=request.provider)
        for repeat in range(request.repeats):
            seed = number + repeat * len(bundles)
            results.append(measure(encoder, materials[views.key], seed, max(5, request.repeats)))
    if request.json is not None:
        names = [bundle.info.name for bundle in bundles for _ in range(request.repeats)]
        figures = [{"bundle": n, **r.as_dict()} for n, r in zip(names, results, strict=True)]
        write_whole(request.json, json.dumps(figures, indent=2) + "\n")
    verdicts = [
        _verdict(bundle, result.comparison, on, digest)
        for bundle, result in zip(bundles, results[:: request.repeats], strict=True)
    ]
    lines = [
        f"verdict on {bundle.info.name}: {verdict}"
        for bundle, verdict in zip(bundles, verdicts, strict=True)
    ]
    return "\n".join([describe_evaluations(results, request.repeats), "", *lines]), verdicts


def _verdict(bundle: Bundle, result: Comparison, on: Path, digest: str) -> Verdict:
    """The verdict on a bundle by its figures on a bag or dataset."""
    known = {bag.get("sha256") for bag in bundle.info.training.get("bags", [])}
    measured = {entry.sha256 for entry in open_dataset(on).entries} if is_dataset(on) else {digest}
    where = dataclasses.replace(
        circumstances_of(bundle.info, None, None), elsewhere=not known & measured
    )
    return verdict_on(result.rows["bundle's map"], result.rows, where)


@dataclass(frozen=True)
class Views:
    """The frames that a bundle is measured on, to be read when they are needed."""

    # Equal for bundles that are measured on the same frames.
    key: str
    # Gives the split, and the horizontal field of view [rad] of the first bag's camera where it is
    # known.
    read: Callable[[], tuple[Split, float | None]]


def views_for(
    bundle: Bundle, on: Path, digest: str, wanted: float | None, changes: dict[str, Any]
) -> Views:
    """A bag's or a dataset's frames, divided so that the bundle has seen nothing of the test part.

    Raises:
        UsageError: a flag contradicts what the bundle was trained on, or the dataset does not fit
            it.
        BagError: the bag cannot be used.
    """
    if is_dataset(on):
        return _views_of_dataset(bundle, open_dataset(on), wanted, changes)
    reading = reading_for(bundle.info, digest, changes)
    test = held_out_fraction(wanted, reading, bundle.path)
    where = "the end held out of its training" if reading.trained else "a bag that it has not seen"
    if reading.kept_out_whole:
        where = "a bag held out of its training"
    calibration = (reading.trained or SplitRule()).calibration

    def read() -> tuple[Split, float | None]:
        with progress_bar(1, f"read {on.name}", "frame") as bar:
            recording = read_recording(on, reading.options, bar_filler(bar), digest)
        report_ingest(on, recording)
        return split_by_time([recording], test, calibration), recording.camera.horizontal_fov

    say(f"{bundle.path}: measured on the last {100 * test:.0f} % of {on}, {where}")
    return Views(f"{reading.options} {test} {calibration}", read)


def _views_of_dataset(
    bundle: Bundle, dataset: Dataset, wanted: float | None, changes: dict[str, Any]
) -> Views:
    recordings = dataset.recordings()
    known = {bag.get("sha256") for bag in bundle.info.training.get("bags", [])}
    if (
        changes
        or list(Shrink(dataset.options.image_size, dataset.options.crop).whole)
        != (bundle.info.image_size)
        or any(dataset.options.crop)
    ):
        raise UsageError(
            f"{dataset.path} was read already, and not for {bundle.path}, which takes whole "
            f"images of {bundle.info.image_size[1]}x{bundle.info.image_size[0]}: measure on the "
            "bags themselves"
        )
    shared = [r for r in recordings if r.sha256 in known]
    if shared and len(shared) < len(recordings):
        raise UsageError(
            f"{bundle.path} was trained on {len(shared)} of the {len(recordings)} bags of "
            f"{dataset.path}; measure on a dataset of bags that it knows all or none of"
        )
    rule = dataset.split
    if shared:
        rule = reading_for(bundle.info, shared[0].sha256, {}).trained or rule
    elif wanted is not None:
        rule = dataclasses.replace(rule, test=wanted)
    where = "what its training held out" if shared else "bags that it has not seen"
    say(f"{bundle.path}: measured on the test part of {dataset.path}, {where}")
    keys = of_its_camera(bundle.info, recordings)
    if not keys:
        raise UsageError(
            f"the bags of {dataset.path} are of other cameras than {bundle.path}; its run holds "
            "bundles for these"
        )
    fov = next(r.camera.horizontal_fov for r in recordings if r.key in keys)
    return Views(
        f"{dataset.path} {rule} {bundle.info.training.get('camera', 0)}",
        lambda: (split_recordings(recordings, rule, keys), fov),
    )


def held_out_fraction(wanted: float | None, reading: Reading, path: Path) -> float:
    """The share of the bag to measure on; never more than what the training held out."""
    kept = reading.trained.test if reading.trained and not reading.kept_out_whole else None
    if kept is not None and reading.trained and reading.trained.by == "bag":
        kept = 0.0
    if kept is not None and wanted is not None and wanted > kept:
        raise UsageError(
            f"{path} was trained on the first {100 * (1 - kept):.0f} % of this bag; "
            f"--test-fraction can be at most {kept}"
        )
    share = wanted if wanted is not None else kept if kept is not None else 0.4
    if not 0 < share < 1:
        raise UsageError(
            f"nothing of this bag was held out of the training of {path}; measure on another bag"
        )
    return share
