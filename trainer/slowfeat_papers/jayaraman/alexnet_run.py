"""J13: the AlexNet-size network on driving, without labels; its maps have a bottleneck (fn. 9)."""

from __future__ import annotations

import json

from slowfeat_papers.jayaraman.networks import (
    PAPERS_OPTIMISATION,
    Learned,
    Setting,
    learn,
)
from slowfeat_papers.jayaraman.rows import (
    Row,
    Rows,
    better,
    cell,
    equivariance_row,
    row_of,
    table,
)
from slowfeat_papers.material.drive_frames import TRAIN_MAPS, read_bags, simulated_bags
from slowfeat_papers.material.part import Bench, Finding, Result, Table
from slowfeat_papers.measures.bottleneck_maps import BottleneckMaps
from slowfeat_trainer.config.train_config import TrainConfig
from slowfeat_trainer.data.motion_patterns import discover_patterns
from slowfeat_trainer.data.pairs import split_by_time
from slowfeat_trainer.evaluation.compare import pixels
from slowfeat_trainer.methods import Method, build_method
from slowfeat_trainer.methods.terms.motion import EquivarianceTerm
from slowfeat_trainer.methods.training_set import TrainingSet

SIDE, DIMENSION, HIDDEN = 227, 4096, 128


def build(data: TrainingSet, config: TrainConfig) -> Method:
    """The method with bottleneck maps in place of full ones."""
    method = build_method(data, config)
    for module in method.modules():
        if isinstance(module, EquivarianceTerm):
            maps: object = BottleneckMaps(len(data.patterns), config.dimension, HIDDEN)
            setattr(module, "maps", maps)  # noqa: B010 - the term says PatternMaps, and any maps of that form do
    return method


def run(bench: Bench) -> Result:
    """Quick: one step. Full: a training, measured on later stretches of the drives."""
    maps = TRAIN_MAPS[: bench.pick(1, 4)]
    folder = bench.common / "drives"
    bags = simulated_bags(folder, maps, bench.pick(60.0, 600.0))
    recordings = read_bags(bags, folder / f"large_{len(maps)}", (SIDE, SIDE), bench.pick(2.0, 10.0))
    split = split_by_time(recordings, 0.4, 0.2)
    setting = Setting(
        f"alexnet_{bench.pick('quick', 'full')}", split.train, recordings[0].camera, settings(bench)
    )
    terms = {"equivariance": 1.0, "drlim": 1.0}
    learned = learn(bench, setting, "equiv_drlim", 0, build=build, terms=terms)
    parameters = sum(p.numel() for p in learned.method.parameters())
    log = (learned.folder / "log.jsonl").read_text(encoding="utf-8").splitlines()
    loss = sum(v for k, v in json.loads(log[-1]).items() if k in terms)
    says = (
        f"The network of {parameters / 1e6:.0f} M parameters with maps 4096 -> {HIDDEN} -> 4096 "
        f"trains at 227 x 227: {json.loads(log[-1])['step']} step(s), {learned.seconds:.0f} s, "
        f"loss {loss:.3g}."
    )
    head = ["parameters, M", "steps", "s a step", "loss"]
    steps = json.loads(log[-1])["step"]
    tables = [
        Table(
            "AlexNet-size",
            head,
            [
                [
                    f"{parameters / 1e6:.0f}",
                    str(steps),
                    f"{learned.seconds / steps:.1f}",
                    f"{loss:.3g}",
                ]
            ],
        )
    ]
    if bench.quick:
        notes = ["One step proves that it runs; its figures need --full."]
        return Result([Finding("J13", says, None)], tables, notes=notes, seeds=1)
    patterns = discover_patterns(split.train.pairs_at_gap(0.5).motions)
    rows: Rows = {}
    untrained = learn(bench, setting, "random", 0)
    for name, network in (("random", untrained), ("equiv_drlim", learned)):

        def measure(network: Learned = network) -> Row:
            return equivariance_row(network.embed, split, patterns)

        rows[name] = [row_of(network, "drives", measure)]
    rows["pixels"] = [equivariance_row(pixels, split, patterns)]
    keys = ("rho", "rho_composite", "r2", "gain", "mrr", "rank")
    says += (
        f" rho {cell(rows['equiv_drlim'], 'rho')} against {cell(rows['random'], 'rho')} untrained."
    )
    agrees = better(rows, "equiv_drlim", "random", "gain")
    return Result([Finding("J13", says, agrees)], [*tables, table("", rows, keys, ())], seeds=1)


def settings(bench: Bench) -> dict[str, object]:
    """AlexNet's, with the paper's optimisation."""
    return {
        "encoder": "alexnet",
        "dimension": DIMENSION,
        "max_gap_s": 1.0,
        "batch_size": bench.pick(4, 32),
        "steps": bench.pick(1, 5000),
        "learning_rate": 1e-3,
        **PAPERS_OPTIMISATION,
    }
