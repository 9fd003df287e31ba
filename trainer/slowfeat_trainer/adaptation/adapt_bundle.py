"""`slowfeat adapt`: a bundle and a minute of another robot's driving
in, a bundle for that robot out.
"""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from slowfeat.bundle import BUNDLE_FOLDER, Bundle, write_bundle
from slowfeat.bundle_info import BundleInfo, MotionPattern
from slowfeat.encoder import Encoder
from slowfeat.errors import BagError, UsageError
from slowfeat.ownership import check_free
from slowfeat_trainer.adaptation.adapt_cameras import NAMES, Mounts
from slowfeat_trainer.adaptation.camera_fit import recalibrated, warp_of
from slowfeat_trainer.adaptation.choose_candidate import Choice, choose_candidate
from slowfeat_trainer.adaptation.field_of_view import check_field_of_view
from slowfeat_trainer.adaptation.fit import Adapter, fit_adapter, unfitted
from slowfeat_trainer.adaptation.from_camera_spec import (
    bundle_for_camera,
    for_robot,
    middle_share,
    refuse_adapted,
)
from slowfeat_trainer.adaptation.graph import around
from slowfeat_trainer.bags import bag_sha256
from slowfeat_trainer.bundling.fit_transform import MotionData
from slowfeat_trainer.console.terminal import bar_filler, progress_bar
from slowfeat_trainer.data.motion_patterns import MotionPatterns, discover_patterns
from slowfeat_trainer.data.options import SplitRule
from slowfeat_trainer.data.pairs import GAP_S, Pairs, Part, Split, split_by_time
from slowfeat_trainer.data.recording import Recording
from slowfeat_trainer.evaluation.baselines import mean_of_bag
from slowfeat_trainer.evaluation.compare import (
    MIN_PAIRS,
    HeldOutPairs,
    Remembered,
    embed_in_batches,
    judge,
    wrong_motions,
)
from slowfeat_trainer.evaluation.metric import text_table
from slowfeat_trainer.evaluation.metric_table import MAP_METRICS, Metrics
from slowfeat_trainer.evaluation.verdict import TURN, Circumstances, verdict_on
from slowfeat_trainer.geometry.camera_geometry import CameraGeometry
from slowfeat_trainer.geometry.camera_spec import DataSheet
from slowfeat_trainer.ingest.bundle_reading import reading_for, shrink_of
from slowfeat_trainer.ingest.ingest_bag import read_recording
from slowfeat_trainer.ingest.ingest_bags import report_ingest
from slowfeat_trainer.metrics.equivariance import Matrix
from slowfeat_trainer.metrics.refit import pairs_to_fit

# Share of the drive, its end, that figures are taken on; and of the rest, its end, that decides.
TEST, CALIBRATION = 0.4, 0.25
# Rows of the table that can be kept.
ADAPTED, DESCRIBED, AS_IT_WAS = "adapted", "camera described", "as it was"
# A camera that is found to look further aside than this of what is said is worth a word.
ASIDE_DEG = 10.0


@dataclass(frozen=True)
class Adapted:
    """A bundle for a robot, and what it is worth there."""

    bundle: Bundle
    adapter: Adapter
    # The camera as it was calibrated; None where the transform knows no camera.
    geometry: CameraGeometry | None
    recording: Recording
    # Rows of the end of the drive, which fitted nothing.
    rows: dict[str, Metrics]
    # Which of them was kept, and why.
    choice: Choice
    # What contradicts what is said of the camera.
    doubts: list[str]

    def __str__(self) -> str:
        gain = self.adapter.gain
        lines = [
            text_table(MAP_METRICS, {name: [figures] for name, figures in self.rows.items()}),
            "",
        ]
        lines.append(f"kept: {self.choice.name} ({self.choice.reason})")
        if self.geometry is not None:
            lines.append(f"camera as calibrated: {describe_camera(self.geometry)}")
        elif self.choice.name == ADAPTED:
            scales = zip(NAMES, self.adapter.scales, strict=True)
            lines.append(
                "the odometry's motions are taken so many times as large: "
                + ", ".join(f"{name} {scale:.2f}" for name, scale in scales)
            )
        lines += [f"warning: {doubt}" for doubt in self.doubts]
        offset_s = self.recording.odom_offset_s
        return "\n".join(
            [
                *lines,
                f"odometry shifted by {offset_s:+.3f} s, which the node reads from bundle.json",
                (
                    f"gain of the predictions {np.median(gain):.2f} at the median "
                    f"({gain.min():.2f} to {gain.max():.2f})"
                ),
                f"verdict: {self.bundle.info.verdict}",
                f"bundle: {self.bundle.path}",
            ]
        )


def describe_camera(geometry: CameraGeometry) -> str:
    """A calibrated camera in numbers."""
    tilt = np.degrees(geometry.tilt.detach().numpy())
    _, mirror_xi = geometry.lens()
    return (
        "a pan of one degree moves the middle of the image by "
        f"{100 * middle_share(geometry):.2f} % of its width; turned from what is said by "
        f"{tilt[0]:+.0f} degrees about its right, {tilt[1]:+.0f} about its down, {tilt[2]:+.0f} "
        f"about its forward axis; mirror parameter {float(mirror_xi):.2f}"
    )


def adapt(
    bundle: Bundle,
    on: Path,
    out: Path,
    changes: dict[str, Any],
    test: float = TEST,
    overwrite: bool = False,
    sheet: DataSheet | None = None,
) -> Adapted:
    """Fit a bundle's transform to a robot and write it as a bundle of its own; the encoder stays.

    Args:
        bundle: learned elsewhere.
        on: a bag of the robot's, a minute or more.
        out: folder of the new bundle.
        changes: how the bag is read; without an offset of the odometry's clock it is found from the
            images.
        test: share of the bag, its end, that fits nothing.
        overwrite: replace a bundle that stands at `out`.
        sheet: of the camera's lens, which overrides what the bag says.

    Raises:
        UsageError: `out` exists, or the bundle is adapted already.
        BagError: the bag cannot be used, or is too short.
    """
    inputs = [bundle.path] if on is None else [bundle.path, on]
    check_free(out, BUNDLE_FOLDER, overwrite, inputs)
    refuse_adapted(bundle)
    if not 0 < test < 1:
        raise UsageError(f"--test-fraction is {test}; it must lie between 0 and 1")
    recording, digest = _read(bundle, on, changes)
    if sheet is not None:
        recording.camera = sheet.put_into(recording.camera)
    rule = SplitRule(test=test, calibration=CALIBRATION)
    split = split_by_time([recording], rule.test, rule.calibration)
    encoder = Encoder(bundle, provider="cpu")
    embed = Remembered(partial(embed_in_batches, encoder))

    def data(part: Part) -> MotionData:
        z = embed(part.frames)
        pairs = part.pairs_up_to(bundle.info.pair_gap[1]).thinned(pairs_to_fit(z.shape[1]))
        return MotionData(z[pairs.before], z[pairs.after], pairs.motions)

    pairs = split.train.pairs_up_to(bundle.info.pair_gap[1])
    if len(pairs) < MIN_PAIRS:
        raise BagError(
            f"{on} has {len(pairs)} pairs of frames to fit to, at least {MIN_PAIRS} are needed: "
            "give a longer bag"
        )
    patterns = discover_patterns(pairs.motions, len(bundle.info.motion_patterns))
    fit, later = data(split.train), data(split.calibration)
    camera, frames = recording.camera, bundle.info.frames
    warp, mounts, base = warp_of(bundle), None, bundle
    if warp is None:
        mounts = Mounts.of(
            (frames.extrinsic, bundle.info.horizontal_fov),
            (camera.extrinsic, camera.horizontal_fov),
        )
        adapter = fit_adapter(encoder.predict, mounts, fit, later)
    else:
        shrink = shrink_of(bundle.info)
        transform = recalibrated(warp, camera, shrink, split.train, pairs, (fit, later), patterns)
        base = dataclasses.replace(bundle, transform=transform)
        adapter = fit_adapter(Encoder(base, provider="cpu").predict, None, fit, later)
    fitted = dataclasses.replace(bundle, transform=around(base.transform, adapter))
    candidates = {
        ADAPTED: fitted,
        # What needs no drive.
        DESCRIBED: bundle_for_camera(bundle, camera),
        AS_IT_WAS: bundle,
    }
    choice, held_out = _choose(candidates, split, embed)
    if choice.name != ADAPTED:
        adapter = unfitted(bundle.info.dimension)
    info = describe(bundle.info, adapter, recording, digest, pairs, patterns, rule)
    z, test_pairs = embed(split.test.frames), HeldOutPairs.of(split.test)
    rows = {
        **{
            name: _judged(Encoder(c, provider="cpu"), z, test_pairs)
            for name, c in candidates.items()
        },
        "mean of the bag": mean_of_bag(z, embed(split.train.frames), test_pairs),
        "copy": judge(z, test_pairs, lambda before, _: before, None),
    }
    # What was measured on the other robot's bags says nothing of this one.
    info.metrics = {}
    where = Circumstances(
        split.train.seconds,
        float(np.mean(np.abs(split.train.pairs_at_gap(GAP_S).motions[:, 5]) > TURN)),
        info.odometry,
        by_odometry=recording.motion == "odometry",
    )
    info.verdict = verdict_on(rows[choice.name], rows, where)
    record = info.training["adapted"]
    record["figures"] = dict(rows)
    record["kept"] = choice.name
    record["held_out_mrr"] = {name: row.mrr for name, row in held_out.items()}
    transform = candidates[choice.name].transform
    written = write_bundle(out, info, bundle.encoder, transform, overwrite, inputs)
    return Adapted(
        written,
        adapter,
        None if warp is None else warp.geometry,
        recording,
        rows,
        choice,
        _doubts(None if warp is None else warp.geometry, recording, split.train, sheet),
    )


def _choose(
    candidates: dict[str, Bundle], split: Split, embed: Remembered
) -> tuple[Choice, dict[str, Metrics]]:
    """The best candidate on the calibration block, and the figures there; the
    fitted one where it is too short.
    """
    try:
        pairs = HeldOutPairs.of(split.calibration)
    except BagError:
        return Choice(ADAPTED, "the drive is too short to compare them"), {}
    z = embed(split.calibration.frames)
    found = {n: _judged(Encoder(c, provider="cpu"), z, pairs) for n, c in candidates.items()}
    return choose_candidate(found, AS_IT_WAS), found


def _doubts(
    geometry: CameraGeometry | None, recording: Recording, part: Part, sheet: DataSheet | None
) -> list[str]:
    """What of the camera that was found contradicts what is said of it."""
    doubts = []
    if geometry is not None:
        pan = math.degrees(float(geometry.tilt.detach()[1]))
        if abs(pan) > ASIDE_DEG:
            doubts.append(
                f"the camera looks {abs(pan):.0f} degrees to the side of its description: check "
                "its mount, or the odometry's trim (slowfeat inspect)"
            )
    if sheet is not None:
        doubts += check_field_of_view(
            part, recording.camera, sheet.fov_deg, recording.odometry.yaw_scale
        )
    return doubts


def _judged(encoder: Encoder, z: Matrix, pairs: HeldOutPairs) -> Metrics:
    wrong = encoder.predict(z[pairs.single.before], wrong_motions(pairs))[0]
    return judge(z, pairs, lambda before, p: encoder.predict(before, p.motions)[0], wrong)


def _read(bundle: Bundle, on: Path, changes: dict[str, Any]) -> tuple[Recording, str]:
    if not on.exists():
        raise UsageError(f"{on} does not exist; give a bag's folder or file")
    if not {"odom_offset_s", "odom_offset_auto"} & set(changes):
        changes = {**changes, "odom_offset_auto": True}
    digest = bag_sha256(on)
    reading = reading_for(bundle.info, digest, changes)
    with progress_bar(1, f"read {on.name}", "frame") as bar:
        recording = read_recording(on, reading.options, bar_filler(bar), digest)
    report_ingest(on, recording)
    return recording, digest


def describe(
    info: BundleInfo,
    adapter: Adapter,
    recording: Recording,
    digest: str,
    pairs: Pairs,
    patterns: MotionPatterns,
    rule: SplitRule,
) -> BundleInfo:
    """bundle.json of the adapted bundle: camera, motions and their patterns are this robot's."""
    adapted = for_robot(info, recording.path.name, recording.body_frame, recording.camera)
    adapted.motion_min = pairs.motions.min(axis=0).tolist()
    adapted.motion_max = pairs.motions.max(axis=0).tolist()
    adapted.motion_patterns = [
        MotionPattern(centroid.tolist(), int(count))
        for centroid, count in zip(patterns.centroids, patterns.counts, strict=True)
    ]
    adapted.odometry = dataclasses.replace(recording.odometry, delay_s=recording.odom_offset_s)
    adapted.training["adapted"] = {
        "bag": recording.path.name,
        "sha256": digest,
        "pairs": len(pairs),
        "odom_offset_s": recording.odom_offset_s,
        "scales": dict(zip(NAMES, adapter.scales.tolist(), strict=True)),
        "motion_map": adapter.motion_map.tolist(),
        "error_scale": adapter.error_scale,
        "split": dataclasses.asdict(rule),
    }
    return adapted
