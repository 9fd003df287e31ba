"""What networks of drives are asked to learn, and what is measured of them where."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from slowfeat_papers.jayaraman import driving
from slowfeat_papers.jayaraman.drive_views import MAPS
from slowfeat_papers.material.part import Bench
from slowfeat_trainer.evaluation.metric import MetricValues

BASE: Any = SimpleNamespace(
    setting=SimpleNamespace(part="part"),
    splits={MAPS: "split", "bag": "other"},
    patterns={MAPS: "p", "bag": "q"},
)


def test_each_method_learns_with_what_belongs_to_it(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: dict[str, Any] = {}

    def learn(_: object, __: object, preset: str, seed: int, **given: object) -> None:
        asked[preset] = {"seed": seed, **given}

    monkeypatch.setattr(driving, "learn", learn)
    monkeypatch.setattr(driving, "place_labels", lambda *_: "places")
    monkeypatch.setattr(driving, "scale_of_features", lambda *_: 3.0)
    for preset in ("random", "clsnet", "equiv", "slowfeat"):
        driving.on_drives(bench, BASE, preset, 5)
    driving.on_drives(bench, BASE, "drlim", 5, drlim_margin=9.0)
    assert asked["random"] == {"seed": 5, "labels": None}
    assert asked["clsnet"] == {"seed": 5, "labels": "places"}
    assert asked["equiv"]["equivariance_margin"] == 3.0
    assert asked["slowfeat"]["steps"] == 100
    assert asked["slowfeat"]["map_channels"] == 4
    # What the caller asks for comes before the usual margins.
    assert asked["drlim"]["drlim_margin"] == 9.0


def test_places_are_recognised_on_the_maps_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        driving, "equivariance_row", lambda _, split, patterns, __: {split: patterns}
    )
    monkeypatch.setattr(driving, "places", lambda _: SimpleNamespace(frames=[1]))
    figures = MetricValues(knn=0.5, knn_error=0.1, linear=0.6, linear_error=0.2)
    monkeypatch.setattr(driving, "recognition_metrics", lambda *_: figures)
    assert driving.figures(lambda frames: frames, BASE, "bag") == {"other": "q"}
    found: dict[str, Any] = dict(driving.figures(lambda frames: frames, BASE, MAPS))
    assert found == {"split": "p", **figures}
