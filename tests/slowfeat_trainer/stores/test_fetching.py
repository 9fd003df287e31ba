"""Copies of what a store holds: whole, used again, renewed when the store holds something else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from slowfeat.errors import SlowfeatError, UsageError
from slowfeat_trainer.stores import fetch, local_path, local_paths

BAG = {"metadata.yaml": b"about", "deep/data.mcap": b"0123456789"}


def fill(store: Any, root: str, files: dict[str, bytes]) -> None:
    for name, content in files.items():
        store.pipe_file(f"{root}/{name}", content)


def held(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


@pytest.fixture
def counted(store: Any, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What has been copied out of the store."""
    names: list[str] = []
    get_file = type(store).get_file

    def count(self: Any, remote: str, *args: Any, **options: Any) -> Any:
        names.append(remote)
        return get_file(self, remote, *args, **options)

    monkeypatch.setattr(type(store), "get_file", count)
    return names


def test_a_folder_comes_whole_under_its_own_name(store: Any, cache: Path) -> None:
    fill(store, "/bags/drive_1", BAG)
    fill(store, "/bags/drive_10", {"metadata.yaml": b"of another bag"})
    place = fetch("memory://bags/drive_1")
    assert place.name == "drive_1"
    assert place.is_relative_to(cache)
    assert held(place) == BAG


def test_a_single_file_comes_as_a_file(store: Any) -> None:
    fill(store, "/bags", {"one.mcap": b"abc"})
    place = local_path("memory://bags/one.mcap")
    assert (place.name, place.read_bytes()) == ("one.mcap", b"abc")


def test_what_has_been_copied_is_used_again(store: Any, counted: list[str]) -> None:
    fill(store, "/bags/drive", BAG)
    fetch("memory://bags/drive")
    assert sorted(counted) == ["/bags/drive/deep/data.mcap", "/bags/drive/metadata.yaml"]
    fetch("memory://bags/drive/")
    assert len(counted) == 2


def test_what_changed_in_the_store_is_copied_anew(store: Any, counted: list[str]) -> None:
    fill(store, "/bags/drive", {**BAG, "gone.db3": b"x"})
    fetch("memory://bags/drive")
    store.rm("/bags/drive/gone.db3")
    # As long as before: its size does not tell it.
    store.pipe_file("/bags/drive/metadata.yaml", b"abouT")
    assert held(fetch("memory://bags/drive")) == {**BAG, "metadata.yaml": b"abouT"}
    assert counted[3:] == ["/bags/drive/metadata.yaml"]


def test_a_stopped_copy_leaves_nothing_half_and_goes_on(
    store: Any, cache: Path, counted: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(store, "/bags/drive", BAG)
    opened = type(store)._open

    def broken(self: Any, path: str, *args: Any, **options: Any) -> Any:
        if path.endswith("metadata.yaml"):
            raise ConnectionError("line cut")
        return opened(self, path, *args, **options)

    with monkeypatch.context() as patch:
        patch.setattr(type(store), "_open", broken)
        with pytest.raises(SlowfeatError, match=r"memory://bags/drive: .* line cut"):
            fetch("memory://bags/drive")
    (place,) = cache.glob("fetched/*/drive")
    assert not (place / "metadata.yaml").exists()
    assert held(fetch("memory://bags/drive")) == BAG
    assert counted.count("/bags/drive/deep/data.mcap") == 1


def test_a_file_that_comes_short_is_refused(store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(store, "/bags/drive", BAG)

    def half(self: Any, remote: str, local: str, **options: Any) -> None:
        Path(local).write_bytes(b"01")

    monkeypatch.setattr(type(store), "get_file", half)
    with pytest.raises(SlowfeatError, match="came with 2"):
        fetch("memory://bags/drive")


def test_wildcards_are_those_of_the_store(store: Any) -> None:
    for name in ("a", "b"):
        fill(store, f"/bags/2026-{name}", BAG)
    fill(store, "/bags/2025", BAG)
    found = local_paths(["plain/path", "memory://bags/2026-*"])
    assert found[0] == "plain/path"
    assert [Path(text).name for text in found[1:]] == ["2026-a", "2026-b"]
    with pytest.raises(UsageError, match="nothing matches memory://bags/2027"):
        local_paths(["memory://bags/2027*"])


def test_paths_of_this_machine_are_not_copied(tmp_path: Path, counted: list[str]) -> None:
    assert local_paths([f"file://{tmp_path}/a", "b"]) == [f"{tmp_path}/a", "b"]
    assert not counted


def test_nothing_there_is_wrong_use(store: Any, cache: Path) -> None:
    with pytest.raises(UsageError, match="memory://bags/none does not exist in its store"):
        fetch("memory://bags/none")
    assert not list(cache.rglob("none"))


def test_names_that_lead_out_of_the_folder_are_refused(
    store: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = {"/bags/drive/../../evil": {"name": "/bags/drive/../../evil", "size": 1}}
    monkeypatch.setattr(type(store), "find", lambda *_, **__: found)
    with pytest.raises(SlowfeatError, match="leads out of its folder"):
        fetch("memory://bags/drive")
