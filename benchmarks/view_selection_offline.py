"""Recognition from one view and a second one that a policy chose, on objects on a turntable.

Half of the objects (drawn anew in each repeat) are to train the maps, the others have one or two labelled views.
From every view of these, the policy turns by one of TURNS; the class is told from both views. Maps are refitted
for every kind of feature alike, one a turn, by ridge regression towards standing still on the training objects;
strength and expected error are those of leave-two-objects-out cross-validation.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from slowfeat.bundle import load_bundle
from slowfeat.encoder import Encoder
from slowfeat.geometry import Array
from slowfeat.view_selection import policies
from slowfeat.view_selection.policies import Labelled

# In views of 5 degrees: 15 to 60 degrees both ways.
TURNS = (-12, -9, -6, -3, 3, 6, 9, 12)
DIMENSIONS = 64
STRENGTHS = tuple(10.0**k for k in np.arange(-4.0, 1.0, 0.5))
NAMES = ("one view", "random", "hindsight", "paper", "recognition", "resemblance", "true", "oracle")
Features = Callable[[npt.NDArray[np.uint8]], npt.NDArray[np.float64]]


def load_objects(file: Path) -> npt.NDArray[np.uint8]:
    """Grey pictures (objects, views, H, W) in the order of the azimuth."""
    data = np.load(file, allow_pickle=False)
    order = np.lexsort((data["azimuth_deg"], data["object_id"]))
    count = len(np.unique(data["object_id"]))
    images = data["images"][order]
    return np.asarray(images.reshape(count, -1, *images.shape[1:]), dtype=np.uint8)


def pixels(images: npt.NDArray[np.uint8]) -> Array:
    """16 x 16 pixels of length one."""
    small = np.stack([cv2.resize(i, (16, 16), interpolation=cv2.INTER_AREA) for i in images])
    return policies.unit(small.reshape(len(images), -1))[0]


def of_bundle(run: Path) -> Features:
    """A bundle's embeddings."""
    encoder = Encoder(load_bundle(run))

    def embed(images: npt.NDArray[np.uint8]) -> Array:
        return np.stack([encoder.embed(np.repeat(i[..., None], 3, axis=2)) for i in images]).astype(
            np.float64
        )

    return embed


def of_onnx(file: Path) -> Features:
    """Features `feat` of a network that takes RGB float NCHW 224, (x - 127) / 128 (EfficientNet-Lite)."""
    import onnxruntime

    session = onnxruntime.InferenceSession(str(file), providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name

    def embed(images: npt.NDArray[np.uint8]) -> Array:
        rows = []
        for image in images:
            big = cv2.resize(image, (224, 224)).astype(np.float32)
            x = np.repeat(((big - 127) / 128)[None, None], 3, axis=1)
            rows.append(np.asarray(session.run(["feat"], {name: x})[0]).reshape(-1))
        return policies.unit(np.stack(rows))[0]

    return embed


def ridge(before: Array, after: Array, strength: float) -> Array:
    """Affine map (D + 1, D), shrunk towards standing still."""
    inputs = _with_one(before)
    still = np.eye(inputs.shape[1], after.shape[1])
    scale = strength * float((inputs**2).mean()) * len(inputs)
    gram = inputs.T @ inputs + scale * np.eye(inputs.shape[1])
    return np.asarray(still + np.linalg.solve(gram, inputs.T @ (after - inputs @ still)))


def _with_one(z: Array) -> Array:
    return np.concatenate([z, np.ones((*z.shape[:-1], 1))], axis=-1)


def fit_turn(z: Array, turn: int) -> tuple[Array, float]:
    """The map of a turn from training objects (objects, views, D), and its expected error on new ones."""
    after = np.roll(z, -turn, axis=1)
    d = z.shape[-1]
    best = (np.inf, STRENGTHS[0])
    for strength in STRENGTHS:
        total = 0.0
        for first in range(0, len(z), 2):
            held = np.isin(np.arange(len(z)), [first, first + 1])
            fitted = ridge(z[~held].reshape(-1, d), after[~held].reshape(-1, d), strength)
            total += float(((_with_one(z[held]) @ fitted - after[held]) ** 2).sum())
        best = min(best, (total / (z.shape[0] * z.shape[1]), strength))
    return ridge(z.reshape(-1, d), after.reshape(-1, d), best[1]), float(np.sqrt(best[0]))


def one_repeat(features: Array, labels: int, seed: int) -> dict[str, float]:
    """Accuracies of one draw of training objects and labelled views.

    Args:
        features: (objects, views, D).
        labels: labelled views of each class.
        seed: of the draw.
    """
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(features))
    half = len(features) // 2
    train, test = features[order[:half]], features[order[half:]]
    flat = train.reshape(-1, train.shape[-1])
    basis = np.linalg.svd(flat - flat.mean(axis=0), full_matrices=False)[2][:DIMENSIONS].T
    train, test = (train - flat.mean(axis=0)) @ basis, (test - flat.mean(axis=0)) @ basis
    count, views, d = test.shape
    chosen = np.stack([rng.choice(views, labels, replace=False) for _ in range(count)])
    bank = test[np.arange(count)[:, None], chosen].reshape(-1, d)
    memory = Labelled(bank, np.repeat(np.arange(count), labels), count)
    # The labelled views themselves are no queries.
    asked = np.ones((count, views), dtype=bool)
    asked[np.arange(count)[:, None], chosen] = False
    z, truth = test[asked], np.repeat(np.arange(count), views)[asked.reshape(-1)]
    own = policies.posterior(policies.squared_distances(z, bank), memory)
    scores: dict[str, list[Array]] = {name: [] for name in NAMES[3:7]}
    right = []
    for turn in TURNS:
        weights, error = fit_turn(train, turn)
        seen = np.roll(test, -turn, axis=1)[asked]
        both = own * policies.posterior(policies.squared_distances(seen, bank), memory)
        both /= both.sum(axis=1, keepdims=True)
        right.append(both.argmax(axis=1) == truth)
        p, e = _with_one(z) @ weights, np.full(len(z), error)
        pair = policies.squared_distances(z, bank) + policies.squared_distances(p, bank)
        scores["paper"].append(-policies.entropy(policies.posterior(pair, memory)))
        weighed = policies.posterior(pair + error**2, memory)
        scores["recognition"].append(-policies.entropy(weighed))
        scores["resemblance"].append(policies.resemblance(p, e, memory))
        scores["true"].append(-policies.entropy(both))
    hits = np.stack(right)
    taken = {
        name: float(np.take_along_axis(hits, np.argmax(found, axis=0)[None], 0).mean())
        for name, found in scores.items()
    }
    return {
        "one view": float((own.argmax(axis=1) == truth).mean()),
        "random": float(hits.mean()),
        "hindsight": float(hits.mean(axis=1).max()),
        **taken,
        "oracle": float(hits.any(axis=0).mean()),
    }
