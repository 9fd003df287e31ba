"""Freed memory is given back where the C library can, and nothing happens where it cannot."""

from __future__ import annotations

import types

from slowfeat.live.freed_memory import give_back


def test_the_c_library_is_asked_to_give_back_everything() -> None:
    asked: list[int] = []
    assert give_back(types.SimpleNamespace(malloc_trim=asked.append))
    assert asked == [0]


def test_a_c_library_without_the_call_is_left_alone() -> None:
    assert not give_back(types.SimpleNamespace(malloc=None))
