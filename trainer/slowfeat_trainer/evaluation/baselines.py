"""Codes and maps that any method must beat, none of them learned by a network.

Codes: pixels, whitened pixels, tiny images, slow feature analysis; each becomes a row by maps
refitted to it. Maps: the mean of the bag, and an image that is merely pushed sideways as the robot
turns.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from slowfeat_trainer.data.frames import FrameStack
from slowfeat_trainer.data.pairs import GAP_S, Pairs, Part, Split
from slowfeat_trainer.evaluation.compare import (
    PIXEL_SIDE,
    Embed,
    HeldOutPairs,
    judge,
    judge_predictions,
    pixels,
    wrong_motions,
)
from slowfeat_trainer.evaluation.metric_table import Metrics
from slowfeat_trainer.metrics.equivariance import Matrix, motion_gain
from slowfeat_trainer.models.convnet import embed_frames
from slowfeat_trainer.models.sfa_encoder import SfaEncoder
from slowfeat_trainer.models.whitening import SAMPLE, zca_matrix

TINY_SIDE = 32
SFA_DIMENSION = 32
# Pixels of an image of PIXEL_SIDE columns per radian, tried when the field of view is not known:
# from a lens of 14 to a fish eye of 240 degrees.
FOCALS = tuple(float(f) for f in np.geomspace(PIXEL_SIDE / 4.2, PIXEL_SIDE / 0.25, 25))
# Pairs to fit the focal length on.
FOCAL_PAIRS = 1000


def tiny_images(frames: FrameStack) -> Matrix:
    """32 x 32 grey images (N, 1024), each of zero mean and unit norm (Torralba et al. 2008).

    Brightness and contrast of an image are gone; an image of one grey becomes 0.
    """
    small = [
        cv2.resize(
            cv2.cvtColor(f, cv2.COLOR_RGB2GRAY),
            (TINY_SIDE, TINY_SIDE),
            interpolation=cv2.INTER_AREA,
        )
        for f in frames
    ]
    x = np.asarray(small, dtype=np.float32).reshape(len(frames), -1)
    x -= x.mean(axis=1, keepdims=True)
    return np.asarray(x / np.maximum(np.linalg.norm(x, axis=1, keepdims=True), 1e-6))


def zca_pixels(part: Part) -> Embed:
    """Raw pixels (N, 768) whitened as those of a training part ask for (G
    section 5; Bell & Sejnowski 1997).
    """
    sample = part.frames[:: -(-len(part) // SAMPLE)]
    mean, matrix = zca_matrix(pixels(FrameStack([sample])).astype(np.float64))

    def embed(frames: FrameStack) -> Matrix:
        return np.asarray((pixels(frames) - mean) @ matrix, dtype=np.float32)

    return embed


def sfa_features(part: Part) -> Embed | None:
    """Slow feature analysis (N, 32) fitted to a training part; None where
    it has too few frames for that.
    """
    try:
        encoder = SfaEncoder.fitted_to(part.frames, SFA_DIMENSION, part.block)
    except ValueError:
        return None
    return lambda frames: embed_frames(encoder, frames)


def mean_of_bag(z: Matrix, seen: Matrix, pairs: HeldOutPairs) -> Metrics:
    """A map that always answers the mean embedding of the bag's earlier part: what a rho below 1
    may be worth.

    Args:
        z: (N, D) embeddings of the test part.
        seen: (M, D) embeddings of the training part of the same bag.
        pairs: of the test part.
    """
    mean = seen.mean(axis=0)
    return judge(z, pairs, lambda start, _: np.broadcast_to(mean, start.shape), None)


@dataclass(frozen=True)
class ImageShift:
    """Egomotion without learning: a 16 x 16 image moves sideways by yaw times focal length.

    A turn to the left moves the image to the right. What enters at the edge repeats the edge.
    """

    # Columns of the small image that a radian of yaw moves it.
    focal: float
    # Where that is from, in words.
    source: str

    @classmethod
    def of_camera(cls, horizontal_fov: float) -> ImageShift:
        """From the field of view [rad] of the camera's own camera_info."""
        return cls(
            PIXEL_SIDE / 2 / np.tan(min(horizontal_fov, 3.0) / 2), "from the camera's field of view"
        )

    @classmethod
    def fitted_to(cls, part: Part) -> ImageShift:
        """From pairs of a training part: the focal length with the largest motion gain.

        The least squared error would favour too short a shift, which blurs what it cannot place.
        """
        pairs = part.pairs_at_gap(GAP_S).thinned(FOCAL_PAIRS)
        before, after = (pixels(FrameStack([part.frames[i]])) for i in (pairs.before, pairs.after))
        yaw = pairs.motions[:, 5]
        wrong = np.roll(yaw, len(yaw) // 2)
        gains = [
            motion_gain(shift(before, f * yaw), shift(before, f * wrong), after) for f in FOCALS
        ]
        return cls(FOCALS[int(np.argmax(gains))], "fitted on the training part")

    def predict(self, start: Matrix, pairs: Pairs) -> Matrix:
        """Images (P, 768) after the motions of some pairs."""
        return shift(start, self.focal * pairs.motions[:, 5])

    def figures(self, split: Split, pairs: HeldOutPairs) -> Metrics:
        """Its row, on raw pixels; gain against itself, fed a wrong motion."""
        z = pixels(split.test.frames)
        start = z[pairs.single.before]
        twice = None
        if len(pairs.first):
            once = self.predict(z[pairs.first.before], pairs.first)
            twice = self.predict(once, pairs.second)
        wrong = shift(start, self.focal * wrong_motions(pairs)[:, 5])
        return judge_predictions(z, pairs, self.predict(start, pairs.single), twice, wrong)


def shift(pictures: Matrix, columns: npt.NDArray[np.float64]) -> Matrix:
    """Images (P, 768) of `pixels`, moved to the right by some columns
    (P,), fractions interpolated.
    """
    rows = pictures.reshape(len(pictures), PIXEL_SIDE, PIXEL_SIDE, 3)
    at = np.clip(np.arange(PIXEL_SIDE)[None] - columns[:, None], 0, PIXEL_SIDE - 1)
    low = np.minimum(at.astype(np.int64), PIXEL_SIDE - 2)
    share = (at - low)[:, None, :, None]
    left = np.take_along_axis(rows, low[:, None, :, None], axis=2)
    right = np.take_along_axis(rows, low[:, None, :, None] + 1, axis=2)
    return np.asarray((1 - share) * left + share * right).reshape(len(pictures), -1)
