"""Between arrays and messages, without a node."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from geometry_msgs.msg import Quaternion, Transform

from slowfeat.bundle import load_bundle
from slowfeat.encoder import Encoder
from slowfeat.errors import MotionError
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
    header = messages.Header()
    message = messages.predictions_message(header, "m", info.motion_patterns, after, after[:, 0])
    assert list(message.data) == [0, 1, 2, 3, 4, 5]
    assert list(message.expected_error) == [0, 3]
    assert message.dimension == 3
