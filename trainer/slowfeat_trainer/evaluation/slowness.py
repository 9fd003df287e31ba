"""What is said of a code as such, without any map: how slow it is, how
straight, how much of it is used.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from slowfeat.odometry import NS
from slowfeat_trainer.data.pairs import Index, Part
from slowfeat_trainer.data.scenes import segment_scenes
from slowfeat_trainer.evaluation.compare import GAP_S
from slowfeat_trainer.evaluation.curvature import extrapolation_error, straightness
from slowfeat_trainer.evaluation.temporal_coherence import slowness_auroc, temporal_coherence
from slowfeat_trainer.metrics import equivariance as metrics
from slowfeat_trainer.metrics.equivariance import Matrix


@dataclass(frozen=True)
class SpaceMetrics:
    """One row of the table of codes."""

    # AUC_time (G), and what a constant code gets on the same scenes.
    auc_time: float
    auc_time_chance: float
    # Slowness AUROC (J fig. 12); 0.5 is chance.
    slowness_auroc: float
    # Mean cosine between successive steps of half a second, and error of 2 z_2 - z_1 (G's
    # conclusion).
    straightness: float
    extrapolation_error: float
    effective_rank: float
    dimension: int


def describe_space(
    z: Matrix, part: Part, seed: int = 0, scene: Index | None = None
) -> SpaceMetrics:
    """Figures of a code (N, D) of the frames of a part; `scene` (N,) as `segment_scenes` finds it,
    where it is known.
    """
    if scene is None:
        scene = segment_scenes(part.frames, part.block)
    area, chance = temporal_coherence(z, scene)
    stride = frames_in(GAP_S, part)
    return SpaceMetrics(
        auc_time=area,
        auc_time_chance=chance,
        slowness_auroc=slowness_auroc(z, part.block, seed=seed),
        straightness=straightness(z, part.block, stride),
        extrapolation_error=extrapolation_error(z, part.block, stride),
        effective_rank=metrics.effective_rank(z),
        dimension=int(z.shape[1]),
    )


def frames_in(seconds: float, part: Part) -> int:
    """How many frames of a part are so long, by the median of their intervals; at least one."""
    steps = np.diff(part.stamps)[np.diff(part.block) == 0]
    usual = float(np.median(steps)) / NS if len(steps) else seconds
    return max(1, round(seconds / max(usual, 1e-9)))
