"""The classifier of a network that was fine-tuned."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import torch

from slowfeat_papers.jayaraman.fine_tuning import classified, tuning_table


def test_the_share_that_the_own_classifier_names() -> None:
    term = SimpleNamespace(head=lambda z: torch.stack([-z[:, 0], z[:, 0]], dim=1))
    learned: Any = SimpleNamespace(
        method=SimpleNamespace(terms={"classification": term}),
        # Bright frames are of class 1.
        embed=lambda frames: np.asarray(frames[:], np.float32).mean(axis=(1, 2, 3))[:, None] - 100,
    )
    frames = np.zeros((4, 2, 2, 3), np.uint8)
    frames[2:] = 200
    assert classified(learned, frames, np.array([0, 0, 1, 1])) == 1.0
    assert classified(learned, frames, np.array([1, 0, 1, 1])) == 0.75


def test_the_table_has_mean_and_standard_error() -> None:
    # A deviation of .1 over four draws: an error of .05.
    draws = [0.4, 0.6, 0.4, 0.6]
    error = np.std(draws, ddof=1) / 2
    assert tuning_table({"random": draws}).rows == [
        ["random", f"50.0 ±{100 * error:.1f}", "4"],
    ]
