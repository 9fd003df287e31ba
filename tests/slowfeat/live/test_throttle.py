"""Each kind of warning is said at most once in a while, whatever else is said."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from slowfeat.live import throttle
from slowfeat.live.throttle import EVERY_S, Throttle


def test_each_kind_has_its_own_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    clock = SimpleNamespace(now=0.0)
    monkeypatch.setattr(throttle.time, "monotonic", lambda: clock.now)
    logger = SimpleNamespace(warning=said.append)
    warnings = Throttle(SimpleNamespace(get_logger=lambda: logger))
    for now, kind in (
        (0.0, "image"),
        (0.1, "image"),
        (0.2, "odometry"),
        (EVERY_S - 0.01, "image"),
        (EVERY_S, "image"),
        (EVERY_S + 0.1, "odometry"),
        (EVERY_S + 0.2, "odometry"),
    ):
        clock.now = now
        warnings.warn(kind, f"{kind} at {now}")
    assert said == [
        "image at 0.0",
        "odometry at 0.2",
        f"image at {EVERY_S}",
        f"odometry at {EVERY_S + 0.2}",
    ]
