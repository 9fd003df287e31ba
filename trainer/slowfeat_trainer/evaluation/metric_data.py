"""What metrics are computed on: a map's predictions, a code of frames in time, a code of labelled
images. What several metrics need of one is computed once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from slowfeat.odometry import NS
from slowfeat_trainer.data.pairs import GAP_S, Index, Part
from slowfeat_trainer.evaluation.labelled_images import MAX_TEST, LabelledImages, draw_few_labels
from slowfeat_trainer.evaluation.probe import linear_probe
from slowfeat_trainer.evaluation.recognition import class_coherence, knn_accuracy
from slowfeat_trainer.evaluation.temporal_coherence import temporal_coherence
from slowfeat_trainer.metrics import equivariance
from slowfeat_trainer.metrics.equivariance import Matrix, Retrieval

# Times the candidates of the retrieval are drawn.
REPEATS = 5


@dataclass(frozen=True)
class Predictions:
    """What a map predicts of held-out pairs, beside what came after."""

    # (N, D) embeddings of the test part, from which candidates are drawn.
    z: Matrix
    # (P, D) before the motion, predicted, and after it.
    start: Matrix
    predicted: Matrix
    actual: Matrix
    # (P, D) of the blind map that motion gain is measured against; None without one.
    blind: Matrix | None
    # (Q, D) before, predicted after and after two motions in a row; None without such pairs.
    two_motions: tuple[Matrix, Matrix, Matrix] | None

    @cached_property
    def retrieval(self) -> list[Retrieval]:
        """One for each draw of the candidates."""
        return equivariance.transform_retrieval(
            self.start, self.predicted, self.actual, self.z, REPEATS
        )

    def squared_errors(self, predicted: Matrix) -> Matrix:
        """Of some predictions (P, D): (P,)."""
        return np.asarray(equivariance.errors(predicted, self.actual) ** 2)


@dataclass(frozen=True)
class CodeInTime:
    """A code of the frames of a part, without any map."""

    # (N, D) embeddings.
    z: Matrix
    part: Part
    # (N,) the scene of each frame; -1 for none.
    scene: Index
    seed: int

    @cached_property
    def coherence(self) -> tuple[float, float]:
        """AUC_time, and what a constant gets."""
        return temporal_coherence(self.z, self.scene)

    @cached_property
    def stride(self) -> int:
        """Frames a step."""
        return frames_in(GAP_S, self.part)


@dataclass(frozen=True)
class LabelledCode:
    """A code of labelled images."""

    # (N, D) embeddings.
    z: Matrix
    images: LabelledImages
    # Draws of the few labels (J: 5).
    repeats: int

    @cached_property
    def bank(self) -> Index:
        """Images that are looked up and learned from."""
        return np.flatnonzero(self.images.is_bank)

    @cached_property
    def query(self) -> Index:
        """Images that are asked for, evenly thinned."""
        query = np.flatnonzero(~self.images.is_bank)
        return query[:: -(-len(query) // MAX_TEST)]

    @cached_property
    def coherence(self) -> tuple[float, float]:
        """AUC_class, and what a constant gets."""
        z, of, bank, query = self.z, self.images.classes, self.bank, self.query
        shares = np.bincount(of[bank], minlength=len(self.images.names)) / len(bank)
        return (
            class_coherence(z[query], of[query], z[bank], of[bank]),
            float(shares[of[query]].mean()),
        )

    @cached_property
    def knn(self) -> list[float]:
        """Share right of each draw, by the nearest neighbours."""
        return self._each_draw(
            lambda query, truth, few, known, _: knn_accuracy(query, truth, few, known)
        )

    @cached_property
    def linear(self) -> list[float]:
        """Share right of each draw, by a linear probe."""
        return self._each_draw(
            lambda query, truth, few, known, seed: linear_probe(few, known, query, truth, seed)
        )

    def _each_draw(
        self, share_right: Callable[[Matrix, Index, Matrix, Index, int], float]
    ) -> list[float]:
        z, of, query = self.z, self.images.classes, self.query
        found = []
        for seed in range(self.repeats):
            few = draw_few_labels(self.bank, of, seed)
            found.append(share_right(z[query], of[query], z[few], of[few], seed))
        return found


def frames_in(seconds: float, part: Part) -> int:
    """How many frames of a part are so long, by the median of their intervals; at least one."""
    steps = np.diff(part.stamps)[np.diff(part.block) == 0]
    usual = float(np.median(steps)) / NS if len(steps) else seconds
    return max(1, round(seconds / max(usual, 1e-9)))
