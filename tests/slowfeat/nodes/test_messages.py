"""Between arrays and messages, without a node."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from geometry_msgs.msg import Quaternion, Transform

from slowfeat.bundle import load_bundle
from slowfeat.bundle_info import Slice
from slowfeat.encoder import Encoder
from slowfeat.errors import MotionError
from slowfeat.live.prediction_reply import Reply
from slowfeat.nodes import messages


def test_motions_survive_the_way_through_transforms() -> None:
    motions = np.random.default_rng(0).uniform(-1.5, 1.5, (20, 6))
    transforms = messages.transforms_from_motions(motions)
    np.testing.assert_allclose(messages.motions_from_transforms(transforms), motions, atol=1e-12)


def test_quaternion_as_rough_as_typed_by_hand_is_taken() -> None:
    motion = messages.motions_from_transforms([Transform(rotation=Quaternion(z=0.707, w=0.707))])
    assert motion[0, 5] == pytest.approx(np.pi / 2)


def test_too_many_motions_are_refused() -> None:
    with pytest.raises(MotionError, match="give 1 to 100000"):
        messages.motions_from_transforms([Transform()] * (messages.MAX_MOTIONS + 1))


def test_predictions_are_row_major(tiny_bundle: Path) -> None:
    encoder = Encoder(load_bundle(tiny_bundle))
    info = messages.bundle_info_message(encoder, messages.Header().stamp)
    assert len(info.motion_patterns) == 2
    after = np.arange(6, dtype=np.float32).reshape(2, 3)
    reply = Reply(after, after[:, 0], np.zeros(0, np.float32), np.zeros(0, np.uint32))
    header = messages.Header()
    message = messages.predictions_message(header, encoder.info, info.motion_patterns, reply)
    assert list(message.data) == [0, 1, 2, 3, 4, 5]
    assert list(message.expected_error) == [0, 3]
    assert message.dimension == 3
    assert message.encoder_hash == info.encoder_sha256 == encoder.info.sha256["encoder.onnx"]
    nearest = reply._replace(kept=np.array([1, 0], np.uint32), distance=after[:, 1])
    message = messages.predictions_message(header, encoder.info, info.motion_patterns, nearest)
    assert message.motions == list(reversed(info.motion_patterns))
    assert (list(message.index), list(message.distance)) == ([1, 0], [1, 4])


def test_info_says_what_ranges_of_an_embedding_are_and_the_offset(tiny_bundle: Path) -> None:
    encoder = Encoder(load_bundle(tiny_bundle))
    slices = {"embedding": Slice(0, 8), "slow": Slice(6, 8, 0.25)}
    encoder.info.slices = slices
    info = messages.bundle_info_message(encoder, messages.Header().stamp, odom_offset_s=0.2)
    assert list(info.slice_names) == ["embedding", "slow"]
    assert (list(info.slice_start), list(info.slice_stop)) == ([0, 6], [8, 8])
    assert list(info.slice_share_of_norm) == [0.0, 0.25]
    assert info.odom_offset_s == 0.2
