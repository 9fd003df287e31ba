"""Cards of motion patterns, and which pair of frames stands for each."""

from __future__ import annotations

import dataclasses

import numpy as np

from slowfeat.geometry import motion_matrix
from slowfeat_trainer.data.frames import FrameStack
from slowfeat_trainer.data.pairs import Part
from slowfeat_trainer.page.patterns import pairs_near_patterns, pattern_card
from tests.conftest import tiny_info


def part(motions: list[list[float]]) -> Part:
    """Frames a tenth of a second apart, with these motions between them."""
    poses = [np.eye(4)]
    for motion in motions:
        poses.append(poses[-1] @ motion_matrix(np.array(motion)))
    count = len(poses)
    frames = FrameStack([np.zeros((count, 2, 2, 3), np.uint8)])
    return Part(frames, np.arange(count) * 10**8, np.stack(poses), np.zeros(count, np.int64))


def test_each_pattern_gets_the_pair_of_its_own_motion() -> None:
    ahead, left = [0.1, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0.06]
    drive = part([ahead] * 20 + [left] * 20)
    forward, turn = pairs_near_patterns(tiny_info(), drive)
    assert forward is not None
    assert turn is not None
    # Half a metre ahead takes five frames of the first half, 0.3 rad five of the second.
    assert forward[1] - forward[0] == 5
    assert forward[1] <= 20
    assert turn[1] - turn[0] == 5
    assert turn[0] >= 20


def test_without_pairs_there_is_none() -> None:
    assert pairs_near_patterns(tiny_info(), part([])) == [None, None]
    blocks = part([[0.1, 0, 0, 0, 0, 0]] * 3)
    alone = dataclasses.replace(blocks, block=np.arange(4))
    assert pairs_near_patterns(tiny_info(), alone) == [None, None]


def test_words_of_a_card_are_text() -> None:
    card = pattern_card(np.zeros(6), 1.0, "<turn>", "5 & 6", "")
    assert "<turn>" not in card
    assert card.count("&lt;turn&gt;") == 2
    assert "5 &amp; 6" in card
    assert 'class="pair"' not in card
    assert '<div class="pair"><b></b></div>' in pattern_card(np.zeros(6), 1.0, "", "", "<b></b>")
