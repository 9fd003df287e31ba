"""Everything that is measured of one bundle on one bag, beside every baseline.

Adds to the table of `compare`: rows of baselines, figures of the codes as such, the embedding's
slices one by one, and recognition on labelled images.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any

from slowfeat.bundle_info import BundleInfo, Slice
from slowfeat.encoder import Encoder
from slowfeat.geometry import Array
from slowfeat_trainer.data.motion_patterns import MotionPatterns, discover_patterns
from slowfeat_trainer.data.pairs import GAP_S, Index, Split
from slowfeat_trainer.data.scenes import segment_scenes
from slowfeat_trainer.evaluation.baselines import (
    ImageShift,
    mean_of_bag,
    sfa_features,
    tiny_images,
    zca_pixels,
)
from slowfeat_trainer.evaluation.compare import (
    Comparison,
    Embed,
    HeldOutPairs,
    Remembered,
    compare,
    embed_in_batches,
    judge,
    judge_predictions,
    pixels,
    refitted,
    untrained,
    wrong_motions,
)
from slowfeat_trainer.evaluation.labelled_images import LabelledImages
from slowfeat_trainer.evaluation.metric import Metric, MetricValues, legend_json
from slowfeat_trainer.evaluation.metric_table import (
    CODE_METRICS,
    MAP_METRICS,
    RECOGNITION_METRICS,
    Metrics,
    code_metrics,
    recognition_metrics,
)
from slowfeat_trainer.evaluation.reference_model import ReferenceModel
from slowfeat_trainer.evaluation.yaw_oracle import yaw_oracle
from slowfeat_trainer.metrics.equivariance import Matrix

PIXELS, UNTRAINED, OWN = "raw pixels", "untrained network", "bundle"
BOUND = "bundle's map, yaw from images"


@dataclass(frozen=True)
class Evaluation:
    """All figures of one bundle."""

    comparison: Comparison
    # Rows of baselines, to stand below those of the comparison.
    baselines: dict[str, Metrics]
    # Codes by name, the bundle's first.
    spaces: dict[str, MetricValues]
    # Rows of each slice, where bundle.json names more than one.
    slices: dict[str, Metrics] = field(default_factory=dict)
    recognition: dict[str, MetricValues] = field(default_factory=dict)
    # Rows of what knows more than a robot can: bounds, no results.
    bounds: dict[str, Metrics] = field(default_factory=dict)
    # What a reader should know of how the baselines were made.
    notes: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """For JSON: the comparison's figures, and the rest beside them."""
        rest = dataclasses.asdict(self)
        tables: dict[str, Sequence[Metric[Any]]] = {
            "maps": MAP_METRICS,
            "spaces": CODE_METRICS,
            "recognition": RECOGNITION_METRICS,
        }
        legends = {name: legend_json(metrics) for name, metrics in tables.items()}
        return {**rest.pop("comparison"), **rest, "metrics": legends}


class EvaluationData:
    """The recordings that bundles of one input size are measured on, and the codes that need no
    bundle.

    Args:
        split: recordings at the bundles' image size.
        horizontal_fov: of the bag's camera in radians, None where the bag does not say.
        peer: a foreign network.
        images: labelled images at that size.
    """

    def __init__(
        self,
        split: Split,
        horizontal_fov: float | None = None,
        peer: ReferenceModel | None = None,
        images: LabelledImages | None = None,
    ) -> None:
        self.split, self.images = split, images
        self.pairs = HeldOutPairs.of(split.test)
        self._fov, self._peer = horizontal_fov, peer

    @cached_property
    def codes(self) -> dict[str, Embed]:
        """Codes by name; each part is embedded once."""
        train = self.split.train
        found: dict[str, Callable[..., Matrix] | None] = {
            PIXELS: pixels,
            "ZCA pixels": zca_pixels(train),
            "tiny images": tiny_images,
            "SFA": sfa_features(train),
        }
        if self._peer is not None:
            found[f"peer {self._peer.name}"] = self._peer
        return {name: Remembered(embed) for name, embed in found.items() if embed is not None}

    @cached_property
    def kinds(self) -> MotionPatterns:
        """The kinds of motion over GAP_S in the training part; a bundle's
        own patterns mix several times.
        """
        return discover_patterns(self.split.train.pairs_at_gap(GAP_S).motions)

    @cached_property
    def image_shift(self) -> ImageShift:
        """By the camera's field of view where the bag has it, else fitted."""
        if self._fov is not None:
            return ImageShift.of_camera(self._fov)
        return ImageShift.fitted_to(self.split.train)

    @cached_property
    def scene(self) -> Index:
        """(N,) the scene of each frame of the test part: the same for every code."""
        return segment_scenes(self.split.test.frames, self.split.test.block)

    def notes(self) -> list[str]:
        """How the baselines were made."""
        shift = self.image_shift
        said = [
            f"image shift: {shift.focal:.1f} of 16 columns per radian of yaw, {shift.source}",
        ]
        if self._peer is not None:
            height, width = self.split.test.frames.shape[1:3]
            said.append(
                f"the peer sees the same {width}x{height} frames, resized to "
                f"{self._peer.size[1]}x{self._peer.size[0]}"
            )
        if "SFA" not in self.codes:
            said.append("SFA is left out: too few frames to fit it")
        return said


def measure(
    encoder: Encoder,
    material: EvaluationData,
    seed: int = 0,
    repeats: int = 5,
    own: Embed | None = None,
    fresh: Embed | None = None,
) -> Evaluation:
    """Measure a bundle.

    Args:
        encoder: the bundle, ready to run.
        material: recordings at its image size.
        seed: of the untrained network and of the pattern search for refitted maps.
        repeats: draws of the few labels.
        own: the bundle's embedding, where the caller has it already.
        fresh: that of the untrained network, likewise.
    """
    split, pairs = material.split, material.pairs
    own = own or Remembered(partial(embed_in_batches, encoder))
    fresh = fresh or Remembered(untrained(split, encoder.info, seed))
    comparison = compare(encoder, split, seed, own, fresh)
    patterns = discover_patterns(split.train.pairs_at_gap(GAP_S).motions, seed=seed)
    rows = {
        f"{name}, refitted": refitted(embed, split, patterns, pairs)["refitted"]
        for name, embed in material.codes.items()
        if name != PIXELS
    }
    z = own(split.test.frames)
    rows["mean of the bag"] = mean_of_bag(z, own(split.train.frames), pairs)
    rows["image shift, no training"] = material.image_shift.figures(split, pairs)
    bound, said = judge_yaw_oracle(encoder, z, pairs)
    codes: dict[str, Embed] = {OWN: own, UNTRAINED: fresh, **material.codes}
    spaces = {OWN: own} | slices_of(encoder, own) | codes
    images = material.images
    return Evaluation(
        comparison=comparison,
        baselines=rows,
        spaces={
            name: code_metrics(embed(split.test.frames), split.test, scene=material.scene)
            for name, embed in spaces.items()
        },
        slices=judge_slices(encoder, own, split, patterns, pairs),
        recognition={}
        if images is None
        else {
            name: recognition_metrics(embed(images.frames), images, repeats)
            for name, embed in codes.items()
        },
        bounds={BOUND: bound},
        notes=[said, *material.notes()],
    )


def judge_yaw_oracle(encoder: Encoder, z: Matrix, pairs: HeldOutPairs) -> tuple[Metrics, str]:
    """Figures of the bundle's map on z (N, D), with the turns that the images show, and how far
    they are from the odometry's.
    """
    start, actual = z[pairs.single.before], z[pairs.single.after]

    def predict(before: Matrix, motions: Array) -> Matrix:
        return encoder.predict(before, motions)[0]

    found = yaw_oracle(predict, start, actual, pairs.single.motions)
    row = judge_predictions(z, pairs, predict(start, found.motions), None, None)
    return row, (
        "yaw from images: for each pair the turn that fits best what came after, "
        f"{found.rms_deg:.1f} deg (rms) from the odometry's: a bound on what better odometry "
        "could give"
    )


def slices_of(encoder: Encoder, own: Embed) -> dict[str, Embed]:
    """The codes of a bundle's slices by name; none where one slice is all of it."""
    return {
        f"slice {name}": partial(_cut, own, s.start, s.stop)
        for name, s in parts_of(encoder.info).items()
    }


def parts_of(info: BundleInfo) -> dict[str, Slice]:
    """The slices beside "embedding", which is all of it."""
    return {name: part for name, part in info.slices.items() if name != "embedding"}


def _cut(embed: Embed, start: int, stop: int, frames: Any) -> Matrix:
    return embed(frames)[:, start:stop]


def judge_slices(
    encoder: Encoder, own: Embed, split: Split, patterns: MotionPatterns, pairs: HeldOutPairs
) -> dict[str, Metrics]:
    """For each slice the bundle's map (of the whole embedding, then cut),
    refitted maps of the slice, and copy.
    """
    rows: dict[str, Metrics] = {}
    cut = slices_of(encoder, own)
    if not cut:
        return rows
    z = own(split.test.frames)
    start = z[pairs.single.before]
    predicted = encoder.predict(start, pairs.single.motions)[0]
    wrong = encoder.predict(start, wrong_motions(pairs))[0]
    twice = None
    if len(pairs.first):
        once = encoder.predict(z[pairs.first.before], pairs.first.motions)[0]
        twice = encoder.predict(once, pairs.second.motions)[0]
    for (name, embed), s in zip(cut.items(), parts_of(encoder.info).values(), strict=True):
        here = slice(s.start, s.stop)
        rows[f"{name}: bundle's map"] = judge_predictions(
            z[:, here],
            pairs,
            predicted[:, here],
            None if twice is None else twice[:, here],
            wrong[:, here],
        )
        rows[f"{name}: refitted"] = refitted(embed, split, patterns, pairs)["refitted"]
        rows[f"{name}: copy"] = judge(z[:, here], pairs, lambda before, _: before, None)
    return rows
