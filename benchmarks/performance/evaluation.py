"""The metrics of evaluation beside the same by brute force; both must give the same number."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from benchmarks.performance import brute_force
from benchmarks.performance.figures import Section, cost
from benchmarks.performance.growth import Growth
from benchmarks.performance.material import BenchmarkInputs, note
from benchmarks.performance.turns import Turns, take_turns
from slowfeat.errors import SlowfeatError
from slowfeat_trainer.evaluation import temporal_coherence as coherence
from slowfeat_trainer.evaluation.metric_data import REPEATS
from slowfeat_trainer.metrics import equivariance as metrics
from slowfeat_trainer.metrics.equivariance import Matrix

PEER = "brute force"
PAIRS, DIMENSION, SCENES = 1000, 128, 10
AUROC_DRAWS = 4000
MORE_PAIRS = (250, 1000, 4000)
DIMENSIONS = (64, 256, 1024)
TURN_S = 0.05
ABOUT = (
    "The functions of `slowfeat_trainer.evaluation` beside the same figure by its definition, "
    f"pair by pair, in numpy. {PAIRS} pairs or frames, D = {DIMENSION}. Both must agree, or the "
    "benchmark stops."
)
Metric = Callable[[], float]


def walk(count: int, dimension: int) -> Matrix:
    """Embeddings (count, dimension) that drift, as those of a drive do."""
    steps = np.random.default_rng(0).normal(0, 1, (count, dimension))
    return np.asarray(np.cumsum(steps, axis=0) * 0.3 + steps)


def retrieval(pairs: int, dimension: int) -> tuple[Metric, Metric]:
    """Ours and brute force of the retrieval of so many pairs."""
    z = walk(pairs + 1, dimension)
    start, actual = z[:-1], z[1:]
    predicted = actual + np.random.default_rng(1).normal(0, 0.5, actual.shape)

    def ours() -> float:
        found = metrics.transform_retrieval(start, predicted, actual, z, REPEATS)
        return float(np.mean([f.mrr for f in found]))

    return ours, partial(brute_force.retrieval, start, predicted, actual, z, REPEATS)


def all_metrics() -> dict[str, tuple[Metric, Metric]]:
    """Ours and brute force of each metric."""
    z = walk(PAIRS, DIMENSION)
    scene = np.arange(PAIRS) * SCENES // PAIRS
    block = scene // 2
    a, b = z[:, 0], z[:, 1]
    return {
        f"retrieval, {REPEATS} draws": retrieval(PAIRS, DIMENSION),
        "AUC_time": (
            lambda: coherence.temporal_coherence(z, scene)[0],
            partial(brute_force.auc_time, z, scene),
        ),
        "slowness AUROC": (
            lambda: coherence.slowness_auroc(z, block, draws=AUROC_DRAWS),
            partial(brute_force.slowness_auroc, z, block, AUROC_DRAWS),
        ),
        "effective rank": (
            lambda: metrics.effective_rank(z),
            partial(brute_force.effective_rank, z),
        ),
        "rank correlation": (
            lambda: metrics.rank_correlation(a, b),
            partial(brute_force.rank_correlation, a, b),
        ),
    }


def compare(name: str, ours: Metric, brute: Metric, rounds: int) -> Turns:
    """Both in turns.

    Raises:
        SlowfeatError: they disagree.
    """
    found, expected = ours(), brute()
    if not np.isclose(found, expected, rtol=1e-6):
        raise SlowfeatError(
            f"{name} is {found:.9g}, by brute force {expected:.9g}: mend the metric before "
            "measuring its speed"
        )
    return take_turns({"ours": ours, PEER: brute}, rounds, TURN_S)


def measure(material: BenchmarkInputs) -> Section:
    """Each metric, and how retrieval grows with pairs and D."""
    section = Section("evaluation", "Evaluation", ABOUT)
    rounds = material.pick(5, 2)
    for name, (ours, brute) in all_metrics().items():
        note(f"evaluation: {name}")
        section.figures.append(cost(name, compare(name, ours, brute, rounds), "ours", PEER))
    rounds = material.pick(3, 1)
    section.growth = [
        by("pairs", [(n, DIMENSION) for n in MORE_PAIRS], MORE_PAIRS, rounds),
        by("D", [(PAIRS, d) for d in DIMENSIONS], DIMENSIONS, rounds),
    ]
    return section


def by(over: str, shapes: list[tuple[int, int]], sizes: tuple[int, ...], rounds: int) -> Growth:
    """Milliseconds of the retrieval of (pairs, D)."""
    found = []
    for pairs, dimension in shapes:
        note(f"evaluation: retrieval of {pairs} pairs, D = {dimension}")
        ours, brute = retrieval(pairs, dimension)
        found.append(take_turns({"ours": ours, PEER: brute}, rounds, TURN_S).seconds)
    costs, theirs = (
        [[1e3 * s for s in row] for row in zip(*(f[name] for f in found), strict=True)]
        for name in ("ours", PEER)
    )
    case = f"retrieval, by {over}"
    return Growth(case, over, "ms", [float(s) for s in sizes], costs, PEER, theirs)
