"""How long a decision takes beside bare calls of transform.onnx on as many predictions, in
alternating rounds.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from slowfeat.encoder import Encoder
from slowfeat.view_selection import decision
from slowfeat.view_selection.decision import Question

MOTIONS, STEPS, BEAM, SEEN = 100, 3, 8, 500


def decisions(encoder: Encoder) -> dict[str, tuple[Question, list[int]]]:
    """Questions by name, with the numbers of predictions that each needs."""
    rng = np.random.default_rng(0)
    d = encoder.info.dimension
    goal = rng.normal(size=d).astype(np.float32)
    seen = rng.normal(size=(SEEN, d)).astype(np.float32)
    ways = rng.uniform(-1, 1, (SEEN, 6)) * [1, 1, 0, 0, 0, 1.5]
    one, many = [MOTIONS], [MOTIONS] + [BEAM * MOTIONS] * (STEPS - 1)
    found: dict[str, tuple[Question, list[int]]] = {}
    for name, rows, steps in (("100 motions", one, 1), ("3 steps, beam 8", many, STEPS)):
        for policy in ("goal", "novelty"):
            given = {"goal": goal, "steps": steps, "beam": BEAM}
            found[f"{name}|{policy}"] = Question(policy, seen=seen, **given), rows
        recalled = Question("goal", seen=seen, seen_motions=ways, **given)
        found[f"{name}|goal, {SEEN} views recalled"] = recalled, rows
    return found


def measure(encoder: Encoder, question: Question, rows: list[int], rounds: int) -> list[float]:
    """Milliseconds [bare, decision] of each round, one after the other in turns; flat."""
    rng = np.random.default_rng(1)
    motions = rng.uniform(-0.5, 0.5, (MOTIONS, 6)) * [1, 0.2, 0, 0, 0, 2]
    z = rng.normal(size=encoder.info.dimension).astype(np.float32)
    inputs = [
        (np.repeat(z[None], n, axis=0), np.resize(motions, (n, 6)).astype(np.float32)) for n in rows
    ]

    def bare() -> None:
        for pair in inputs:
            encoder.predict_checked(*pair)

    def decide() -> None:
        decision.decide(encoder.predict, encoder.info, z, motions, question)

    times: list[float] = []
    for number in range(rounds + 1):
        pair = [_ms(bare), _ms(decide)]
        if number:  # the first warms up
            times += pair
    return times


def _ms(work: Callable[[], None]) -> float:
    begun = time.perf_counter()
    work()
    return 1e3 * (time.perf_counter() - begun)
