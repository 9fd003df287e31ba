"""Views whose classes are known, as the policies of view selection take them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from slowfeat.errors import UsageError
from slowfeat.geometry import Array

Index: TypeAlias = "npt.NDArray[np.int64]"


@dataclass(frozen=True)
class Labelled:
    """Labelled views: embeddings (N, D) and the number of the class
    (N,) of each, 0 to `count` - 1.
    """

    embeddings: Array
    classes: Index
    count: int

    def __post_init__(self) -> None:
        if len(self.embeddings) == 0:
            raise UsageError("the labelled memory is empty: nothing can be recognised by it")
