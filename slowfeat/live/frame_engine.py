"""The engine of the encoder node: an image in, its embedding and what follows from it out.

A plain class that knows no ROS: the node declares, subscribes and publishes what it returns. One
thread at a time calls it; callers that share it between threads hold a lock.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from slowfeat.encoder import Encoder, check_motions
from slowfeat.errors import ImageError
from slowfeat.images import Image, decode_message
from slowfeat.live.motion_check import MotionCheck, MotionCheckResult
from slowfeat.live.prediction_reply import WHOLE, Reply, Wanted, check_part, predict_reply
from slowfeat.live.preparation import NONE, Preparation
from slowfeat.view_selection.seen import SeenViews

Embedding = npt.NDArray[np.float32]


@dataclass(frozen=True)
class EmbeddedFrame:
    """One frame: its message as it came, its embedding (D,), and by which bundle."""

    encoder: Encoder
    message: Any
    stamp_ns: int
    embedding: Embedding

    @property
    def header(self) -> Any:
        """The message's header."""
        return self.message.header


@dataclass(frozen=True)
class Predictions:
    """What a frame's embedding would become."""

    # (M, 6) motions of the body [x y z m, rotation vector rad]; the very array that `use_motions`
    # returned.
    motions: npt.NDArray[np.float64]
    # What is kept of each, and which part of an embedding that is.
    reply: Reply
    part: str


@dataclass(frozen=True)
class FrameOutcome:
    """What follows from a frame beside its embedding."""

    # None where they were not asked for, or there are no motions.
    predictions: Predictions | None = None
    # Comparisons with odometry that have become possible and are to be published.
    comparisons: list[MotionCheckResult] = field(default_factory=list)
    # Whether the self-check has got a new comparison to judge by.
    judged: bool = False


class FrameEngine:
    """One bundle at work: decoding, preparation, embedding, prediction, the check by odometry.

    Args:
        encoder: ready to run.
        check: compares with odometry, which others put into it.
        on_preparation: called when something else is done to frames than before.
    """

    def __init__(
        self, encoder: Encoder, check: MotionCheck, on_preparation: Callable[[], None]
    ) -> None:
        self.encoder, self.check = encoder, check
        self.newest: EmbeddedFrame | None = None
        # What the robot has seen, to choose views by.
        self.seen = SeenViews()
        self._on_preparation = on_preparation
        self.preparation = Preparation(NONE, on_preparation)
        self._jumps = check.jumps
        # What is kept of each prediction.
        self._part = WHOLE
        # As they were given, and checked; replaced in one go, because another thread may do it.
        self._motions = (np.zeros((0, 6)), np.zeros((0, 6), dtype=np.float32))

    def use_preparation(self, mode: str) -> None:
        """Prepare frames like this from now on, one of slowfeat.rectify.MODES."""
        self.preparation = Preparation(mode, self._on_preparation)

    def use_part(self, part: str) -> None:
        """Keep this part of each prediction: "whole", "scores" or the name of a slice.

        Raises:
            UsageError: the bundle has no such slice; then predictions are kept whole.
        """
        self._part = WHOLE
        check_part(self.encoder.info, part)
        self._part = part

    def use_motions(self, flat: Any) -> npt.NDArray[np.float64]:
        """Predict for these motions, a flat array of 6 numbers each; empty: the motion patterns.

        Returns:
            The motions (M, 6).

        Raises:
            MotionError: they are no motions.
        """
        patterns = [pattern.centroid for pattern in self.encoder.info.motion_patterns]
        motions = np.array(flat if len(flat) else patterns, dtype=np.float64).reshape(-1, 6)
        self._motions = (motions, check_motions(motions))
        return motions

    def exchange(self, encoder: Encoder) -> None:
        """Use another bundle from the next frame on, one that has run once already.

        The newest frame is embedded by it, so that predictions go on from what was seen last; views
        that were seen and comparisons begin anew, because embeddings of two bundles cannot be
        compared. The caller sets the motions again.
        """
        self.encoder = encoder
        self.newest = self._again(encoder, self.newest)
        self.seen.clear()
        self.check.clear_frames()

    def close(self) -> None:
        """Let go of what keeps the bundle in memory."""
        self.newest = None
        # They point back to the caller, who would wait for the cycle collector.
        self._on_preparation = _nothing
        self.preparation = Preparation(NONE, _nothing)

    def _again(self, encoder: Encoder, frame: EmbeddedFrame | None) -> EmbeddedFrame | None:
        if frame is None:
            return None
        try:
            # Decoded anew: this bundle may want another size, and other bits.
            embedding = encoder.embed(self._image_for(encoder, frame.message))
        except ImageError:
            return None  # the next frame will say why
        return EmbeddedFrame(encoder, frame.message, frame.stamp_ns, embedding)

    def _image_for(self, encoder: Encoder, message: Any) -> Image:
        """The image of a message as an encoder should see it, no larger than that needs."""
        wanted = self.preparation.wanted(encoder)
        image = decode_message(message, encoder.info.image_bits, wanted)
        return self.preparation.apply(image, encoder)

    def embed(self, message: Any, stamp_ns: int) -> EmbeddedFrame:
        """Decode and embed an image.

        Args:
            message: sensor_msgs Image or CompressedImage, or anything with their fields.
            stamp_ns: of its header.

        Raises:
            ImageError: it cannot be used.
        """
        encoder = self.encoder
        embedding = encoder.embed(self._image_for(encoder, message))
        if not np.isfinite(embedding).all():
            raise ImageError(
                "the embedding is not finite; is this image like those of the training?"
            )
        return EmbeddedFrame(encoder, message, stamp_ns, embedding)

    def follow(self, frame: EmbeddedFrame, predict: bool = True) -> FrameOutcome:
        """What follows from a frame: it is remembered, predicted for, and checked against odometry.

        Args:
            frame: of `embed`, in the order of their coming.
            predict: whether predictions are wanted; they cost an inference.
        """
        self.newest = frame
        self.seen.add(frame.stamp_ns, frame.embedding)
        self.seen.place(self.check.pose_at)
        predictions, (given, motions) = None, self._motions
        if predict and len(motions):
            encoder, part = frame.encoder, self._part
            reply = predict_reply(
                encoder.predict_checked, encoder.info, frame.embedding, motions, Wanted(part)
            )
            predictions = Predictions(given, reply, part)
        compared = self.check.comparisons
        comparisons = self.check.add_frame(
            frame.encoder, frame.stamp_ns, frame.header, frame.embedding
        )
        if self._jumps != self.check.jumps:
            # Where views were seen from was in a frame that is gone.
            self._jumps = self.check.jumps
            self.seen.forget_places()
        return FrameOutcome(predictions, comparisons, self.check.comparisons != compared)


def _nothing() -> None:
    """Nobody listens any more."""
