"""Which levels of a network are taken."""

from __future__ import annotations

import pytest

from slowfeat.errors import UsageError
from slowfeat_trainer.models.backbones.taps import last_of_each_stride

SHAPES = {
    "stem": (1, 32, 32, 64),
    "wide": (1, 96, 16, 32),
    "first": (1, 24, 16, 32),
    "second": (1, 24, 16, 32),
    "middle": (1, 40, 8, 16),
    "deep": (1, 112, 4, 8),
    "pooled": (1, 1280),
}


def test_the_last_of_the_narrowest_at_each_stride() -> None:
    assert last_of_each_stride(SHAPES, (64, 128), "net") == ["second", "middle", "deep"]


def test_a_stride_that_is_not_there_is_left_out() -> None:
    few = {name: SHAPES[name] for name in ("stem", "middle")}
    assert last_of_each_stride(few, (64, 128), "net") == ["middle"]


def test_a_network_without_maps_is_refused_by_name() -> None:
    with pytest.raises(UsageError, match="backbone net: nothing in it"):
        last_of_each_stride({"pooled": (1, 1280)}, (64, 128), "net")
