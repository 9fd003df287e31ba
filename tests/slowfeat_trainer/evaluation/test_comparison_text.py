"""A bundle in words: its patterns, its figures as bundle.json keeps them, its verdict."""

from __future__ import annotations

import dataclasses
import json

from slowfeat.verdict import WELL, Verdict
from slowfeat_trainer.evaluation.compare import Comparison
from slowfeat_trainer.evaluation.comparison_text import comparison_from, describe_bundle
from slowfeat_trainer.evaluation.metric_table import Metrics
from tests.conftest import tiny_info

ROW = Metrics(
    rho=0.4, rho_composite=0.5, r2=0.8, motion_gain=0.9, mrr=0.75, mrr_spread=0.01, hit_at_1=0.6
)
COMPARISON = Comparison({"bundle's map": ROW}, 7.5, 1.1, 0.6, [], 100, 40.0, 0.25)


def stored() -> dict[str, object]:
    """As bundle.json keeps a comparison."""
    figures = dataclasses.asdict(COMPARISON)
    figures.pop("rho_of_pattern")
    return dict(json.loads(json.dumps(figures)))


def test_figures_come_back_from_bundle_json() -> None:
    assert comparison_from(stored()) == COMPARISON


def test_patterns_figures_and_verdict_are_said() -> None:
    info = tiny_info()
    info.motion_patterns[0].rho = 0.33
    info.metrics = stored()
    info.verdict = Verdict(WELL, "use it", 0.9, 0.02)
    text = describe_bundle(info)
    assert "image 24x16 -> 8 numbers" in text
    assert "10 pairs   rho 0.33" in text
    assert "20 pairs\n" in text
    assert "100 pairs 0.5 s apart in 40 s" in text
    assert "composition error 0.25" in text
    assert f"verdict: {info.verdict}" in text


def test_nothing_held_out_is_said() -> None:
    assert "there are no figures" in describe_bundle(tiny_info())
