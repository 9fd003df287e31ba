"""Contrastive prediction: which frame of a batch belongs to which (van den Oord et al. 2018,
"InfoNCE").

The modern form of DrLIM's idea: a softmax over all candidates of the batch in place of a margin, so
that the hardest negatives count most.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from slowfeat_trainer.objectives.distance import check_same_shape


def info_nce(z_t: Tensor, z_near: Tensor, temperature: float = 0.1) -> Tensor:
    """Mean cross-entropy of finding each embedding's neighbour among those of the batch, both ways.

    Args:
        z_t: (batch, D) embeddings.
        z_near: (batch, D) embeddings of their neighbours in time.
        temperature: of the softmax over cosines.

    Returns:
        A scalar; log(batch) for embeddings that are all alike.
    """
    check_same_shape(z_t=z_t, z_near=z_near)
    cosine = functional.normalize(z_t, dim=1) @ functional.normalize(z_near, dim=1).T
    logits = cosine / temperature
    target = torch.arange(len(z_t), device=z_t.device)
    forth, back = (functional.cross_entropy(side, target) for side in (logits, logits.T))
    return 0.5 * (forth + back)
