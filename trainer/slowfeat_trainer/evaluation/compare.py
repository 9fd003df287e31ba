"""The table that a bundle is judged by: its map beside maps and codes that any method must beat.

Everything is computed on the exported models, that is on what the robot runs. Pairs are 0.5 s
apart, composite motions are two such pairs in a row. Refitted maps are fitted on the training part
of the bag, strengths chosen on its calibration block, figures taken on its test part.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import cv2
import numpy as np
import numpy.typing as npt
import torch

from slowfeat.bundle_info import BundleInfo
from slowfeat.encoder import Encoder
from slowfeat.errors import BagError
from slowfeat.geometry import compose_motions
from slowfeat_trainer.data.frames import FrameStack
from slowfeat_trainer.data.motion_patterns import MotionPatterns, discover_patterns
from slowfeat_trainer.data.pairs import GAP_S, Index, Pairs, Part, Split
from slowfeat_trainer.evaluation.metric_data import Predictions
from slowfeat_trainer.evaluation.metric_table import Metrics, map_metrics
from slowfeat_trainer.methods import METHODS
from slowfeat_trainer.metrics import equivariance as metrics
from slowfeat_trainer.metrics.equivariance import Matrix
from slowfeat_trainer.metrics.refit import MapData, pairs_to_fit, refit_maps
from slowfeat_trainer.models.convnet import embed_frames

# Fewer test pairs than this give figures that mean nothing.
MIN_PAIRS = 20
# More pairs than this, evenly spaced in time, make a figure no better and a long bag slow.
MAX_PAIRS = 6000
PIXEL_SIDE = 16

Embed = Callable[[FrameStack], Matrix]
Predict = Callable[[Matrix, Pairs], Matrix]


@dataclass(frozen=True)
class HeldOutPairs:
    """What a row is computed on."""

    part: Part
    single: Pairs
    # Two motions in a row: the pairs (i, j) and (j, k), aligned.
    first: Pairs
    second: Pairs

    @classmethod
    def of(cls, part: Part) -> HeldOutPairs:
        """Pairs 0.5 s apart: all, or as many as there is use for.

        Raises:
            BagError: too few of them.
        """
        single = part.pairs_at_gap(GAP_S)
        if len(single) < MIN_PAIRS:
            raise BagError(
                f"the test part has {len(single)} pairs of frames {GAP_S} s apart, at least "
                f"{MIN_PAIRS} are needed: give a longer bag or a larger --test-fraction"
            )
        single = single.thinned(MAX_PAIRS)
        after = part.following(GAP_S)
        chained = np.flatnonzero((after >= 0) & (after[np.maximum(after, 0)] >= 0))
        chained = chained[:: -(-max(len(chained), 1) // MAX_PAIRS)]
        middle = after[chained]
        return cls(part, single, part.pairs(chained, middle), part.pairs(middle, after[middle]))


def judge(z: Matrix, pairs: HeldOutPairs, predict: Predict, blind: Matrix | None) -> Metrics:
    """Metrics of one map on one space.

    Args:
        z: (N, D) embeddings of the test part.
        pairs: of the test part.
        predict: (P, D) embeddings before and the pairs to (P, D) predictions.
        blind: (P, D) predictions of the blind map that motion gain is measured against.
    """
    predicted = predict(z[pairs.single.before], pairs.single)
    twice = None
    if len(pairs.first):
        twice = predict(predict(z[pairs.first.before], pairs.first), pairs.second)
    return judge_predictions(z, pairs, predicted, twice, blind)


def judge_predictions(
    z: Matrix, pairs: HeldOutPairs, predicted: Matrix, twice: Matrix | None, blind: Matrix | None
) -> Metrics:
    """Metrics of given predictions (P, D); `twice` are those of two motions in a row, None without
    such pairs.

    Other arguments as in `judge`.
    """
    two_motions = None
    if twice is not None:
        two_motions = (z[pairs.first.before], twice, z[pairs.second.after])
    start, actual = z[pairs.single.before], z[pairs.single.after]
    return map_metrics(Predictions(z, start, predicted, actual, blind, two_motions))


def refitted(
    embed: Embed, split: Split, patterns: MotionPatterns, pairs: HeldOutPairs
) -> dict[str, Metrics]:
    """Rows "refitted" and "blind" of a space: maps fitted on the training part of the bag."""
    # In units of the code's own spread: the strength of ridge beside the bias depends on them.
    seen = embed(split.train.frames)
    unit = max(float(seen.std(axis=0).mean()), 1e-12)

    def data(part: Part) -> MapData:
        z = (seen if part is split.train else embed(part.frames)) / unit
        found = part.pairs_at_gap(GAP_S).thinned(pairs_to_fit(z.shape[1]))
        return MapData(z[found.before], z[found.after], patterns.assign(found.motions))

    maps = refit_maps(data(split.train), data(split.calibration), len(patterns))
    z = embed(split.test.frames) / unit

    def with_motion(start: Matrix, found: Pairs) -> Matrix:
        return maps.predict(start, patterns.assign(found.motions))

    def without(start: Matrix, _: Pairs) -> Matrix:
        return maps.predict_blind(start)

    blind = maps.predict_blind(z[pairs.single.before])
    return {
        "refitted": judge(z, pairs, with_motion, blind),
        "blind": judge(z, pairs, without, None),
    }


def wrong_motions(pairs: HeldOutPairs) -> npt.NDArray[np.float64]:
    """For each pair (P,) the motion (P, 6) of one half the test part away, to
    measure what the true one is worth.
    """
    return np.roll(pairs.single.motions, len(pairs.single) // 2, axis=0)


class Remembered:
    """An embedding that computes each stack of frames once; (N, H, W, 3) -> (N, D)."""

    def __init__(self, embed: Embed) -> None:
        self._embed = embed
        # The stack is kept beside its embeddings, so that its id is not given to another one.
        self._found: dict[int, tuple[FrameStack, Matrix]] = {}

    def __call__(self, frames: FrameStack) -> Matrix:
        """Embeddings (N, D) of frames (N, H, W, 3)."""
        if id(frames) not in self._found:
            self._found[id(frames)] = (frames, self._embed(frames))
        return self._found[id(frames)][1]


def embed_in_batches(encoder: Encoder, frames: FrameStack, size: int = 128) -> Matrix:
    """Embeddings (N, D) of frames (N, H, W, 3) by the exported encoder."""
    parts = [encoder.embed_batch(frames[i : i + size]) for i in range(0, len(frames), size)]
    return np.concatenate(parts)


def pixels(frames: FrameStack) -> Matrix:
    """Raw pixels as an embedding: frames shrunk to 16 x 16 RGB, (N, 768), in [0, 1]."""
    small = [cv2.resize(f, (PIXEL_SIDE, PIXEL_SIDE), interpolation=cv2.INTER_AREA) for f in frames]
    return np.asarray(small, dtype=np.float32).reshape(len(frames), -1) / 255


def untrained(split: Split, info: BundleInfo, seed: int) -> Embed:
    """The bundle's own network as initialised by a seed (that of a
    pooled code where it does not say).
    """
    torch.manual_seed(seed)
    stored = info.training.get("configuration", {})
    row = METHODS.get(str(stored.get("method")), METHODS["pooled"])
    size = (info.image_size[0], info.image_size[1])
    net = row.kind.untrained_twin(split.train.frames, size, info.dimension, stored)
    net.eval()

    return partial(embed_frames, net)


@dataclass(frozen=True)
class Comparison:
    """All rows, and what is said of the bundle beyond them."""

    rows: dict[str, Metrics]
    effective_rank: float
    # RMS of the expected error over RMS of the real one, 1 when calibrated.
    expected_error_ratio: float
    # Spearman correlation of expected and real error; 0 for a constant.
    expected_error_rank: float
    # rho of the bundle's map for each of its motion patterns; None where the test part has no pair.
    rho_of_pattern: list[float | None]
    pairs: int
    test_seconds: float
    # Of the bundle's map, for two motions in a row against the composed one; None without such
    # pairs.
    composition_error: float | None = None


def compare(
    encoder: Encoder,
    split: Split,
    seed: int = 0,
    embed: Embed | None = None,
    fresh: Embed | None = None,
) -> Comparison:
    """Judge a bundle on the test part of some recordings.

    Args:
        encoder: the bundle, ready to run.
        split: recordings at the encoder's image size.
        seed: of the untrained network and of the pattern search for refitted maps.
        embed: the bundle's embedding, where the caller has computed it already.
        fresh: that of the untrained network, likewise.
    """
    pairs = HeldOutPairs.of(split.test)
    embed = embed or Remembered(partial(embed_in_batches, encoder))
    z = embed(split.test.frames)
    start, actual = z[pairs.single.before], z[pairs.single.after]

    def predict(before: Matrix, found: Pairs) -> Matrix:
        return encoder.predict(before, found.motions)[0]

    wrong = wrong_motions(pairs)
    patterns = discover_patterns(split.train.pairs_at_gap(GAP_S).motions, seed=seed)

    own = refitted(embed, split, patterns, pairs)
    rows = {
        "bundle's map": judge(z, pairs, predict, encoder.predict(start, wrong)[0]),
        "refitted maps": own["refitted"],
        "blind map": own["blind"],
        "copy": judge(z, pairs, lambda before, _: before, None),
    }
    rows["raw pixels, refitted"] = refitted(pixels, split, patterns, pairs)["refitted"]
    fresh = fresh or untrained(split, encoder.info, seed)
    rows["untrained network, refitted"] = refitted(fresh, split, patterns, pairs)["refitted"]
    after, expected = encoder.predict(start, pairs.single.motions)
    real = metrics.errors(after, actual)
    of_pattern = motion_pattern_of(pairs.single.motions, encoder.info)
    return Comparison(
        rows=rows,
        effective_rank=metrics.effective_rank(z),
        expected_error_ratio=metrics.rms(expected) / max(metrics.rms(real), 1e-12),
        expected_error_rank=metrics.rank_correlation(expected, real),
        rho_of_pattern=[
            metrics.equivariance_error(
                start[of_pattern == g], after[of_pattern == g], actual[of_pattern == g]
            )
            if np.any(of_pattern == g)
            else None
            for g in range(len(encoder.info.motion_patterns))
        ],
        pairs=len(pairs.single),
        test_seconds=split.test.seconds,
        composition_error=_composition(encoder, z, pairs),
    )


def _composition(encoder: Encoder, z: Matrix, pairs: HeldOutPairs) -> float | None:
    if not len(pairs.first):
        return None
    start, g, h = z[pairs.first.before], pairs.first.motions, pairs.second.motions
    twice = encoder.predict(encoder.predict(start, g)[0], h)[0]
    direct = encoder.predict(start, compose_motions(g, h))[0]
    return metrics.composition_error(start, twice, direct)


def motion_pattern_of(motions: npt.NDArray[np.float64], info: BundleInfo) -> Index:
    """The bundle's motion pattern (P,) nearest to each motion (P, 6), in
    units of the range of training.
    """
    extent = np.array(info.motion_max) - np.array(info.motion_min)
    scale = np.where(extent > 0, extent, np.inf)
    centroids = np.array([p.centroid for p in info.motion_patterns])
    distance = (((motions[:, None] - centroids[None]) / scale) ** 2).sum(axis=-1)
    return np.asarray(distance.argmin(axis=1), dtype=np.int64)
