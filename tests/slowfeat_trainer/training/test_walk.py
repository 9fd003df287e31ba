"""The way of a batch through a training: which packages compute on it, as docs/architecture.md
draws it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
import torch

from slowfeat_trainer.device.frame_source import FrameSource
from slowfeat_trainer.methods import build_method
from slowfeat_trainer.methods.training_set import draw_batch
from tests.helpers.made_up_drive import made_up_set, small_config

PAGE = Path(__file__).resolve().parents[3] / "docs/architecture.md"
# Entered for their types alone.
TYPES = {"config", "data"}
# What draws and sums; the loop itself, `training`, is outside of what is traced.
COMPUTING = {"device", "methods", "models", "objectives"}


def packages_entered(work: Callable[[], None]) -> set[str]:
    """Packages of the trainer whose functions are called."""
    found: set[str] = set()

    def look(frame: FrameType, event: str, _: Any) -> None:
        module = frame.f_globals.get("__name__", "")
        if event == "call" and module.startswith("slowfeat_trainer."):
            found.add(module.split(".")[1])

    sys.setprofile(look)
    try:
        work()
    finally:
        sys.setprofile(None)
    return found


@pytest.mark.parametrize(("preset", "more"), [("drlim", set()), ("slowfeat", {"geometry"})])
def test_five_packages_compute_on_a_batch(preset: str, more: set[str]) -> None:
    config = small_config(preset)
    data = made_up_set(config)
    method = build_method(data, config)
    frames = FrameSource(data.part.frames, torch.device("cpu"))

    def step() -> None:
        batch = draw_batch(data, config, 0)
        images = frames.get(method.frames_of(batch))
        terms = method.losses(images, batch, data, config)
        torch.stack(list(terms.values())).sum().backward()  # type: ignore[no-untyped-call]

    assert packages_entered(step) - TYPES == COMPUTING | more
    drawn = PAGE.read_text(encoding="utf-8")
    section = drawn[drawn.index("### A batch through training") :]
    for package in {"training", *COMPUTING, *more}:
        assert package in section[: section.index("### A run to its bundle")]
