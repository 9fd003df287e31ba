"""The sheet of motion patterns."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from slowfeat.geometry import motion_matrix
from slowfeat_papers.jayaraman import pattern_picture
from slowfeat_trainer.data.frames import FrameStack
from slowfeat_trainer.data.pairs import Part


def test_patterns_leave_less_of_the_variance_than_random_pairs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(0)
    count = 400
    poses = [np.eye(4)]
    for k in range(count - 1):
        # Straight ahead for two seconds, then two seconds of turning.
        kind = (0.1, 0.0) if k // 20 % 2 else (0.0, 0.1)
        forward, yaw = np.array(kind) * rng.uniform(0.8, 1.2)
        poses.append(poses[-1] @ motion_matrix(np.array([forward, 0, 0, 0, 0, yaw])))
    frames = FrameStack([rng.integers(0, 255, (count, 8, 8, 3), dtype=np.uint8)])
    stamps = np.arange(count, dtype=np.int64) * 10**8
    part = Part(frames, stamps, np.stack(poses), np.zeros(count, np.int64))
    monkeypatch.setattr(pattern_picture, "simulated_part", lambda _: part)
    base: Any = None
    found = pattern_picture.draw_patterns(base, tmp_path / "patterns.png")
    assert found.agrees
    assert f"k-means finds {pattern_picture.PATTERNS} patterns" in found.says
    assert "forward" in found.says
    assert (tmp_path / "patterns.png").stat().st_size > 1000
