"""The default's objective on slow codes."""

from __future__ import annotations

from torch import Tensor

from slowfeat_trainer.config.method_settings import WarpSettings
from slowfeat_trainer.models.warp_transform import WarpTransform
from slowfeat_trainer.objectives import info_nce


def slow_terms(
    before: Tensor,
    after: Tensor,
    camera_motion: Tensor,
    warp: WarpTransform,
    settings: WarpSettings,
) -> dict[str, Tensor]:
    """Neighbours in time are separated from others by their slow codes; what a motion does to
    these is learned beside.

    Args:
        before: (P, S) slow codes before the motion.
        after: (P, S) those after it.
        camera_motion: (P, 6) in optical axes.
        warp: predicts the step of the slow code.
        settings: the weight.
    """
    contrast = info_nce(before, after)
    fixed, target = before.detach(), after.detach()
    step = (warp.move_slow(fixed, camera_motion) - target).pow(2).sum(dim=1).mean()
    return {"slow": settings.slow_weight * contrast, "slow_step": step}
