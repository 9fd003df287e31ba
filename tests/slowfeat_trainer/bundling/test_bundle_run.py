"""What bundle.json is told of the figures, and what each camera saw."""

from __future__ import annotations

import dataclasses
from types import SimpleNamespace
from typing import Any

import pytest

from slowfeat.verdict import NOT, WELL
from slowfeat_trainer.bundling import bundle_run
from slowfeat_trainer.bundling.bundle_run import record_metrics, split_of
from slowfeat_trainer.evaluation.compare import Comparison
from slowfeat_trainer.evaluation.metric_table import Metrics
from slowfeat_trainer.evaluation.verdict import Circumstances
from tests.conftest import tiny_info

GOOD = Metrics(
    rho=0.4,
    rho_composite=0.5,
    r2=0.8,
    motion_gain=0.9,
    mrr=0.8,
    mrr_spread=0.01,
    hit_at_1=0.6,
    gain_se=0.01,
)


def test_figures_stand_with_their_patterns_and_come_to_a_verdict() -> None:
    info = tiny_info()
    result = Comparison({"bundle's map": GOOD}, 7.0, 1.0, 0.5, [0.3, None], 100, 40.0)
    record_metrics(info, result, Circumstances())
    assert [pattern.rho for pattern in info.motion_patterns] == [0.3, None]
    assert info.metrics["rows"]["bundle's map"]["rho"] == 0.4
    assert "rho_of_pattern" not in info.metrics
    assert info.verdict is not None
    assert info.verdict.predicts == WELL
    useless = Metrics({**GOOD, "motion_gain": 0.0})
    record_metrics(
        info, dataclasses.replace(result, rows={"bundle's map": useless}), Circumstances()
    )
    assert info.verdict.predicts == NOT


def test_a_camera_sees_its_own_recordings(monkeypatch: pytest.MonkeyPatch) -> None:
    class Cameras:
        """Two cameras; a recording's key says whose it is."""

        def __init__(self, count: int) -> None:
            self._count = count

        def __len__(self) -> int:
            return self._count

        def of_recording(self, recording: Any) -> int:
            return int(recording.key) % 2

    recordings: Any = [SimpleNamespace(key=key) for key in (1, 2, 3)]
    config: Any = SimpleNamespace(split="rule")
    monkeypatch.setattr(bundle_run, "split_recordings", lambda *given: given)
    whole: Any = "all of it"
    one: Any = Cameras(1)
    two: Any = Cameras(2)
    assert split_of(0, one, recordings, whole, config) == whole
    seen: Any = split_of(1, two, recordings, whole, config)
    assert seen == (recordings, "rule", {1, 3})
