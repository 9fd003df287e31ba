"""The demo's figures."""

from __future__ import annotations

import json

import pytest


def test_the_figures_are_plain_json(result):
    figures = json.loads(json.dumps(result.to_json(), allow_nan=False))
    assert figures["frames"]["lost"] == 1
    assert figures["latency_ms"]["p50"] == pytest.approx(5.0)
    closer = figures["closer"]
    assert closer["all"]["pairs"] == closer["large"]["pairs"] + closer["small"]["pairs"]
