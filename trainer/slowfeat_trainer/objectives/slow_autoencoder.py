"""The slow feature pooling auto-encoder: Goroshin et al. 2015, eq. 2.

    sum over both frames (||W_d h - x||^2 + alpha |h|_1) + beta sum_i | ||h_t||_Pi - ||h_u||_Pi |

Reconstruction takes the place of drlim's negatives, and is from h, not from the pooled code. It
guards only while the columns of W_d keep unit norm (models/autoencoder.py): otherwise h shrinks,
W_d grows, and both penalties vanish at no cost.
"""

from __future__ import annotations

from torch import Tensor

from slowfeat_trainer.objectives.autoencoder_terms import (
    check_batches,
    l1_activity,
    pooled_change,
    reconstruction_error,
)
from slowfeat_trainer.objectives.distance import listed_shapes


def slow_autoencoder(
    x: Tensor, reconstruction: Tensor, h: Tensor, z: Tensor, alpha: float, beta: float
) -> Tensor:
    """Eq. 2, the mean over the pairs of a batch.

    Args:
        x: (2, batch, ...) inputs: frames at t, and their neighbours.
        reconstruction: like x, W_d h.
        h: (2, batch, ...) rectified activations.
        z: (2, batch, ...) pooled activations ||h||_Pi.
        alpha: weight of sparsity; not published.
        beta: weight of slowness (G: 2; 0 is `sparse`).

    Returns:
        A scalar.

    Raises:
        ValueError: shapes that do not belong together.
    """
    given = {"x": x, "reconstruction": reconstruction, "h": h, "z": z}
    if any(tensor.ndim < 3 or len(tensor) != 2 for tensor in given.values()):
        raise ValueError(f"all must be (2, batch, ...); got {listed_shapes(**given)}")
    x, reconstruction, both_h = (tensor.flatten(0, 1) for tensor in (x, reconstruction, h))
    check_batches(x=x, reconstruction=reconstruction, h=both_h, z=z.flatten(0, 1))
    # The means are over 2 x batch frames, the paper's sum over both frames of a pair.
    frames = reconstruction_error(x, reconstruction) + alpha * l1_activity(both_h)
    return 2 * frames + beta * pooled_change(z[0], z[1])
