"""How a trial is judged: on frames that its training has not seen, by
figures that a collapse cannot win.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from torch import nn

from slowfeat_trainer.data.frames import FrameStack
from slowfeat_trainer.data.labels import UNLABELLED
from slowfeat_trainer.data.motion_patterns import discover_patterns
from slowfeat_trainer.data.pairs import GAP_S, Index, Pairs, Part
from slowfeat_trainer.data.scenes import segment_scenes
from slowfeat_trainer.evaluation.compare import MIN_PAIRS
from slowfeat_trainer.evaluation.temporal_coherence import temporal_coherence
from slowfeat_trainer.metrics.equivariance import Matrix, effective_rank, motion_gain
from slowfeat_trainer.metrics.refit import MapData, refit_maps
from slowfeat_trainer.models.convnet import embed_frames

# More pairs and labelled frames than this choose no better and cost a trial its time.
MOST_PAIRS = 1000
MOST_LABELLED = 2000
# The maps are fitted to this many principal components at most: to 4096 they would take minutes a
# trial.
COMPONENTS = 128
# Share of the fitting part, its end, by which the strengths of the refitted maps are chosen.
CHOOSING = 0.2
# Labelled frames that vote.
NEIGHBOURS = 10
# Fewer directions than this in use are a collapse (1 is a line).
COLLAPSED = 1.5


@dataclass(frozen=True)
class TrialMetrics:
    """What is known of one training; None where the frames do not show it."""

    # AUC_time (G), and what a constant embedding gets.
    auc_time: float | None
    auc_chance: float | None
    # Directions of the embedding in use.
    effective_rank: float
    # Of refitted maps on the held frames.
    motion_gain: float | None
    # Mean recall of the classes by the nearest labelled neighbours.
    accuracy: float | None = None

    @property
    def has_collapsed(self) -> bool:
        """Whether the embedding is (nearly) a point or a line."""
        return self.effective_rank < COLLAPSED


@dataclass(frozen=True)
class Fold:
    """One way to divide the recordings: what is trained on, and what is held to judge by."""

    fit: Part
    held: Part
    # Classes of the frames of both, where there are labels.
    fit_labels: Index | None = None
    held_labels: Index | None = None


def judge(network: nn.Module, fold: Fold) -> TrialMetrics:
    """The figures of a trained encoder.

    Args:
        network: on the CPU; uint8 (N, H, W, 3) -> (N, D).
        fold: its training frames and those held.

    Raises:
        FloatingPointError: an embedding is not finite.
    """
    held = embed_frames(network, fold.held.frames)
    if not np.isfinite(held).all():
        raise FloatingPointError("the embedding of a held frame is not finite")
    scene = segment_scenes(fold.held.frames, fold.held.block)
    auc, chance = temporal_coherence(held, scene) if scene.max(initial=-1) > 0 else (None, None)
    accuracy = None
    if fold.fit_labels is not None and fold.held_labels is not None:
        accuracy = _recognition(network, fold, held)
    gain = refitted_gain(network, fold, held)
    return TrialMetrics(auc, chance, effective_rank(_few(held)), gain, accuracy)


def _few(z: Matrix) -> Matrix:
    """The same frames in at most as many coordinates as there are frames: distances stay."""
    centred: Matrix = np.asarray(z, np.float64) - z.mean(axis=0)
    if z.shape[1] <= len(z):
        return centred
    _, triangle = np.linalg.qr(centred.T)
    return np.asarray(triangle.T)


def refitted_gain(network: nn.Module, fold: Fold, held: Matrix) -> float | None:
    """Motion gain of maps refitted to the frozen embedding; None where too few pairs are held.

    The maps are fitted on the first 80 % of the training frames, their strengths chosen on the
    rest.
    """
    pairs = fold.held.pairs_at_gap(GAP_S)
    known = fold.fit.pairs_at_gap(GAP_S)
    cut = round((1 - CHOOSING) * len(fold.fit))
    first = known.take(known.after < cut).thinned(MOST_PAIRS)
    last = known.take(known.before >= cut).thinned(MOST_PAIRS)
    if min(len(pairs), len(first), len(last)) < MIN_PAIRS:
        return None
    # Of the pairs alone and by one seed: every trial is measured by the same patterns.
    patterns = discover_patterns(known.motions)
    z, (first, last) = embed_pairs(network, fold.fit.frames, [first, last])
    project = _Coordinates(z)

    def data(codes: Matrix, of: Pairs) -> MapData:
        return MapData(
            project(codes[of.before]), project(codes[of.after]), patterns.assign(of.motions)
        )

    maps = refit_maps(data(z, first), data(z, last), len(patterns))
    test = data(held, pairs)
    predicted = maps.predict(test.before, test.pattern)
    return motion_gain(predicted, maps.predict_blind(test.before), test.after)


def embed_pairs(
    network: nn.Module, frames: FrameStack, groups: list[Pairs]
) -> tuple[Matrix, list[Pairs]]:
    """Embeddings of the frames that some pairs need, and the pairs by their place among them."""
    needed = np.unique(np.concatenate([i for g in groups for i in (g.before, g.after)]))
    z = embed_frames(network, FrameStack([frames[needed]]))
    renamed = [
        Pairs(
            np.searchsorted(needed, g.before), np.searchsorted(needed, g.after), g.motions, g.gap_s
        )
        for g in groups
    ]
    return z, renamed


class _Coordinates:
    """Embeddings (N, D) about their mean, in units of their spread, in at most 128 principal
    components.

    The ridge of the refitted maps is measured against the ones of their bias: without the unit, a
    setting could win by the scale of its code alone.
    """

    def __init__(self, z: Matrix) -> None:
        self._mean = z.mean(axis=0)
        self._axes: Matrix | None = None
        if z.shape[1] > COMPONENTS:
            sample = np.asarray(z[:: -(-len(z) // MOST_PAIRS)] - self._mean, np.float64)
            self._axes = np.linalg.svd(sample, full_matrices=False)[2][:COMPONENTS].T
        self._unit = max(float(np.std(self._turned(z))), 1e-12)

    def _turned(self, z: Matrix) -> Matrix:
        centred = np.asarray(z, np.float64) - self._mean
        return centred if self._axes is None else np.asarray(centred @ self._axes)

    def __call__(self, z: Matrix) -> Matrix:
        return np.asarray(self._turned(z) / self._unit)


def _recognition(network: nn.Module, fold: Fold, held: Matrix) -> float | None:
    assert fold.fit_labels is not None  # noqa: S101 - for the type checker
    assert fold.held_labels is not None  # noqa: S101 - for the type checker
    known = np.flatnonzero(fold.fit_labels != UNLABELLED)
    known = known[:: max(1, -(-len(known) // MOST_LABELLED))]
    asked = np.flatnonzero(np.isin(fold.held_labels, fold.fit_labels[known]))
    if not len(asked):
        return None
    bank = embed_frames(network, FrameStack([fold.fit.frames[known]]))
    return nearest_recall(bank, fold.fit_labels[known], held[asked], fold.held_labels[asked])


def nearest_recall(
    bank: Matrix, bank_class: Index, queries: Matrix, truth: Index, neighbours: int = NEIGHBOURS
) -> float:
    """Mean over the classes of the share of queries that their nearest labelled frames name
    rightly.

    A vote among the nearest by cosine distance; the mean over the classes, so that a class with
    many frames counts no more than another and a constant embedding gets 1 / classes at most.

    Args:
        bank: (M, D) embeddings with a class.
        bank_class: (M,) the class.
        queries: (N, D).
        truth: (N,) their class.
        neighbours: votes.
    """
    a, b = (
        np.asarray(z / np.maximum(np.linalg.norm(z, axis=1, keepdims=True), 1e-12), np.float64)
        for z in (queries, bank)
    )
    classes = np.unique(bank_class)
    nearest = np.argsort(-np.round(a @ b.T, 9), axis=1, kind="stable")[:, :neighbours]
    votes = (bank_class[nearest][:, :, None] == classes).sum(axis=1)
    said: npt.NDArray[np.int64] = classes[votes.argmax(axis=1)]
    return float(np.mean([np.mean(said[truth == c] == c) for c in np.unique(truth)]))
