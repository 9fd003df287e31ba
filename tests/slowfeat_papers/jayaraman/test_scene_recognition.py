"""What is said of scenes from few labels follows the figures."""

from __future__ import annotations

import pytest

from slowfeat_papers.jayaraman import published
from slowfeat_papers.jayaraman.rows import Row
from slowfeat_papers.jayaraman.scene_recognition import findings, layer_table


def row(value: float) -> list[Row]:
    return [{"knn": value, "knn_error": 0.01, "linear": value, "linear_error": 0.01}]


def layers(best: float) -> dict[str, dict[str, list[Row]]]:
    own = {"conv 1": row(0.3), "conv 2": row(best), "embedding": row(0.4)}
    fresh = {name: row(0.2) for name in own}
    return {"random": fresh, "equiv_drlim": own}


@pytest.mark.parametrize(("sign", "agrees"), [(1, True), (-1, False)])
def test_the_published_order_agrees_and_its_reverse_does_not(sign: int, agrees: bool) -> None:
    codes = {name: row(0.5 + sign * v / 10) for name, v in published.SUN_TOP_1.items()}
    codes |= {name: row(0.4) for name in ("pixels", "tiny images")}
    tuned = {"random": [0.3], "equiv_drlim": [0.35]}
    said = {f.row: f for f in findings(codes, layers(0.5), tuned, 4)}
    assert [said[name].agrees for name in ("J10", "J14", "J16")] == [agrees] * 3
    assert "gains +5.0 points" in said["J14"].says


@pytest.mark.parametrize(("middle", "agrees"), [(0.5, True), (0.35, False)])
def test_a_middle_layer_must_transfer_better_than_the_embedding(
    middle: float, agrees: bool
) -> None:
    codes = {name: row(0.5) for name in (*published.SUN_TOP_1, "pixels", "tiny images")}
    tuned = {"random": [0.3], "equiv_drlim": [0.3]}
    said = {f.row: f.agrees for f in findings(codes, layers(middle), tuned, 4)}
    assert said["J19"] is agrees


def test_layers_are_rows_and_networks_columns() -> None:
    shown = layer_table(layers(0.5))
    assert shown.head == [
        "layer",
        *(f"{net}: {kind}" for net in ("random", "equiv_drlim") for kind in ("k-NN %", "linear %")),
    ]
    assert shown.rows[1] == ["conv 2", *["20.0 (s.e. 1.0)"] * 2, *["50.0 (s.e. 1.0)"] * 2]
