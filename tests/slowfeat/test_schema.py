"""Files from disk: bounded, and every value of the type that is annotated."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from slowfeat.errors import BundleError
from slowfeat.schema import MOST_BYTES, MOST_DEPTH, Text, build, read_json


@dataclass
class Inner:
    low: float
    names: list[str] = field(default_factory=list)


@dataclass
class Outer:
    count: int
    inner: Inner
    size: tuple[int, int]
    crop: tuple[float, ...] = ()
    share: float | None = None
    by_name: dict[str, float] = field(default_factory=dict)
    note: Text = Text("")  # noqa: RUF009
    is_done: bool = False


GOOD: dict[str, Any] = {
    "count": 3,
    "inner": {"low": 1, "names": ["a"]},
    "size": [4, 5],
    "crop": [0, 0.5],
    "by_name": {"x": 2},
    "note": "two\nlines",
    "is_done": True,
    "of a later version": {},
}


def test_a_good_one_becomes_its_dataclass() -> None:
    made = build(Outer, GOOD, "file", BundleError)
    assert made == Outer(
        3, Inner(1.0, ["a"]), (4, 5), (0.0, 0.5), None, {"x": 2.0}, Text("two\nlines"), True
    )
    assert isinstance(made.inner.low, float)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"count": 1.5}, "count should be int, it is float"),
        ({"count": True}, "count should be int, it is bool"),
        ({"count": 2**63}, "count is not a number of 64 bits"),
        ({"inner": {}}, "inner.low is missing"),
        ({"inner": {"low": float("nan")}}, "inner.low is not a finite number"),
        ({"inner": {"low": 10**400}}, "inner.low is not a finite number"),
        ({"inner": {"low": 1, "names": ["a\x1b[2J"]}}, r"inner.names\[0\] holds control"),
        ({"inner": {"low": 1, "names": ["a" * 5000]}}, "longer than"),
        ({"size": [1]}, "size should have 2 values, it has 1"),
        ({"size": None}, "size should be tuple, it is NoneType"),
        ({"by_name": {"x\n": 1}}, "control characters"),
        ({"is_done": 1}, "is_done should be bool, it is int"),
        ({"note": 3}, "note should be Text, it is int"),
    ],
)
def test_a_wrong_one_is_refused_with_file_and_key(change: dict[str, Any], says: str) -> None:
    with pytest.raises(BundleError, match=f"file: .*{says}"):
        build(Outer, GOOD | change, "file", BundleError)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\0" * 100,
        b"[]",
        b'"x"',
        b"\xff\xfe",
        b'{"a": NaN}',
        b'{"a": -Infinity}',
        b'{"a":' * 100_000,
        b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"a":' + b"[" * (MOST_DEPTH + 1) + b"]" * (MOST_DEPTH + 1) + b"}",
        b'{"a": ' + b"9" * 10_000 + b"}",
    ],
)
def test_what_is_no_json_object_is_one_line(data: bytes, tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    file.write_bytes(data)
    with pytest.raises(BundleError) as caught:
        read_json(file, BundleError, "make it again")
    text = str(caught.value)
    assert text.startswith(f"{file} cannot be read: ")
    assert text.endswith("; make it again")
    assert "\n" not in text
    assert len(text) < 500


def test_a_missing_file_and_an_endless_one_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="No such file"):
        read_json(tmp_path / "none", BundleError)
    with pytest.raises(BundleError, match=f"larger than {MOST_BYTES >> 20} MB"):
        read_json(Path("/dev/zero"), BundleError)


def test_random_values_at_random_places_raise_nothing_else(tmp_path: Path) -> None:
    rng = random.Random(0)
    values = [None, True, -1, 0.5, 2**70, 10**400, "x", "\ud800", "\x00", [], [1], {}, {"a": 1}]
    for _ in range(500):
        data = json.loads(json.dumps(GOOD))
        place, keys = data, list(data)
        key = rng.choice(keys)
        if isinstance(place[key], dict) and place[key] and rng.random() < 0.5:
            place = place[key]
            key = rng.choice(list(place))
        place[key] = rng.choice(values)
        if rng.random() < 0.2:
            del place[key]
        try:
            made = build(Outer, data, "file", BundleError)
        except BundleError as error:
            assert "\n" not in str(error)  # noqa: PT017
        else:
            assert isinstance(made.count, int)
            assert isinstance(made.inner.low, float)
