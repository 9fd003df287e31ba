"""Contrastive prediction: which frame of a batch belongs to which (van den Oord et al. 2018, "InfoNCE").

The modern form of DrLIM's idea: a softmax over all candidates of the batch in place of a margin, so that the hardest
negatives count most.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from slowfeat_trainer.objectives.distance import check_same_shape


def info_nce(
    z_t: Tensor, z_near: Tensor, is_other: Tensor | None = None, temperature: float = 0.1
) -> Tensor:
    """Mean cross-entropy of telling each embedding's neighbour among those of the batch, both ways.

    Args:
        z_t: (batch, D) embeddings.
        z_near: (batch, D) embeddings of their neighbours in time.
        is_other: (batch, batch) bool, which neighbours k of others are negatives for i; None: all of them.
        temperature: of the softmax over cosines.

    Returns:
        A scalar; log(batch) for embeddings that are all alike.
    """
    check_same_shape(z_t=z_t, z_near=z_near)
    cosine = functional.normalize(z_t, dim=1) @ functional.normalize(z_near, dim=1).T
    own = torch.eye(len(z_t), dtype=torch.bool, device=z_t.device)
    allowed = torch.ones_like(own) if is_other is None else own | is_other
    logits = (cosine / temperature).masked_fill(~allowed, -torch.inf)
    target = torch.arange(len(z_t), device=z_t.device)
    back = (cosine.T / temperature).masked_fill(~allowed.T, -torch.inf)
    return 0.5 * (functional.cross_entropy(logits, target) + functional.cross_entropy(back, target))
