"""An empty memory is refused where it would be asked."""

from __future__ import annotations

import numpy as np
import pytest

from slowfeat.errors import UsageError
from slowfeat.labelled_views import Labelled


def test_an_empty_memory_is_refused_and_one_view_is_enough() -> None:
    nothing = np.zeros(0, dtype=np.int64)
    with pytest.raises(UsageError, match="memory is empty"):
        Labelled(np.zeros((0, 8)), nothing, 0)
    assert Labelled(np.ones((1, 8)), np.zeros(1, dtype=np.int64), 1).count == 1
