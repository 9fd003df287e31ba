"""The measurement of view selection: it cannot be passed by chance, and it
goes on where it was stopped.
"""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from slowfeat_papers.jayaraman.view_codes import Codes

ROOT = Path(__file__).resolve().parents[1]
TURNS = np.array([[0, turn] for turn in (-12, -6, -3, 3, 6, 12)])


@pytest.fixture
def part(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A module of the benchmark by the end of its name."""
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    return lambda name: importlib.import_module(f"view_selection{name}")


def turntable(seed: int) -> np.ndarray:
    """Features (objects, 1, views, D) that turn with the object: a circle, and
    a place of each object's own.
    """
    rng = np.random.default_rng(seed)
    angle = 2 * np.pi * np.arange(72) / 72
    circle = np.stack([np.cos(angle), np.sin(angle)], axis=-1)
    own = rng.normal(0, 0.12, (8, 1, 4))
    views = np.concatenate([np.broadcast_to(circle, (8, 72, 2)), np.repeat(own, 72, 1)], axis=-1)
    return views[:, None]


def test_policies_lie_between_chance_and_the_oracle(part: Any) -> None:
    offline = part("_offline")
    rows = [offline.one_repeat(turntable(seed), TURNS, 1, seed) for seed in range(3)]
    mean = {name: np.mean([row[name] for row in rows]) for name in offline.NAMES}
    assert mean["random"] <= mean["hindsight"] <= mean["oracle"]
    for name in ("paper", "recognition", "resemblance", "true"):
        assert mean[name] <= mean["oracle"]
    # Here maps are exact, so the labelled view is found.
    assert mean["resemblance"] > mean["random"]


def test_maps_of_a_turntable_are_found_with_their_error(part: Any) -> None:
    codes = Codes(turntable(0), np.array([[0, 6]]))
    weights, error = part("_offline").fit_motion(codes, 0)
    assert error < 0.02
    z = codes.z[0, 0]
    predicted = np.concatenate([z, np.ones((72, 1))], axis=1) @ weights
    np.testing.assert_allclose(predicted, np.roll(z, -6, axis=0), atol=0.02)


def test_noise_for_features_is_told_by_nobody(part: Any) -> None:
    rng = np.random.default_rng(0)
    motions = np.array([[1, 0], [-1, 0], [0, 4]])
    rows = [
        part("_offline").one_repeat(rng.normal(size=(8, 5, 9, 6)), motions, 1, s) for s in range(4)
    ]
    assert np.mean([row["resemblance"] for row in rows]) == pytest.approx(0.25, abs=0.12)
    assert np.mean([row["true"] for row in rows]) == pytest.approx(0.25, abs=0.12)


def test_two_views_that_agree_on_no_class_are_no_error(part: Any) -> None:
    # More objects than neighbours vote, so posteriors are zero in many places.
    rng = np.random.default_rng(0)
    row = part("_offline").one_repeat(rng.normal(size=(40, 1, 12, 4)), TURNS[2:4], 1, 0)
    assert row["true"] <= row["oracle"]


def test_what_was_measured_is_not_measured_again(part: Any, tmp_path: Path) -> None:
    file = tmp_path / "results.jsonl"
    first = part("").Results(file)
    assert first.get("a", lambda: 1) == 1
    with file.open("a") as stream:
        stream.write('["b", 2')  # cut short by a crash
        stream.write("\n")
    again = part("").Results(file)
    assert again.get("a", lambda: 99) == 1
    assert again.get("b", lambda: 3) == 3


def test_intervals_are_wilsons(part: Any) -> None:
    low, high = part("_tables").interval(0, 10)
    assert low == pytest.approx(0, abs=1e-9)
    assert high == pytest.approx(0.278, abs=0.001)


def test_the_way_gained_is_of_means_with_its_spread(part: Any) -> None:
    rows = [
        {"random": 0.5, "true": 0.9, "resemblance": 0.7},
        {"random": 0.3, "true": 0.5, "resemblance": 0.5},
    ]
    share, error = part("_tables").way_gained(rows)
    assert share == pytest.approx(0.4 / 0.6)
    assert error == pytest.approx(0.25)  # alone they are .5 and 1


def test_all_tables_are_made_of_what_there_is(part: Any) -> None:
    tables = part("_tables")
    names = dict.fromkeys(part("_offline").NAMES, 0.5)
    figures = {
        "offline|coil20|pixels|1|0": names,
        "offline|coil20|pixels|1|1": names,
        "goal|random|MAP01|500": 0,
        "goal|random|MAP02|500": 7,
        "goal|slowfeat: goal, 3 steps|MAP01|500": 3,
        "goal|slowfeat: goal, 3 steps|MAP02|500": 3,
        "cover|random|MAP01|500": {"places": 15, "views": 20, "metres": 15.2, "moves": 40},
        "cover|new|MAP01|500": {"places": 18, "views": 20, "metres": 15.2, "moves": 30},
        "latency|100 motions|goal|8": [1.0, 1.2, 1.0, 1.4],
        "start|MAP01|500": [[0, 0, 0, 0], [1, 0, 0, 0]],
    }
    text = tables.tables(figures)
    assert "| coil20 | pixels | 1 | 2 | 50.0 ± 0.0 |" in text
    assert (
        "| random | 2 | 0% (0% to 66%) | 50% (9% to 91%) | 50% (9% to 91%) | 50 ± 50 points | 7.0 |"
        in text
    )
    assert "| new | 1 | 1.20 ± nan | 0.20 ± nan | 30 ± nan |" in text
    assert "| 100 motions | goal | 8 | 2 | 1.0 | 1.3 | 1.30 (1.25 to 1.35) |" in text


def test_maps_that_the_bundle_has_learned_from_are_refused(
    part: Any, tiny_bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = part("")
    learned = type("Learned", (), {"training": {"bags": [{"name": "MAP02-0"}]}})
    monkeypatch.setattr(module, "load_bundle", lambda _run: type("Bundle", (), {"info": learned}))
    args = type("Args", (), {"run": tiny_bundle, "maps": ["MAP01", "MAP02"], "drives": None})
    with pytest.raises(SystemExit, match="has learned from MAP02: choose other --maps"):
        module.run_closed(args, module.Results(tmp_path / "r.jsonl"))


def test_sequences_go_through_nothing_barred(part: Any) -> None:
    policies, closed = part("_policies"), part("_closed")
    sequences = policies.Sequences.of(2)
    assert len(sequences.ends) == 5 + 25
    ahead = sequences.ends[:, 0]
    free = sequences.best(ahead, np.zeros((0, 2)))
    assert free.argmax() == 0
    assert free[0] == pytest.approx(2 * closed.ARCS[0][0])
    wall = np.array([[closed.ARCS[0][0], 0.0]])
    assert sequences.best(ahead, wall)[0] == -np.inf
