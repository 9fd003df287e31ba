"""What the closed loop is run on: an embedding of images, with maps that predict it. A bundle, or
other features.

Features that know no motion (pixels, ImageNet) get the maps that the trainer gives every method
without its own, fitted and calibrated on the same training drives that the bundle has learned from:
principal components, then polynomials in the motion by ridge regression.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from view_selection_features import Features

from slowfeat.bundle import load_bundle
from slowfeat.bundle_info import BundleInfo
from slowfeat.encoder import Encoder
from slowfeat.geometry import Array
from slowfeat_trainer.bundling.fit_transform import MotionData, fit_transform
from slowfeat_trainer.data.motion_patterns import discover_patterns
from slowfeat_trainer.data.options import IngestOptions, SplitRule
from slowfeat_trainer.data.pairs import Part, Split, split_recordings
from slowfeat_trainer.ingest.dataset import open_dataset
from slowfeat_trainer.ingest.engines import open_engine
from slowfeat_trainer.ingest.ingest_bags import ingest

COMPONENTS = 128
# Every so many frames of the training drives; 10 a second.
EVERY = 3
GAPS_S, LONGEST_S = 3, 0.9

Picture = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Machine:
    """Features and their maps."""

    # An image (H, W, 3) to its embedding (D,).
    embed: Callable[[Picture], Array]
    # Embeddings (N, D) and motions (N, 6) to predictions (N, D) and expected errors (N,).
    predict: Callable[[Array, Array], tuple[npt.ArrayLike, npt.ArrayLike]]
    # The measure and the trained range.
    info: BundleInfo


def of_bundle(run: Path) -> Machine:
    """A bundle on one thread."""
    encoder = Encoder(load_bundle(run), "cpu", 1)
    return Machine(encoder.embed, encoder.predict, encoder.info)


def fitted(features: Features, split: Split, info: BundleInfo) -> Machine:
    """Maps for features, on training drives.

    Args:
        features: of images.
        split: training drives, and their calibration blocks.
        info: of the bundle that has learned from the same drives.
    """
    parts = [_embedded(features, part) for part in (split.train, split.calibration)]
    mean = parts[0][0].mean(axis=0)
    basis = np.linalg.svd(parts[0][0] - mean, full_matrices=False)[2][:COMPONENTS].T

    def data(z: Array, thin: Part) -> MotionData:
        pairs, code = thin.pairs_up_to(LONGEST_S, GAPS_S), (z - mean) @ basis
        return MotionData(
            code[pairs.before].astype(np.float32),
            code[pairs.after].astype(np.float32),
            pairs.motions,
        )

    fit, calibration = (data(*part) for part in parts)
    found = fit_transform(fit, calibration, discover_patterns(fit.motions), {})
    module = found.module.eval()

    def predict(z: Array, motions: Array) -> tuple[npt.ArrayLike, npt.ArrayLike]:
        with torch.no_grad():
            after, error = module(
                torch.from_numpy(np.asarray(z, np.float32)),
                torch.from_numpy(np.asarray(motions, np.float32)),
            )
        return after.numpy(), error.numpy()

    def embed(picture: Picture) -> Array:
        return np.asarray((features(picture[None])[0] - mean) @ basis)

    return Machine(embed, predict, replace(info, dimension=basis.shape[1], distance="l2"))


def training_split(drives: list[Path], folder: Path, size: tuple[int, int]) -> Split:
    """The training drives as frames of a size (height, width), read once into a folder."""
    if not (folder / "dataset.json").is_file():
        with open_engine() as engine:
            rule = SplitRule(test=0.0)
            ingest(drives, folder, IngestOptions(image_size=size), engine, split=rule, min_pairs=1)
    return split_recordings(open_dataset(folder).recordings(), SplitRule(test=0.0, calibration=0.2))


def _embedded(features: Features, part: Part) -> tuple[Array, Part]:
    """Features (N, D) of every EVERYth frame, and the part with these frames alone."""
    kept = np.arange(0, len(part), EVERY)
    thin = replace(
        part,
        stamps=part.stamps[kept],
        poses=part.poses[kept],
        block=part.block[kept],
        source=part.source[kept] if len(part.source) else part.source,
    )
    return np.concatenate([features(part.frames[i : i + 1]) for i in kept]), thin
