"""Files from disk become dataclasses here: JSON of bounded size and depth, every value of the type
that is annotated.

What a file says is never believed: numbers are finite, whole numbers are whole and of 64 bits,
texts hold no control characters, and errors name the file and the key.
"""

from __future__ import annotations

import dataclasses
import json
import math
import types
import typing
from pathlib import Path
from typing import Any, TypeVar, cast

from slowfeat.errors import SlowfeatError
from slowfeat.printable import printable

T = TypeVar("T")

MOST_BYTES = 64 << 20
MOST_DEPTH = 40
MOST_TEXT = 4096


class Text(str):
    """Annotates a text that may have several lines and any length."""


def short(value: object, most: int = 60) -> str:
    """A value in an error message: printable, and no longer than that."""
    text = printable(str(value)) if isinstance(value, str) else type(value).__name__
    return text if len(text) <= most else f"{text[: most - 3]}..."


def read_json(path: Path, error: type[SlowfeatError], advice: str = "") -> dict[str, Any]:
    """The JSON object in a file.

    Args:
        path: of the file.
        error: what is raised.
        advice: what to do about a damaged file, after a semicolon.

    Raises:
        SlowfeatError: of that class; the file is missing, damaged, too large, too deep or no
            object.
    """
    advice = advice and f"; {advice}"
    try:
        with path.open("rb") as stream:
            data = stream.read(MOST_BYTES + 1)
    except (OSError, ValueError) as reason:
        why = getattr(reason, "strerror", None) or reason
        raise error(f"{path} cannot be read: {why}{advice}") from reason
    try:
        return parse_json(data)
    except ValueError as reason:
        raise error(f"{path} cannot be read: {short(str(reason), 200)}{advice}") from reason


def parse_json(data: bytes) -> dict[str, Any]:
    """A JSON object of bounded size and depth, in UTF-8.

    Raises:
        ValueError: it is none.
    """
    if len(data) > MOST_BYTES:
        raise ValueError(f"it is larger than {MOST_BYTES >> 20} MB")
    try:
        content = json.loads(data.decode("utf-8"), parse_constant=_refuse_constant)
    except RecursionError:
        raise ValueError("it is nested too deep") from None
    if not isinstance(content, dict):
        raise ValueError("it is not a JSON object")
    level: list[Any] = [content]
    for _ in range(MOST_DEPTH):
        level = [
            child
            for item in level
            for child in (item.values() if isinstance(item, dict) else item)
            if isinstance(child, (dict, list))
        ]
        if not level:
            return content
    raise ValueError("it is nested too deep")


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not a number of JSON")


class MalformedError(Exception):
    """A value is not what its annotation says; the text names the key."""


def build(
    kind: type[T], data: object, where: str, error: type[SlowfeatError], exact: bool = False
) -> T:
    """A dataclass of a JSON object; keys that it does not know are left out.

    Args:
        kind: the dataclass.
        data: from JSON.
        where: names the file in errors.
        error: what is raised.
        exact: keys that the dataclass, or one within it, does not know are refused.

    Raises:
        SlowfeatError: of that class, naming the key that is missing, unknown or of the wrong type.
    """
    try:
        if exact:
            refuse_unknown(kind, data, "")
        return cast("T", value_of(kind, data, ""))
    except MalformedError as reason:
        raise error(f"{where}: {reason}") from reason


def refuse_unknown(kind: Any, data: object, key: str) -> None:
    """Refuse keys that a dataclass, or one that is a field of it, does not know.

    Raises:
        MalformedError: naming the key.
    """
    if not dataclasses.is_dataclass(kind) or not isinstance(data, dict):
        return
    hints = typing.get_type_hints(kind)
    for name, value in data.items():
        here = f"{key}.{short(str(name))}" if key else short(str(name))
        if name not in hints:
            raise MalformedError(f"{here} is unknown to this slowfeat")
        refuse_unknown(hints[name], value, here)


def value_of(kind: Any, data: object, key: str) -> object:
    """`data` (from JSON) as the annotated type `kind`.

    Raises:
        MalformedError: naming the key.
    """
    if kind is Any:
        return data
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin in (typing.Union, types.UnionType):
        if data is None and type(None) in arguments:
            return None
        return value_of(next(a for a in arguments if a is not type(None)), data, key)
    if dataclasses.is_dataclass(kind) and isinstance(data, dict):
        return _object(kind, data, key)
    if origin is list and isinstance(data, list):
        return [value_of(arguments[0], item, f"{key}[{i}]") for i, item in enumerate(data)]
    if origin is tuple and isinstance(data, (list, tuple)):
        return _tuple(arguments, list(data), key)
    if origin is dict and isinstance(data, dict):
        return {
            str(value_of(arguments[0], k, f"{key}, a name")): value_of(
                arguments[1], v, f"{key}.{short(k)}"
            )
            for k, v in data.items()
        }
    return _scalar(origin or kind, data, key)


def _object(kind: Any, data: dict[str, Any], key: str) -> object:
    hints = typing.get_type_hints(kind)
    values = {}
    for item in dataclasses.fields(kind):
        name = f"{key}.{item.name}" if key else item.name
        if item.name in data:
            values[item.name] = value_of(hints[item.name], data[item.name], name)
        elif item.default is dataclasses.MISSING and item.default_factory is dataclasses.MISSING:
            raise MalformedError(f"{name} is missing")
    return kind(**values)


def _tuple(arguments: tuple[Any, ...], data: list[Any], key: str) -> tuple[object, ...]:
    if len(arguments) == 2 and arguments[1] is Ellipsis:
        arguments = (arguments[0],) * len(data)
    if len(arguments) != len(data):
        raise MalformedError(f"{key} should have {len(arguments)} values, it has {len(data)}")
    return tuple(
        value_of(kind, item, f"{key}[{i}]")
        for i, (kind, item) in enumerate(zip(arguments, data, strict=True))
    )


def _scalar(kind: Any, data: object, key: str) -> object:
    is_number = isinstance(data, (int, float)) and not isinstance(data, bool)
    if kind is float and is_number:
        try:
            number = float(cast("float", data))
        except OverflowError:
            number = math.inf
        if not math.isfinite(number):
            raise MalformedError(f"{key} is not a finite number")
        return number
    if kind is int and is_number and isinstance(data, int):
        if not -(1 << 63) <= data < 1 << 63:
            raise MalformedError(f"{key} is not a number of 64 bits")
        return data
    if kind is Text and isinstance(data, str):
        return data
    if kind is str and isinstance(data, str):
        if len(data) > MOST_TEXT:
            raise MalformedError(f"{key} is longer than {MOST_TEXT} characters")
        if printable(data) != data:
            raise MalformedError(f"{key} holds control characters: {short(data)}")
        return data
    if kind not in (int, float, str, Text) and isinstance(kind, type) and isinstance(data, kind):
        return data
    expected = getattr(kind, "__name__", str(kind))
    raise MalformedError(f"{key} should be {expected}, it is {type(data).__name__}")
