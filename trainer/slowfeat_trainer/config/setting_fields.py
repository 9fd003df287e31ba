"""Fields of the dataclasses of settings: each states its default and its bounds in one place."""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

from slowfeat.errors import UsageError

Number = TypeVar("Number", int, float)
T = TypeVar("T")


@dataclass(frozen=True)
class Bounds:
    """What a setting may be."""

    # Lowest and highest number.
    low: float | None = None
    high: float | None = None
    # The words that a text is one of, or that a list is made of.
    words: tuple[str, ...] = ()

    def check(self, name: str, value: Any) -> None:
        """Refuse a value out of bounds.

        Raises:
            UsageError: naming the setting and its bounds.
        """
        if self.low is not None and self.high is not None and not self.low <= value <= self.high:
            raise UsageError(f"{name} is {value}; it must lie within [{self.low}, {self.high}]")
        for word in [value] if isinstance(value, str) else value if self.words else []:
            if self.words and word not in self.words:
                raise UsageError(f"{name} {word!r} is unknown; there are {', '.join(self.words)}")


def within(default: Number, low: Number, high: Number) -> Number:
    """A number with bounds."""
    return field(default=default, metadata={"bounds": Bounds(low, high)})


def one_of(*words: str) -> str:
    """One of a few words, the first by default."""
    return field(default=words[0], metadata={"bounds": Bounds(words=words)})


def some_of(words: Sequence[str]) -> list[str]:
    """Any of a few words; none by default."""
    bounds = Bounds(words=tuple(words))
    return cast("list[str]", field(default_factory=list, metadata={"bounds": bounds}))


def words_of(kind: type, name: str) -> tuple[str, ...]:
    """The words that a field of `one_of` or `some_of` may have."""
    found = next(f for f in dataclasses.fields(kind) if f.name == name)
    return cast("Bounds", found.metadata["bounds"]).words


def check_bounds(settings: Any) -> None:
    """Refuse settings out of bounds.

    Raises:
        UsageError: naming the first, and its bounds.
    """
    for item in dataclasses.fields(settings):
        bounds = item.metadata.get("bounds")
        if bounds is not None:
            bounds.check(item.name, getattr(settings, item.name))


def names_of(kind: type) -> Iterator[tuple[str, Any]]:
    """Names and annotated types of a dataclass's fields."""
    hints = typing.get_type_hints(kind)
    for item in dataclasses.fields(kind):
        yield item.name, hints[item.name]
