"""dictionary-fc: fully connected dictionaries of patches (Goroshin et
al. 2015, section 4, fig. 2).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from slowfeat.geometry import Array
from slowfeat_papers.goroshin.fc_findings import (
    FRESH,
    OVERLAP,
    RECONSTRUCTS,
    SGD,
    SLOW,
    SPARSE,
    SPARSE_SLOW,
    PoolStatistics,
    findings,
    table,
)
from slowfeat_papers.goroshin.fc_method import FcDictionary
from slowfeat_papers.goroshin.patches import patch_parts
from slowfeat_papers.goroshin.views_of_layer import Hidden, Rebuilt
from slowfeat_papers.material.drawings import Panel, write_panels
from slowfeat_papers.material.learning import still_set, trained
from slowfeat_papers.material.part import Bench, Result
from slowfeat_papers.measures.dictionaries import (
    amplitudes,
    pixel_share,
    pool_similarity,
    relative_step,
)
from slowfeat_trainer.config.train_config import TrainConfig, config_of_preset
from slowfeat_trainer.console.terminal import say
from slowfeat_trainer.data.pairs import Part
from slowfeat_trainer.metrics.equivariance import variance_explained
from slowfeat_trainer.models.convnet import embed_frames
from slowfeat_trainer.models.goroshin_fc import SIDE
from slowfeat_trainer.page.filters import filters_drawing

# Groups of the paper's figure.
SLOWEST = 32
# Per unit of the whitened image; not published.
L1 = 0.5
BETA = 2.0


@dataclass(frozen=True)
class Variant:
    """One dictionary."""

    name: str
    sparsity: float = 0.0
    slowness: float = BETA
    # Units from one pool to the next.
    stride: int = 4
    sgd: bool = False


VARIANTS = (
    Variant(SLOW),
    Variant(SPARSE_SLOW, L1),
    Variant(RECONSTRUCTS, slowness=0.0),
    Variant(SPARSE, L1, slowness=0.0),
    Variant(OVERLAP, L1, stride=2),
    Variant(SGD, L1, sgd=True),
)


def configuration(bench: Bench, variant: Variant, seed: int) -> TrainConfig:
    """Adam, or plain stochastic gradient descent without momentum."""
    optimisation: dict[str, object] = {"learning_rate": 1e-3}
    if variant.sgd:
        optimisation = {
            "learning_rate": 1.0,
            "optimiser": "sgd",
            "momentum": 0.0,
            "schedule": "constant",
        }
    return config_of_preset(
        "goroshin_1",
        sparsity=variant.sparsity,
        slowness=variant.slowness,
        steps=bench.pick(500, 20_000),
        batch_size=256,
        weight_decay=0.0,
        seed=seed,
        **optimisation,
    )


def learned(bench: Bench, variant: Variant, part: Part, seed: int) -> FcDictionary:
    """A trained dictionary."""
    data, config = still_set(part), configuration(bench, variant, seed)
    method = FcDictionary(data, config, variant.stride)
    folder = bench.folder / f"{variant.name.replace(' ', '_')}-{seed}"
    trained(data, config, folder, method)
    return method


def measure(method: FcDictionary, part: Part, figures: PoolStatistics) -> Array:
    """Adds the figures of a dictionary on held-out patches; returns how fast each pool is (D,)."""
    layer = method.first
    z = embed_frames(layer, part.frames)
    x, h, rebuilt = (
        embed_frames(net, part.frames) for net in (layer.inputs, Hidden(layer), Rebuilt(layer))
    )
    steps = relative_step(z, part.block)
    lives = z.std(axis=0) > 1e-6
    kernels, pools = dictionary(method)
    slowest = np.argsort(steps)[:SLOWEST]
    shown = np.unique(np.concatenate([pools[p] for p in slowest]))
    within, across = pool_similarity(amplitudes(kernels), pools)
    figures.step.append(float(np.median(steps[lives])) if lives.any() else 1.0)
    moving = h.std(axis=0) > 1e-6
    figures.unit_step.append(
        float(np.median(relative_step(h, part.block)[moving])) if moving.any() else 1.0
    )
    figures.alive.append(float(lives.mean()))
    figures.explained.append(variance_explained(rebuilt, x))
    figures.active.append(float((h > 0).mean()))
    figures.pixels.append(float(pixel_share(kernels[shown]).mean()))
    figures.within.append(within)
    figures.across.append(across)
    return steps


def dictionary(method: FcDictionary) -> tuple[Array, list[list[int]]]:
    """Columns (K, 1, 20, 20) of the decoder, and the units of each pool."""
    weight = method.first.decoder.weight.detach().numpy()
    pools = [np.flatnonzero(row).tolist() for row in method.first.pool.members.numpy()]
    return np.asarray(weight.T.reshape(-1, 1, SIDE, SIDE), np.float64), pools


def run(bench: Bench) -> Result:
    """Train the dictionaries, measure them on patches of maps held out, draw the slowest pools."""
    train_part, test_part = patch_parts(bench)
    found: dict[str, PoolStatistics] = {variant.name: PoolStatistics() for variant in VARIANTS}
    found[FRESH] = PoolStatistics()
    panels: list[Panel] = []
    for seed in range(bench.seeds):
        for variant in VARIANTS:
            say(f"  {variant.name}, seed {seed}")
            method = learned(bench, variant, train_part, seed)
            steps = measure(method, test_part, found[variant.name])
            if seed == 0:
                panels.append(panel(variant.name, method, steps))
        fresh = FcDictionary(still_set(train_part), configuration(bench, VARIANTS[1], seed))
        measure(fresh, test_part, found[FRESH])
    write_panels(bench.folder / "slowest_pools.svg", panels[:4], columns=2, width=420)
    write_panels(bench.folder / "variants.svg", panels[4:], columns=2, width=420)
    return Result(
        findings=findings(found),
        tables=[table(found)],
        pictures={
            "slowest_pools.svg": (
                f"Fig. 2: the {SLOWEST} slowest pools of decoders with slowness (top), without "
                "(bottom), without l1 (left) and with it (right)."
            ),
            "variants.svg": (
                f"The {SLOWEST} slowest pools of pools that overlap, and of plain stochastic "
                "gradient descent."
            ),
        },
        notes=[
            (
                f"{len(train_part)} patches of 20x20 grey pixels from simulated drives at 50 "
                "images a second, each at one place for 8 images, without their mean; "
                f"{len(test_part)} of other maps are measured on (the paper: about 170,000 from "
                "films)."
            ),
            f"alpha is not published: {L1} here. Optimised by Adam, but for the row that says SGD.",
        ],
        seeds=bench.seeds,
    )


def panel(name: str, method: FcDictionary, steps: Array) -> Panel:
    """The slowest pools of a decoder."""
    kernels, pools = dictionary(method)
    slowest = [pools[p] for p in np.argsort(steps)[:SLOWEST]]
    return Panel(name, filters_drawing(kernels, slowest, 8, name, as_images=True))
