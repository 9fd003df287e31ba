"""Straight paths: the linearising objective that Goroshin et al. 2015 conclude with.

(Goroshin, Mathieu & LeCun, NIPS 2015.) In evenly spaced triplets the second step of the code should
point where the first one did, so that z_3 is predicted by 2 z_2 - z_1.
"""

from __future__ import annotations

from torch import Tensor

from slowfeat_trainer.objectives.distance import check_same_shape

# Share of the batch's mean squared step below which a direction means little: the cosine of a
# standing robot's noise does not count, and gradients stay bounded where frames meet.
FLOOR = 1e-3


def linearising(z_1: Tensor, z_2: Tensor, z_3: Tensor) -> Tensor:
    """Mean over triplets of -cos(z_2 - z_1, z_3 - z_2); -1 for straight paths.

    Blind to the scale of the code, and won by one that collapses to a line: beside it a
    reconstruction, or a guard of variance and covariance.

    Args:
        z_1: (batch, D) embeddings of the first frames.
        z_2: (batch, D), the second.
        z_3: (batch, D), the third.

    Returns:
        A scalar.

    Raises:
        ValueError: the shapes differ.
    """
    check_same_shape(z_1=z_1, z_2=z_2, z_3=z_3)
    first, second = z_2 - z_1, z_3 - z_2
    squares = [step.pow(2).sum(dim=1) for step in (first, second)]
    floor = FLOOR * (squares[0] + squares[1]).mean().detach() / 2 + 1e-12
    norms = ((squares[0] + floor) * (squares[1] + floor)).sqrt()
    return -((first * second).sum(dim=1) / norms).mean()
