"""Which words are addresses, and what is said of those that cannot be opened."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from slowfeat.errors import SlowfeatError, UsageError
from slowfeat_trainer.stores.addresses import answering, is_address, open_store, path_of


@pytest.mark.parametrize("word", ["s3://bucket/bag", "gs://b", "memory://x", "file:///bags/a"])
def test_addresses_have_a_kind_of_store(word: str) -> None:
    assert is_address(word)


@pytest.mark.parametrize("word", ["bags/first", "/bags/a:b", "./s3:/bucket", "C:/bags", "a//b"])
def test_paths_are_no_addresses(word: str) -> None:
    assert not is_address(word)


def test_addresses_of_this_machine_are_paths() -> None:
    assert path_of("file:///bags/my%20bag") == Path("/bags/my bag")
    assert path_of("memory://bags/a") is None
    assert path_of("bags/a") is None


def test_a_missing_fsspec_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "fsspec", None)
    with pytest.raises(UsageError, match=r"pip install 'slowfeat\[cloud\]'"):
        open_store("memory://x")


def test_the_package_that_a_kind_of_store_needs_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    from fsspec.registry import known_implementations

    entry = {"class": "not_there_at_all.Store", "err": "Install not_there_at_all to access it"}
    monkeypatch.setitem(known_implementations, "nowhere", entry)
    with pytest.raises(UsageError, match="nowhere://x cannot be opened: Install not_there_at_all"):
        open_store("nowhere://x")


def test_an_unknown_kind_of_store_is_wrong_use() -> None:
    with pytest.raises(UsageError, match="Protocol not known: s4"):
        open_store("s4://bucket/bag")


def test_whatever_a_store_raises_becomes_one_line() -> None:
    with (
        pytest.raises(SlowfeatError, match="NoCredentials: no key") as caught,
        answering("s3://b"),
    ):
        raise type("NoCredentials", (Exception,), {})("no\nkey")
    assert "\n" not in str(caught.value)
