"""Pairs, the split by time, and motion patterns."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from slowfeat.errors import UsageError
from slowfeat_trainer.data.options import SplitRule
from slowfeat_trainer.data.pairs import following, split_by_time, split_recordings
from slowfeat_trainer.data.pairs import held_out_bags as bags_for_the_test
from slowfeat_trainer.data.recording import Camera, Recording

NS = 1_000_000_000


def recording(frames: int, rate: float = 10.0, speed: float = 1.0, sha256: str = "") -> Recording:
    stamps = np.round(np.arange(1, frames + 1) / rate * NS).astype(np.int64)
    poses = np.tile(np.eye(4), (frames, 1, 1))
    poses[:, 0, 3] = speed * stamps / NS
    pictures = np.zeros((frames, 2, 2, 3), np.uint8)
    episode = np.zeros(frames, np.int32)
    return Recording(
        Path("bag"), sha256, pictures, stamps, poses, episode, Camera(), "base_link", "/i", "/o"
    )


def test_the_following_frame_is_the_nearest_within_tolerance() -> None:
    stamps = (np.array([0.0, 0.1, 0.52, 0.6, 5.0]) * NS).astype(np.int64)
    assert following(stamps, 0.5).tolist() == [2, 3, -1, -1, -1]
    assert following(stamps, 0.01).tolist() == [-1] * 5
    assert following(stamps[:1], 0.5).tolist() == [-1]


def test_parts_are_blocks_of_time_and_no_pair_crosses_them() -> None:
    split = split_by_time([recording(100), recording(50)], test=0.4, calibration=0.2)
    assert (len(split.train), len(split.calibration), len(split.test)) == (72, 18, 60)
    for name in ("train", "calibration", "test"):
        part = getattr(split, name)
        pairs = part.pairs_up_to(1.0, 4)
        np.testing.assert_array_equal(part.block[pairs.before], part.block[pairs.after])
        np.testing.assert_allclose(pairs.gap_s, np.clip(pairs.gap_s, 0.2, 1.0))
        np.testing.assert_allclose(pairs.motions[:, 0], pairs.gap_s, rtol=1e-6)
    assert len(split.train.pairs_at_gap(0.5).thinned(10)) <= 10
    assert len(split.train.pairs_at_gap(0.5).thinned(1000)) == len(split.train.pairs_at_gap(0.5))
    ends = [split.train.stamps[split.train.block == 0][-1], split.calibration.stamps[0]]
    assert ends[0] < ends[1] < split.test.stamps[0]
    assert split.test.seconds == pytest.approx(3.9 + 1.9)


def test_no_pair_crosses_a_jump_of_the_odometry() -> None:
    jumping = recording(100)
    jumping.episode[30:] = 1
    jumping.poses[30:, 0, 3] += 1000.0
    part = split_by_time([jumping, recording(60)], test=0.2, calibration=0.2).train
    assert len(np.unique(part.block)) == 3
    assert np.abs(part.pairs_up_to(1.0, 4).motions[:, 0]).max() < 2.0


def test_whole_bags_are_held_out_by_their_hashes_in_any_order() -> None:
    some = [recording(20 + k, sha256=f"{(7 * k) % 10}") for k in range(10)]
    first = split_recordings(some, SplitRule("bag", 0.3, 0.25))
    again = split_recordings(some[::-1], SplitRule("bag", 0.3, 0.25))
    held_out = bags_for_the_test([r.sha256 for r in some], 0.3)
    assert held_out == {"0", "1", "2"}
    assert len(first.test) == sum(len(r) for r in some if r.sha256 in held_out) == len(again.test)
    assert len(first.train) + len(first.calibration) + len(first.test) == sum(map(len, some))
    assert len(np.unique(first.calibration.block)) == 7
    assert len(split_recordings(some, SplitRule("bag", 0.0, 0.25)).test) == 0


def test_one_bag_cannot_be_divided_by_bags() -> None:
    with pytest.raises(UsageError, match="at least two bags"):
        split_recordings([recording(20, sha256="a")], SplitRule("bag"))
