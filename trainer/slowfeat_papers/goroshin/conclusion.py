"""conclusion: small accelerations instead of small steps, and frames from pooled codes (Goroshin et
al. 2015, section 6).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from slowfeat_papers.goroshin.decoder_method import PooledDecoder
from slowfeat_papers.goroshin.encoders import (
    configuration,
    drives_of,
    learned,
    pixels,
)
from slowfeat_papers.material.drive_frames import Drives
from slowfeat_papers.material.finding_phrases import mean, spread
from slowfeat_papers.material.learning import still_set, trained
from slowfeat_papers.material.part import Bench, Finding, Result, Table
from slowfeat_trainer.data.pairs import Index, Part
from slowfeat_trainer.evaluation.curvature import extrapolation_error, straightness
from slowfeat_trainer.evaluation.temporal_coherence import slowness_auroc
from slowfeat_trainer.metrics.equivariance import Matrix, effective_rank, variance_explained
from slowfeat_trainer.metrics.ridge import RidgePath, with_bias
from slowfeat_trainer.models.convnet import embed_frames

# Small steps (drlim), small accelerations (linearising), and both (ssfa); random is the floor.
PRESETS = ("random", "drlim", "linearising", "ssfa")
# Frames that an acceleration spans to each side: two tenths of a second.
STRIDE = 2
LAYERS = {"goroshin_1": "layer 1", "goroshin_2": "layer 2"}
# Frames that the linear decoder is fitted to, and chosen by.
FITTED, CHOOSING = 1500, 500


def run(bench: Bench) -> Result:
    """Straightness of codes, then what pooled codes keep of a frame."""
    drives = drives_of(bench)
    straight, codes = paths(bench, drives)
    decoded, rebuilt = decoders(bench, drives)
    gain = mean(straight["linearising"]) - mean(straight["random"])
    kept = {name: {way: mean(v) for way, v in ways.items()} for name, ways in rebuilt.items()}
    words = "; ".join(
        f"{name} linear {ways['linear']:.2f}, non-linear {ways['non-linear']:.2f}"
        for name, ways in kept.items()
    )
    return Result(
        findings=[
            Finding(
                "G26",
                "Successive steps of a code have a mean cosine of "
                f"{mean(straight['linearising']):.2f} when it is trained for small accelerations, "
                f"{mean(straight['drlim']):.2f} for small steps, {mean(straight['random']):.2f} "
                f"untrained. R^2 of frames from pooled codes: {words}. The paper proposes both "
                "and measures neither.",
                gain > 0.05 and all(w["non-linear"] > w["linear"] for w in kept.values()),
            )
        ],
        tables=[codes, decoded],
        notes=[
            (
                "A mean cosine of 0 is what a constant code gets, -.5 independent noise, 1 a "
                f"straight path. The linear decoder is ridge regression on {FITTED} frames, the "
                "other has a hidden layer and sees all. Codes of held-out maps are cut off at "
                "what the training showed of each."
            )
        ],
        seeds=bench.seeds,
    )


def paths(bench: Bench, drives: Drives) -> tuple[dict[str, list[float]], Table]:
    """Straightness by preset, and the table of it."""
    found: dict[str, list[tuple[float, ...]]] = {}
    part = next(iter(drives.held_out.values()))
    steps = bench.pick(200, 10_000)
    for seed in range(bench.seeds):
        for preset in PRESETS:
            changed = {"steps": 0 if preset == "random" else steps}
            network = learned(bench, drives, preset, seed, **changed).encoder
            found.setdefault(preset, []).append(
                _figures(embed_frames(network.eval(), part.frames), part)
            )
        found.setdefault("pixels", []).append(_figures(pixels(part.frames), part))
    rows = [
        [name, *(spread([v[k] for v in values], 2 if k < 3 else 1) for k in range(4))]
        for name, values in found.items()
    ]
    head = [
        "code",
        "mean cosine of steps",
        "error of 2 z_2 - z_1 (1: z_2 itself)",
        "slowness AUROC (.5 chance)",
        "effective rank",
    ]
    straight = {name: [v[0] for v in values] for name, values in found.items()}
    return straight, Table("Straightness on held-out maps", head, rows)


def _figures(z: Matrix, part: Part) -> tuple[float, ...]:
    return (
        straightness(z, part.block, STRIDE),
        extrapolation_error(z, part.block, STRIDE),
        slowness_auroc(z, part.block),
        effective_rank(z),
    )


def decoders(bench: Bench, drives: Drives) -> tuple[Table, dict[str, dict[str, list[float]]]]:
    """R^2 of pixels rebuilt from the pooled codes of a layer."""
    found: dict[str, dict[str, list[float]]] = {name: {} for name in LAYERS.values()}
    test = next(iter(drives.held_out.values())).frames
    train = drives.train_part
    for seed in range(bench.seeds):
        for preset, name in LAYERS.items():
            encoder: Any = learned(bench, drives, preset, seed).encoder
            codes, asked = (embed_frames(encoder.eval(), f) for f in (train.frames, test))
            # Neither decoder knows what lies beyond the codes it was fitted to, and other maps do.
            asked = np.clip(asked, codes.min(axis=0), codes.max(axis=0))
            x, truth = pixels(train.frames), pixels(test)
            config = configuration(
                bench,
                preset,
                seed,
                steps=bench.pick(200, 10_000),
                schedule="cosine",
                learning_rate=1e-3,
            )
            method = PooledDecoder(encoder, codes, x, seed)
            trained(still_set(train), config, bench.folder / f"{preset}-{seed}", method)
            with torch.no_grad():
                mapped = method.decode(torch.from_numpy(asked)).numpy()
            line = linear(codes, x, train.block, asked, seed)
            ways = {
                "mean image": np.broadcast_to(x.mean(axis=0), truth.shape),
                "linear": line,
                "non-linear": mapped,
            }
            for way, rebuilt in ways.items():
                found[name].setdefault(way, []).append(variance_explained(rebuilt, truth))
    ways_named = list(next(iter(found.values())))
    rows = [[name, *(spread(ways[w], 2) for w in ways_named)] for name, ways in found.items()]
    title = "R^2 of the pixels of held-out maps, rebuilt from pooled codes"
    return Table(title, ["code of", *ways_named], rows), found


def linear(codes: Matrix, x: Matrix, block: Index, asked: Matrix, seed: int) -> Matrix:
    """Ridge regression from codes (N, D) to images (N, P); (M, P).

    Its strength is chosen on the last drive: frames of the same drives are too much alike.
    """
    order = np.random.default_rng(seed).permutation(len(codes))
    last = block[order] == block.max()
    fit, choose = order[~last][:FITTED], order[last][:CHOOSING]
    inputs = with_bias(codes)
    mean_picture = np.zeros((inputs.shape[1], x.shape[1]))
    mean_picture[-1] = x[fit].mean(axis=0)
    path = RidgePath(inputs[fit], x[fit], mean_picture)
    weights, _ = path.best(inputs[choose], x[choose])
    return np.asarray(with_bias(asked) @ weights)
