"""Wrong use and failed work end a program with the codes that scripts ask for."""

from __future__ import annotations

from slowfeat import errors
from slowfeat.errors import SlowfeatError, UsageError


def test_only_wrong_use_ends_with_2() -> None:
    kinds = [e for e in vars(errors).values() if isinstance(e, type) and issubclass(e, Exception)]
    assert len(kinds) >= 8
    assert {kind for kind in kinds if kind("x").exit_code == 2} == {UsageError}
    assert all(issubclass(kind, SlowfeatError) for kind in kinds)
