"""The measurement of view selection: it cannot be passed by chance, and it goes on where it was stopped."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def benchmark(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    return importlib.import_module("view_selection")


def turntable(seed: int) -> np.ndarray:
    """Features (objects, views, D) that turn with the object: a circle in a plane of each object's own."""
    rng = np.random.default_rng(seed)
    angle = 2 * np.pi * np.arange(72) / 72
    circle = np.stack([np.cos(angle), np.sin(angle)], axis=-1)
    own = rng.normal(0, 0.12, (8, 1, 4))
    return np.concatenate([np.broadcast_to(circle, (8, 72, 2)), np.repeat(own, 72, 1)], axis=-1)


def test_policies_lie_between_chance_and_the_oracle(benchmark: Any) -> None:
    rows = [benchmark.offline.one_repeat(turntable(seed), 1, seed) for seed in range(3)]
    mean = {name: np.mean([row[name] for row in rows]) for name in benchmark.offline.NAMES}
    assert mean["random"] <= mean["hindsight"] <= mean["oracle"]
    for name in ("paper", "recognition", "resemblance", "true"):
        assert mean[name] <= mean["oracle"]
    # Here maps are exact, so the labelled view is found.
    assert mean["resemblance"] > mean["random"]


def test_maps_of_a_turntable_are_found_with_their_error(benchmark: Any) -> None:
    weights, error = benchmark.offline.fit_turn(turntable(0), 6)
    assert error < 0.02
    z = turntable(0)[0]
    predicted = np.concatenate([z, np.ones((72, 1))], axis=1) @ weights
    np.testing.assert_allclose(predicted, np.roll(z, -6, axis=0), atol=0.02)


def test_noise_for_features_is_told_by_nobody(benchmark: Any) -> None:
    rng = np.random.default_rng(0)
    rows = [benchmark.offline.one_repeat(rng.normal(size=(8, 24, 6)), 1, s) for s in range(4)]
    assert np.mean([row["resemblance"] for row in rows]) == pytest.approx(0.25, abs=0.12)


def test_what_was_measured_is_not_measured_again(benchmark: Any, tmp_path: Path) -> None:
    file = tmp_path / "results.jsonl"
    first = benchmark.Results(file)
    assert first.get("a", lambda: 1) == 1
    with file.open("a") as stream:
        stream.write('["b", 2')  # cut short by a crash
        stream.write("\n")
    again = benchmark.Results(file)
    assert again.get("a", lambda: 99) == 1
    assert again.get("b", lambda: 3) == 3


def test_intervals_are_wilsons(benchmark: Any) -> None:
    low, high = benchmark.interval(0, 10)
    assert low == pytest.approx(0, abs=1e-9)
    assert high == pytest.approx(0.278, abs=0.001)
