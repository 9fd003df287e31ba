"""Message definitions from bags: what of them no message that was recorded can have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rosbags.interfaces import Nodetype

if TYPE_CHECKING:
    from rosbags.interfaces.typing import Typesdict

# Values in arrays of fixed length, all of a message's together; types within types.
MOST_VALUES, MOST_DEPTH = 10_000_000, 40


def is_bounded(types: Typesdict) -> bool:
    """Whether messages of some types end: no type holds itself, and arrays have no absurd length.

    A message of `Empty[4000000000]` takes no byte, and reading one takes for ever.
    """
    known: dict[str, int] = {}
    return all(_values_of(types, name, known, 0) <= MOST_VALUES for name in types)


def _values_of(types: Typesdict, name: str, known: dict[str, int], depth: int) -> int:
    """How many values a message of a type has at least."""
    if name not in types:
        return 1
    if name not in known:
        if depth > MOST_DEPTH:
            return MOST_VALUES + 1
        # Until it is known, a type that holds itself has too many.
        known[name] = MOST_VALUES + 1
        fields = types[name][1]
        known[name] = 1 + sum(_values(types, field[1], known, depth) for field in fields)
    return known[name]


def _values(types: Typesdict, node: Any, known: dict[str, int], depth: int) -> int:
    kind, inner = node
    if kind == Nodetype.NAME:
        return _values_of(types, inner, known, depth + 1)
    if kind in (Nodetype.ARRAY, Nodetype.SEQUENCE):
        # A sequence may be empty, but what it is of must end, too.
        one = _values(types, inner[0], known, depth)
        if kind == Nodetype.ARRAY:
            return one * int(inner[1])
        return one if one > MOST_VALUES else 1
    return 1
