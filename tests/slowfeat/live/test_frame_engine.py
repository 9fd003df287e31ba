"""The engine without a node: image in, typed result out."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from slowfeat.bundle import load_bundle
from slowfeat.encoder import Encoder
from slowfeat.errors import ImageError, MotionError
from slowfeat.live.frame_engine import FrameEngine
from slowfeat.live.motion_check import MotionCheck
from tests.conftest import TINY_DIMENSION, TINY_PATTERNS

START = 1_700_000_000_000_000_123
STEP_NS = 100_000_000


def image(seed: int = 0, encoding: str = "rgb8") -> Any:
    """An object with the fields of sensor_msgs/Image, 24 x 16."""
    data = np.random.default_rng(seed).integers(0, 256, (16, 24, 3), np.uint8)
    return SimpleNamespace(
        header=f"header {seed}",
        height=16,
        width=24,
        step=72,
        encoding=encoding,
        is_bigendian=0,
        data=data.tobytes(),
    )


@pytest.fixture(scope="module")
def encoder(tiny_bundle: Path) -> Encoder:
    return Encoder(load_bundle(tiny_bundle), provider="cpu")


@pytest.fixture
def engine(encoder: Encoder) -> FrameEngine:
    made = FrameEngine(encoder, MotionCheck(), lambda: None)
    made.use_motions([])
    return made


def test_a_frame_has_the_header_and_the_encoders_numbers(
    engine: FrameEngine, encoder: Encoder
) -> None:
    message = image()
    frame = engine.embed(message, START)
    pixels = np.frombuffer(message.data, np.uint8).reshape(16, 24, 3)
    np.testing.assert_allclose(frame.embedding, encoder.embed(pixels), rtol=1e-5)
    assert (frame.header, frame.stamp_ns, frame.encoder) == ("header 0", START, encoder)
    assert engine.newest is None
    engine.follow(frame)
    assert engine.newest is frame


def test_predictions_are_for_the_motion_patterns_unless_others_are_asked_for(
    engine: FrameEngine, encoder: Encoder
) -> None:
    frame = engine.embed(image(), START)
    found = engine.follow(frame).predictions
    assert found is not None
    np.testing.assert_allclose(found.motions, TINY_PATTERNS)
    after, error = encoder.predict(frame.embedding, TINY_PATTERNS)
    np.testing.assert_allclose(found.reply.data, after, rtol=1e-5)
    np.testing.assert_allclose(found.reply.expected_error, error, rtol=1e-5)
    given = engine.use_motions([0.1, 0, 0, 0, 0, 0] * 3)
    found = engine.follow(engine.embed(image(1), START + STEP_NS)).predictions
    assert found is not None
    assert found.motions is given
    assert found.reply.data.shape == (3, TINY_DIMENSION)


def test_nothing_is_predicted_where_nobody_wants_it(engine: FrameEngine) -> None:
    assert engine.follow(engine.embed(image(), START), predict=False).predictions is None


def test_frames_are_compared_with_odometry(engine: FrameEngine) -> None:
    outcomes = []
    for k in range(12):
        stamp = START + k * STEP_NS
        engine.check.add_pose(stamp, "base_link", (0.1 * k, 0.0, 0.0), (0.0, 0.0, 0.0, 1.0))
        outcomes.append(engine.follow(engine.embed(image(k), stamp)))
    results = [result for outcome in outcomes for result in outcome.comparisons]
    assert results
    assert results[0].duration_s == pytest.approx(0.5, abs=0.02)
    np.testing.assert_allclose(results[0].motion[:3], [0.5, 0, 0], atol=0.02)
    assert any(outcome.judged for outcome in outcomes)


def test_an_image_that_cannot_be_used_leaves_the_newest_one(engine: FrameEngine) -> None:
    frame = engine.embed(image(), START)
    engine.follow(frame)
    with pytest.raises(ImageError, match="martian"):
        engine.embed(image(1, "martian"), START + STEP_NS)
    assert engine.newest is frame
    with pytest.raises(MotionError):
        engine.use_motions([float("nan")] * 6)


def test_another_bundle_goes_on_from_the_newest_frame_and_forgets_what_was_seen(
    engine: FrameEngine, tiny_bundle: Path
) -> None:
    frame = engine.embed(image(), START)
    engine.follow(frame)
    assert len(engine.seen) == 1
    other = Encoder(load_bundle(tiny_bundle), provider="cpu")
    engine.exchange(other)
    assert engine.newest is not None
    assert engine.newest.encoder is other
    np.testing.assert_array_equal(engine.newest.embedding, frame.embedding)
    assert len(engine.seen) == 0
