"""Predictions by slowfeat's engine beside bare ONNX Runtime on the same transform.onnx."""

from __future__ import annotations

import time

import numpy as np

from benchmarks.made_bundle import made_bundle
from benchmarks.performance.bare_session import NAME as PEER
from benchmarks.performance.bare_session import bare_session
from benchmarks.performance.figures import Goal, Section, rate
from benchmarks.performance.growth import Growth
from benchmarks.performance.material import PRESETS, BenchmarkInputs, note
from benchmarks.performance.turns import Clock, Turns, take_turns
from slowfeat.bundle import Bundle
from slowfeat.encoder import Encoder

MOTIONS = (1, 10, 100, 1_000, 10_000)
DIMENSIONS = (64, 128, 256, 512, 1024)
# Motions at which the goal is set, and at which D grows.
OF_GOAL, OF_DIMENSION = (100, 1_000), 100
OUTPUTS = ["embedding_after", "expected_error"]
TURN_S = 0.1
GOAL = Goal("ratio", "at least", 0.8)
ABOUT = (
    "`Encoder.predict`, its checks included, of M motions from one embedding, beside "
    "`session.run` on transform.onnx with arrays that are ready and the engine's settings. "
    "Bundles of both presets, hardly trained: speed does not know what was learned."
)


def compare(
    bundle: Bundle,
    count: int,
    rounds: int,
    turn_s: float = TURN_S,
    clock: Clock = time.perf_counter,
    threads: int = 0,
) -> Turns:
    """Seconds of predicting `count` motions by the engine ("ours") and by bare ONNX Runtime."""
    encoder, session = Encoder(bundle, "cpu", threads), bare_session(bundle.transform, threads)
    random = np.random.default_rng(0)
    start = random.normal(0, 1, encoder.info.dimension).astype(np.float32)
    start /= np.linalg.norm(start)
    motions = random.normal(0, 0.1, (count, 6)).astype(np.float32)
    inputs = {"embedding": np.tile(start, (count, 1)), "motion": motions}
    works = {
        "ours": lambda: encoder.predict(start, motions),
        PEER: lambda: session.run(OUTPUTS, inputs),
    }
    return take_turns(works, rounds, turn_s, clock=clock)


def measure(material: BenchmarkInputs) -> Section:
    """Motions 1 to 10,000 for each preset's bundle, and D 64 to 1024."""
    section = Section("predictions", "Predictions", ABOUT)
    rounds = material.pick(9, 3)
    for preset in PRESETS:
        bundle, found = material.bundle(preset), []
        note(f"predictions: {preset}")
        for count in MOTIONS:
            found.append(compare(bundle, count, rounds))
            goal = GOAL if count in OF_GOAL else None
            case = f"{preset}, D = {bundle.info.dimension}, {count:,} motion{'s' * (count > 1)}"
            section.figures.append(
                rate(case, found[-1], "ours", PEER, count, "predictions/s", goal)
            )
        section.growth.append(growth(f"predictions, {preset}", "motions", MOTIONS, found))
    found = []
    for dimension in DIMENSIONS:
        note(f"predictions: D = {dimension}")
        bundle = made_bundle(material.folder / f"made_{dimension}", dimension=dimension)
        found.append(compare(bundle, OF_DIMENSION, rounds))
    section.growth.append(
        growth(f"predictions, bilinear, {OF_DIMENSION} motions", "D", DIMENSIONS, found)
    )
    return section


def growth(case: str, over: str, sizes: tuple[int, ...], found: list[Turns]) -> Growth:
    """Milliseconds a call at several sizes, of both."""
    ours, bare = (
        [[1e3 * s for s in costs] for costs in zip(*(t.seconds[name] for t in found), strict=True)]
        for name in ("ours", PEER)
    )
    return Growth(case, over, "ms", [float(s) for s in sizes], ours, PEER, bare)
