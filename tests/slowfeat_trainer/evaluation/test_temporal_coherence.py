"""Slowness metrics by hand, and where constant, random and oracle codes
land; scenes where the cuts are.
"""

from __future__ import annotations

import numpy as np
import pytest

from slowfeat_trainer.data.frames import FrameStack
from slowfeat_trainer.data.scenes import segment_scenes
from slowfeat_trainer.evaluation.temporal_coherence import (
    average_precision,
    slowness_auroc,
    temporal_coherence,
    temporal_precision,
)

SCENE = np.repeat(np.arange(20), 10)
BLOCK = np.zeros(200, dtype=np.int64)


def test_average_precision_by_hand() -> None:
    hit = np.array([True, False, True, False])
    # Precision 1 at the first hit, 2/3 at the second.
    assert average_precision(np.array([0.1, 0.2, 0.3, 0.4]), hit) == pytest.approx((1 + 2 / 3) / 2)
    # The second and third at once: precision 2/3 for the hit among them.
    assert average_precision(np.array([0.1, 0.2, 0.2, 0.4]), hit) == pytest.approx((1 + 2 / 3) / 2)
    assert average_precision(np.zeros(4), hit) == 0.5
    assert average_precision(np.arange(4.0), np.zeros(4, dtype=bool)) == 0.0


def test_an_oracle_a_constant_and_noise_land_where_they_must() -> None:
    oracle = np.eye(20)[SCENE]
    area, chance = temporal_coherence(oracle, SCENE)
    assert area == pytest.approx(1.0)
    assert chance == pytest.approx(9 / 199)
    assert temporal_coherence(np.ones((200, 3)), SCENE)[0] == pytest.approx(chance)
    assert temporal_coherence(np.zeros((200, 3)), SCENE)[0] == pytest.approx(chance)
    noise = np.random.default_rng(0).normal(size=(200, 16))
    assert temporal_coherence(noise, SCENE)[0] < 0.12
    # The cosine knows no scale.
    blown = oracle * np.random.default_rng(1).uniform(0.1, 9, (200, 1))
    assert temporal_coherence(blown, SCENE)[0] == pytest.approx(1.0)


def test_slowness_of_a_walk_a_constant_and_noise() -> None:
    rng = np.random.default_rng(0)
    walk = np.cumsum(rng.normal(size=(200, 8)), axis=0)
    assert slowness_auroc(walk, BLOCK) > 0.95
    assert slowness_auroc(0.001 * walk, BLOCK) == slowness_auroc(walk, BLOCK)
    assert slowness_auroc(np.ones((200, 4)), BLOCK) == 0.5
    assert slowness_auroc(rng.normal(size=(200, 8)), BLOCK) == pytest.approx(0.5, abs=0.03)
    # Alternating codes are the opposite of slow.
    flip = np.tile([[1.0], [-1.0]], (100, 1))
    assert slowness_auroc(flip, BLOCK) < 0.3


def test_neighbours_do_not_cross_blocks() -> None:
    block = np.arange(200) // 2
    z = np.repeat(np.random.default_rng(0).normal(size=(100, 4)), 2, axis=0)
    assert slowness_auroc(z, block) > 0.99


def test_scenes_end_at_cuts_blocks_and_after_their_longest() -> None:
    rng = np.random.default_rng(0)
    frames = np.full((100, 16, 16, 3), 100, np.uint8) + rng.integers(0, 3, (100, 16, 16, 3)).astype(
        np.uint8
    )
    frames[30:] += 80  # a cut
    frames[99:] += 60  # and one that leaves a frame alone
    block = (np.arange(100) >= 60).astype(np.int64)
    scene = segment_scenes(FrameStack([frames]), block, longest=25)
    bounds = [0, *(np.flatnonzero(np.diff(scene)) + 1).tolist()]
    assert bounds == [0, 25, 30, 55, 60, 85, 99]
    assert scene[-1] == -1
    assert scene.max() == 5


RECALL = np.array([0.2, 0.5, 1.0])


def test_precision_at_recall_of_an_oracle_a_constant_and_by_hand() -> None:
    np.testing.assert_allclose(temporal_precision(np.eye(20)[SCENE], SCENE, RECALL), 1.0)
    # All at once: whatever the recall, the share of the scene.
    np.testing.assert_allclose(temporal_precision(np.ones((200, 3)), SCENE, RECALL), 9 / 199)
    # One scene of three frames, its middle one asks; a stranger stands between the two others.
    degrees = np.radians([10.0, 0.0, 30.0, 20.0, 90.0])
    z = np.stack([np.cos(degrees), np.sin(degrees)], axis=1)
    scene = np.array([0, 0, 0, -1, -1])
    np.testing.assert_allclose(temporal_precision(z, scene, np.array([0.5, 1.0])), [1.0, 2 / 3])
    assert temporal_coherence(z, scene)[0] == pytest.approx((1 + 2 / 3) / 2)
