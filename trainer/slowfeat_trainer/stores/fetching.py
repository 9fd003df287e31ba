"""What an address names, copied to this machine; copied again only where
the store holds something else.
"""

from __future__ import annotations

import glob
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from slowfeat.errors import SlowfeatError, UsageError
from slowfeat.files import put_file_in_place, write_whole, writing
from slowfeat_trainer.console.terminal import say
from slowfeat_trainer.stores.addresses import answering, is_address, open_store, path_of
from slowfeat_trainer.stores.cache import alone, place_of

# What stores say of an object that changes with its content, by the names that they have for it.
_TELLING = (
    *("etag", "md5hash", "content_md5", "checksum", "generation", "lastmodified"),
    *("last_modified", "updated", "mtime", "modified", "created"),
)
# Beside the copy: what the store said of each file when it was copied.
_COPIED = "copied.json"


@dataclass(frozen=True)
class Remote:
    """A file in a store."""

    # Its path in the store.
    path: str
    # Bytes.
    size: int
    # Equal as long as the file is the same.
    mark: str


def local_paths(words: Iterable[str]) -> list[str]:
    """The words of a command line with a copy on this machine in place of each address; globs are
    expanded.

    Raises:
        UsageError: an address names nothing, or its kind of store is not installed.
        SlowfeatError: the store cannot be read.
    """
    found: list[str] = []
    for word in words:
        if not is_address(word):
            found.append(word)
        elif path_of(word) is not None:
            found.append(str(path_of(word)))
        else:
            found += [str(fetch(address)) for address in _matching(word)]
    return found


def local_path(word: str) -> Path:
    """The path, or the copy on this machine of what an address names; as `local_paths` for one."""
    found = local_paths([word])
    if len(found) != 1:
        raise UsageError(f"{word} matches {len(found)} things; name one")
    return Path(found[0])


def fetch(address: str) -> Path:
    """A copy of the file, or of all files below the folder, that an address names.

    Files are copied one by one and get their names when they are whole, so a copy that was stopped
    goes on; a second process waits for the first.

    Raises:
        UsageError: nothing is there, or its kind of store is not installed.
        SlowfeatError: the store cannot be read, or this machine not be written on.
    """
    store, root = open_store(address)
    with answering(address):
        there = listing(store, root)
    if not there:
        raise UsageError(f"{address} does not exist in its store; look for a wrong letter")
    place = place_of(address, "fetched")
    with alone(place), writing(place):
        _bring(store, address, there, place)
    return place


def listing(store: Any, root: str) -> dict[str, Remote]:
    """The files at and below a path of a store, by their path relative to it; "" for a file itself.

    Raises:
        SlowfeatError: a name would lead out of the folder.
    """
    found: dict[str, Remote] = {}
    for name, listed in store.find(root, detail=True).items():
        inner = name.removeprefix(root).lstrip("/")
        # Stores look for beginnings of names: drive_10 too begins with drive_1.
        if name != root and not name.startswith(root + "/") and root:
            continue
        if ".." in PurePosixPath(inner).parts:
            raise SlowfeatError(f"{name} in the store leads out of its folder; rename it")
        about = listed or store.info(name)
        telling = {key: str(v) for key, v in about.items() if key.lower() in _TELLING}
        size = int(about["size"])
        found[inner] = Remote(name, size, json.dumps([size, telling], sort_keys=True))
    return found


def _matching(word: str) -> list[str]:
    """The addresses that one with wildcards means."""
    if not glob.has_magic(word):
        return [word]
    store, pattern = open_store(word)
    with answering(word):
        matches = [store.unstrip_protocol(name) for name in store.glob(pattern)]
    if not matches:
        raise UsageError(f"nothing matches {word} in its store; give a bag's folder or file")
    return matches


def _bring(store: Any, address: str, there: dict[str, Remote], place: Path) -> None:
    """Make `place` what is there: copy what is new or changed, remove what has gone."""
    record = place.parent / _COPIED
    copied: dict[str, str] = json.loads(record.read_text()) if record.is_file() else {}
    is_other_kind = place.exists() and place.is_file() != ("" in there)
    for inner in [inner for inner in copied if is_other_kind or inner not in there]:
        _remove(place, inner)
        del copied[inner]
    if is_other_kind and place.exists():
        raise SlowfeatError(
            f"{place} holds files that were not fetched; move them away, and the same command "
            "continues"
        )
    missing = {
        inner: remote
        for inner, remote in there.items()
        if copied.get(inner) != remote.mark or not (place / inner).is_file()
    }
    if missing:
        size = sum(remote.size for remote in missing.values())
        say(f"fetching {address}: {len(missing)} files, {size / 1e6:.1f} MB, to {place}")
    for inner, remote in missing.items():
        _copy(store, remote, place / inner, address)
        copied[inner] = remote.mark
        write_whole(record, json.dumps(copied))


def _copy(store: Any, remote: Remote, target: Path, address: str) -> None:
    """One file, which gets its name when it is whole."""
    from fsspec.callbacks import TqdmCallback

    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f".{target.name}.partial")
    bar = TqdmCallback(
        {"desc": target.name, "unit": "B", "unit_scale": True, "disable": None, "leave": False}
    )
    with answering(address), bar:
        store.get_file(remote.path, str(partial), callback=bar)
    if partial.stat().st_size != remote.size:
        raise SlowfeatError(
            f"{address}: {remote.path} is {remote.size} bytes long and came with "
            f"{partial.stat().st_size}; the same command tries again"
        )
    put_file_in_place(partial, target)


def _remove(place: Path, inner: str) -> None:
    """Remove a file that was copied, and the folders that are empty without it."""
    file = place / inner if inner else place
    file.unlink(missing_ok=True)
    if not inner:
        return
    for folder in file.parents:
        if not folder.is_dir():
            continue
        for left in folder.glob(".*.partial"):
            left.unlink()
        if any(folder.iterdir()):
            return
        folder.rmdir()
        if folder == place:
            return
