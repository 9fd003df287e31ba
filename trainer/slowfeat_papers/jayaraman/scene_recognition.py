"""J10, J14, J16, J19: scenes from few labels, by features that were learned from drives."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from slowfeat_papers.jayaraman import published
from slowfeat_papers.jayaraman.drive_views import SIZE, DriveBench, places, prepare
from slowfeat_papers.jayaraman.driving import on_drives
from slowfeat_papers.jayaraman.fine_tuning import FEW, REPEATS, fine_tuned, tuning_table
from slowfeat_papers.jayaraman.networks import Learned
from slowfeat_papers.jayaraman.rows import (
    Column,
    Row,
    Rows,
    agrees,
    cell,
    clearly,
    mean,
    order_of,
    table,
)
from slowfeat_papers.material.image_sets import read_pictures
from slowfeat_papers.material.part import Bench, Finding, Result, Table
from slowfeat_trainer.console.terminal import say
from slowfeat_trainer.data.frames import FrameStack
from slowfeat_trainer.evaluation.baselines import tiny_images
from slowfeat_trainer.evaluation.compare import pixels
from slowfeat_trainer.evaluation.labelled_images import LabelledImages
from slowfeat_trainer.evaluation.metric_table import FEW_LABELS, recognition_metrics
from slowfeat_trainer.metrics.equivariance import Matrix
from slowfeat_trainer.models.convnet import EMBED_BATCH
from slowfeat_trainer.models.cuda_convnet import CudaConvNet

METHODS = ("random", "temporal", "drlim", "equiv", "equiv_drlim", "ssfa", "lsm")
TUNED = ("random", "equiv_drlim")
LAYERS = {2: "conv 1", 5: "conv 2", 9: "conv 3"}


def run(bench: Bench) -> Result:
    """Recognise by neighbours, by a linear probe, and after fine-tuning; layer by layer."""
    base = prepare(bench)
    images = pictures_of(bench, base)
    codes: Rows = {
        "pixels": [recognition(pixels(images.frames), images)],
        "tiny images": [recognition(tiny_images(images.frames), images)],
    }
    layers: dict[str, Rows] = {}
    for seed in range(bench.seeds):
        for method in METHODS:
            say(f"  {method}, seed {seed}")
            learned = on_drives(bench, base, method, seed)
            codes.setdefault(method, []).append(recognition(learned.embed(images.frames), images))
            if method in TUNED:
                for layer, z in by_layer(learned, images.frames).items():
                    rows = layers.setdefault(method, {}).setdefault(layer, [])
                    rows.append(recognition(z, images))
    tuned = {method: fine_tuned(bench, base, images, method) for method in TUNED}
    chance = 1 / len(images.names)
    sun = Column("paper: SUN top-1 %", "knn", published.SUN_TOP_1)
    tables = [
        table(
            f"{len(images.names)} scenes, chance {100 * chance:.1f} %",
            codes,
            ("knn", "linear"),
            (sun,),
        ),
        layer_table(layers),
        tuning_table(tuned),
    ]
    return Result(
        findings(codes, layers, tuned, len(images.names)),
        tables,
        notes=notes(bench),
        seeds=bench.seeds,
    )


def pictures_of(bench: Bench, base: DriveBench) -> LabelledImages:
    """The user's scenes, or frames of the simulated maps."""
    if bench.sources.scenes is None:
        return places(base)
    found = read_pictures(bench.sources.scenes, SIZE, bench.pick(60, 10_000), 0)
    counts = len(found.train_classes), len(found.test_classes)
    return LabelledImages(
        FrameStack([found.train_frames, found.test_frames]),
        np.concatenate([found.train_classes, found.test_classes]),
        found.names,
        np.repeat([True, False], counts),
    )


def recognition(z: Matrix, images: LabelledImages) -> Row:
    """Means over 5 draws of 10 labelled images a class."""
    found = recognition_metrics(z, images, REPEATS)
    return {name: found.number(name) for name in FEW_LABELS}


def by_layer(learned: Learned, frames: FrameStack) -> dict[str, Matrix]:
    """Codes (N, D) of each layer, its maps pooled 2 x 2 times 2 x 2 by
    their mean where they are large.
    """
    net = learned.method.encoder
    assert isinstance(net, CudaConvNet)  # noqa: S101 - for the type checker
    found: dict[str, list[Tensor]] = {}
    with torch.no_grad():
        for start in range(0, len(frames), EMBED_BATCH):
            x = net.front(torch.from_numpy(frames[start : start + EMBED_BATCH]))
            for number, layer in enumerate(net.features):
                x = layer(x)
                if number in LAYERS:
                    # The last is flat already.
                    small = x if x.ndim == 2 else nn.functional.adaptive_avg_pool2d(x, 4).flatten(1)
                    found.setdefault(LAYERS[number], []).append(small)
            found.setdefault("embedding", []).append(net.head(x))
    return {name: torch.cat(parts).numpy() for name, parts in found.items()}


def layer_table(layers: dict[str, Rows]) -> Table:
    """Layers in rows, what was learned in columns."""
    names = list(next(iter(layers.values())))
    head = ["layer", *(f"{m}: {k}" for m in layers for k in ("k-NN %", "linear %"))]
    rows = [[n, *(cell(layers[m][n], k) for m in layers for k in ("knn", "linear"))] for n in names]
    return Table("Transfer by layer", head, rows)


def findings(
    codes: Rows, layers: dict[str, Rows], tuned: dict[str, list[float]], count: int
) -> list[Finding]:
    """The four rows."""
    order = order_of(codes, Column("", "knn", published.SUN_TOP_1))
    own, fresh = layers["equiv_drlim"], layers["random"]
    best = max(own, key=lambda n: mean(own[n], "linear"))
    gain = 100 * (np.mean(tuned["equiv_drlim"]) - np.mean(tuned["random"]))
    return [
        Finding(
            "J10",
            f"{count} scenes by 5 neighbours: pixels {cell(codes['pixels'], 'knn')} %, tiny "
            f"images {cell(codes['tiny images'], 'knn')} %, random network "
            f"{cell(codes['random'], 'knn')} %, equiv_drlim {cell(codes['equiv_drlim'], 'knn')} %.",
            all(
                clearly(codes, "equiv_drlim", other, "knn")
                for other in ("pixels", "tiny images", "random")
            ),
        ),
        Finding(
            "J14",
            f"{count} scenes from {FEW} labels, features of drives: equiv_drlim "
            f"{cell(codes['equiv_drlim'], 'knn')} % by neighbours and "
            f"{cell(codes['equiv_drlim'], 'linear')} % linearly, drlim "
            f"{cell(codes['drlim'], 'knn')} % and {cell(codes['drlim'], 'linear')} %, untrained "
            f"{cell(codes['random'], 'knn')} % and {cell(codes['random'], 'linear')} %; started "
            f"from it, fine-tuning gains {gain:+.1f} points over fresh weights.",
            all(
                clearly(codes, "equiv_drlim", other, key)
                for other in ("random", "drlim")
                for key in ("knn", "linear")
            ),
        ),
        Finding("J16", f"{count} scenes by 5 neighbours, {REPEATS} draws: {order}.", agrees(order)),
        Finding(
            "J19",
            f"Of equiv_drlim's layers {best} transfers best ({cell(own[best], 'linear')} % "
            f"linearly), the embedding has {cell(own['embedding'], 'linear')} %; an untrained "
            f"network's {best} has {cell(fresh[best], 'linear')} % and its embedding "
            f"{cell(fresh['embedding'], 'linear')} %. In the paper the highest layers transfer "
            "less, and the learned layers beat the untrained ones.",
            best != "embedding"
            and clearly({"own": own[best], "fresh": fresh[best]}, "own", "fresh", "linear"),
        ),
    ]


def notes(bench: Bench) -> list[str]:
    """What stands for SUN."""
    what = (
        "SUN397's place is taken by the scene images that were given."
        if bench.sources.scenes
        else (
            "Without --scenes, SUN's place is taken by frames of the simulated maps: which map, "
            "the last 40 % of each drive asked. The networks have learned from those very drives, "
            "without labels: that is easier than scenes never seen."
        )
    )
    return [
        (
            f"{what} {FEW} labelled images a class in each draw; standard errors (s.e.) are "
            "over draws."
        ),
        "Random in the paper is chance; here it is the untrained network.",
    ]
