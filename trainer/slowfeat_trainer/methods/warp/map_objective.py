"""The default's objective on feature maps: what is summed, and with which weights."""

from __future__ import annotations

from torch import Tensor

from slowfeat_trainer.config.method_settings import WarpSettings
from slowfeat_trainer.objectives import (
    map_spread,
    multiscale_channel_ratio,
    ratio,
    squared_error,
)

# Rows and columns that are pooled to one for the coarser levels of the objective.
SCALES = ((2, 4), (4, 8))


def map_terms(
    before: Tensor, moved: Tensor, after: Tensor, window: Tensor, settings: WarpSettings
) -> dict[str, Tensor]:
    """The weighted terms on feature maps (P, channels, rows, columns), the window taken off.

    Args:
        before: maps before the motion.
        moved: what the warp predicts.
        after: maps after the motion.
        window: (rows, columns), what each place counts.
        settings: weights, and what is ablated.
    """
    variance, covariance, rows = map_spread(before)
    b, m, a = (maps * window for maps in (before, moved, after))
    if "ratio" in settings.ablate:
        error = {"squared": squared_error(m.flatten(1), a.flatten(1))}
    elif "channels" in settings.ablate:
        error = {"ratio": ratio(b.flatten(1), m.flatten(1), a.flatten(1))}
    else:
        error = {"ratio": multiscale_channel_ratio(b, m, a, SCALES, settings.coarse_weight)}
    return {
        **error,
        "variance": settings.variance_weight * variance,
        "covariance": settings.covariance_weight * covariance,
        "rows": settings.row_variance_weight * rows,
    }
