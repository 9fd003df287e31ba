"""Settings changed by name: those of a run, of its method, of how bags are read and split."""

from __future__ import annotations

import dataclasses
import difflib
from typing import Any, Protocol, TypeVar, cast

from slowfeat.errors import UsageError
from slowfeat.schema import MalformedError, value_of
from slowfeat_trainer.config.setting_fields import names_of

# Fields of a configuration that hold settings of their own.
PARTS = ("settings", "reading", "split")


class Nested(Protocol):
    """A configuration with its parts."""

    settings: Any
    reading: Any
    split: Any
    preset: str
    method: str


Config = TypeVar("Config", bound=Nested)


def places_of(config: Nested) -> dict[str, tuple[str, Any]]:
    """Every setting by its name, and by `part.name`: the part that it stands in (empty: none), and
    its type.
    """
    found: dict[str, tuple[str, Any]] = {}
    for part in PARTS:
        for name, kind in names_of(type(getattr(config, part))):
            found[f"{part}.{name}"] = (part, kind)
            found.setdefault(name, (part, kind))
    own = {name: ("", kind) for name, kind in names_of(type(config)) if name not in PARTS}
    return found | own


def has_setting(config: Nested, name: str) -> bool:
    """Whether a configuration, or its method, has a setting."""
    return name in places_of(config)


def setting_of(config: Nested, name: str) -> Any:
    """The value of a setting by name; "terms.NAME" is one entry of a table.

    Raises:
        UsageError: there is none of that name.
    """
    part, key, entry = _locate(config, name)
    value = getattr(getattr(config, part) if part else config, key)
    return value if entry is None else value.get(entry)


def with_changes(config: Config, changes: dict[str, Any]) -> Config:
    """A configuration with other values of some settings, by name; whole parts too.

    Raises:
        UsageError: there is none of that name.
    """
    whole = {name: value for name, value in changes.items() if name in PARTS}
    changed: Any = dataclasses.replace(_any(config), **whole)
    for name, value in changes.items():
        if name in whole:
            continue
        part, key, entry = _locate(changed, name)
        holder = getattr(changed, part) if part else changed
        # An entry goes into its table.
        new = value if entry is None else {**getattr(holder, key), entry: value}
        holder = dataclasses.replace(holder, **{key: new})
        changed = dataclasses.replace(changed, **{part: holder}) if part else holder
    return cast("Config", changed)


def _any(config: Nested) -> Any:
    """Every configuration is a dataclass, which a protocol cannot say."""
    return config


def with_assignments(config: Config, texts: list[str]) -> Config:
    """A configuration changed by texts NAME=VALUE, each value of the type that its setting has.

    Lists are separated by commas; an entry of a table is NAME.ENTRY=VALUE. Bounds are those of
    `validate`, which the caller asks.

    Raises:
        UsageError: no such form or name (the nearest names are suggested), or another type.
    """
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise UsageError(f"--set {text}: say NAME=VALUE")
        if name in ("preset", "method"):
            raise UsageError(f"--set {text}: a method is chosen with --preset")
        config = with_changes(config, {name: _parsed(config, name, value)})
    return config


def _locate(config: Nested, name: str) -> tuple[str, str, str | None]:
    """Part, field, and entry of a table."""
    places = places_of(config)
    if name in places:
        return places[name][0], name.rpartition(".")[2], None
    table, _, entry = name.rpartition(".")
    if entry and table in places and _is_table(places[table][1]):
        return places[table][0], table.rpartition(".")[2], entry
    short = [place for place in places if "." not in place]
    near = difflib.get_close_matches(name.rpartition(".")[2], short, n=3, cutoff=0.6)
    hint = f"; did you mean {' or '.join(near)}?" if near else ";"
    raise UsageError(
        f"--set {name}: preset {config.preset} has no such setting{hint} slowfeat presets "
        f"{config.preset} lists all"
    )


def _is_table(kind: Any) -> bool:
    return getattr(kind, "__origin__", None) is dict


def _parsed(config: Nested, name: str, text: str) -> Any:
    _, _, entry = _locate(config, name)
    kind: Any = float
    if entry is None:
        kind = places_of(config)[name][1]
    for candidate in _readings(text):
        try:
            return value_of(kind, candidate, name)
        except (MalformedError, ValueError):
            continue
    wanted = getattr(kind, "__name__", str(kind)) if not hasattr(kind, "__origin__") else str(kind)
    raise UsageError(f"--set {name}={text}: {text!r} is no {wanted}")


def _readings(text: str) -> list[Any]:
    """What a text may stand for, the narrowest first."""
    found: list[Any] = []
    if text.lower() in ("true", "yes", "on"):
        found.append(True)
    if text.lower() in ("false", "no", "off"):
        found.append(False)
    if text.lower() in ("none", "null"):
        found.append(None)
    number = _number(text)
    if number is not None:
        found.append(number)
    found.append(text)
    words = [word.strip() for word in text.split(",")] if text else []
    numbers = [_number(word) for word in words]
    if None not in numbers:
        found.append(numbers)
    found.append(words)
    return found


def _number(text: str) -> int | float | None:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return None
