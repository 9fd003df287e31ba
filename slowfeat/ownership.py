"""What slowfeat may remove: only what it has written itself.

Every removal of something that stood there before the command goes through `remove` or
`put_in_place`. They want proof: the folder's content says that slowfeat wrote it, every file in it
has a name that slowfeat gives, and neither the working directory, nor the home folder, nor anything
that the command reads lies in it. All else is refused by name.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from slowfeat.errors import MachineError, SlowfeatError, UsageError
from slowfeat.files import PARTIAL, beside, exchange, sync_folder, sync_tree, writing


@dataclass(frozen=True)
class Kind:
    """A sort of folder that slowfeat writes, and how one is recognised."""

    # As in "is not a bundle".
    name: str
    # Paths, relative to the folder, of everything that is written into it; * stands for any part of
    # a name, ** for any number of folders. A name that ends in "/" is a folder that may be empty.
    holds: tuple[str, ...]
    # Whether the content proves that slowfeat wrote it. Called after the names were found to fit.
    is_ours: Callable[[Path], bool]

    def below(self, folder: str) -> tuple[str, ...]:
        """What it holds, where it stands in a folder of another kind."""
        return tuple(f"{folder}/{path}" for path in self.holds)


def partial_of(name: str) -> str:
    """The names (a pattern) that something called so has while it is not finished."""
    return f".{name}.*{PARTIAL}"


def check_free(
    path: Path, kind: Kind, overwrite: bool, inputs: Iterable[str | os.PathLike[str]] = ()
) -> None:
    """Refuse, before any work, to write where something stands that may not be replaced.

    Args:
        path: of what is to be written.
        kind: what may be replaced there.
        overwrite: whether it may.
        inputs: what the command reads.

    Raises:
        UsageError: saying why.
    """
    if not os.path.lexists(path):
        return
    if not overwrite:
        raise UsageError(f"{path} exists already; choose another folder or say --overwrite")
    check_ours(path, kind, inputs)


def check_ours(path: Path, kind: Kind, inputs: Iterable[str | os.PathLike[str]] = ()) -> None:
    """Refuse to remove what slowfeat has not written, or what is still needed.

    Raises:
        UsageError: naming what stands against it.
    """
    advice = "so --overwrite will not remove it; choose another folder"
    if path.is_symlink():
        raise UsageError(f"{path} is a link to {path.readlink()}, {advice} or name that one")
    if not path.is_dir():
        raise UsageError(f"{path} is not {kind.name}, {advice}")
    _refuse_needed(path, inputs)
    foreign = _foreign(path, kind)
    if foreign is not None:
        raise UsageError(
            f"{path} is not just {kind.name}: it holds {foreign}, which slowfeat has not written "
            f"there, {advice} or move that away"
        )
    if not (_is_empty(path) or kind.is_ours(path)):
        raise UsageError(f"{path} is not {kind.name} that slowfeat has written, {advice}")


def _refuse_needed(path: Path, inputs: Iterable[str | os.PathLike[str]]) -> None:
    real = path.resolve()
    places: list[tuple[str, Path]] = [("what this command reads", Path(text)) for text in inputs]
    with suppress(OSError):  # a working directory that has been removed
        places.append(("the working directory", Path.cwd()))
    with suppress(RuntimeError):  # a user without a home
        places.append(("the home folder", Path.home()))
    for what, place in places:
        if place.resolve().is_relative_to(real):
            raise UsageError(
                f"{path} is or holds {what} ({place}), so --overwrite will not remove it; choose "
                "another folder"
            )


def _foreign(path: Path, kind: Kind) -> str | None:
    """The first thing in a folder that its kind does not hold."""
    files = [_expression(pattern) for pattern in kind.holds if not pattern.endswith("/")]
    folders = [_expression(parent) for pattern in kind.holds for parent in _parents(pattern)]
    for entry, is_folder in _walk(path):
        name = entry.relative_to(path).as_posix()
        if not any(known.fullmatch(name) for known in (folders if is_folder else files)):
            return name + "/" * is_folder
    return None


def _parents(pattern: str) -> list[str]:
    parts = pattern.split("/")
    return ["/".join(parts[:count]) for count in range(1, len(parts))]


def _expression(pattern: str) -> re.Pattern[str]:
    stars = {"**": ".*", "*": "[^/]*"}
    parts = re.split(r"(\*\*|\*)", pattern)
    return re.compile("".join(stars.get(part, re.escape(part)) for part in parts), re.DOTALL)


def _walk(path: Path) -> Iterator[tuple[Path, bool]]:
    """Everything below a folder, what lies deepest first, and whether it is a
    folder; links are not followed.
    """
    for root, folders, files in os.walk(path, topdown=False, onerror=_raise):
        yield from ((Path(root, name), False) for name in files)
        for name in folders:
            yield Path(root, name), not Path(root, name).is_symlink()


def _raise(error: OSError) -> None:
    raise UsageError(
        f"{error.filename} cannot be looked into ({error.strerror}), so it is not removed"
    ) from error


def _is_empty(path: Path) -> bool:
    """Whether there are files in it, and none holds a byte: such as a full disk leaves behind."""
    sizes = [entry.lstat().st_size for entry, is_folder in _walk(path) if not is_folder]
    return bool(sizes) and not any(sizes)


def stands_at(path: Path) -> bool:
    """Whether something stands there that would have to be removed; an empty folder need not be."""
    is_empty_folder = path.is_dir() and not path.is_symlink() and not any(path.iterdir())
    return os.path.lexists(path) and not is_empty_folder


def remove(path: Path, kind: Kind, inputs: Iterable[str | os.PathLike[str]] = ()) -> None:
    """Remove a folder that slowfeat has written; nothing happens where there is none.

    Only what has been looked at goes: what comes into the folder meanwhile stays, and the folder
    with it.

    Raises:
        UsageError: it is not ours; nothing was removed.
        MachineError: something in it cannot be removed.
    """
    if not os.path.lexists(path):
        return
    check_ours(path, kind, inputs)
    found = list(_walk(path))
    with writing(path):
        # Its marks last, so that a removal that was stopped can be repeated.
        for entry, is_folder in found:
            if is_folder:
                entry.rmdir()
            elif entry.parent != path:
                entry.unlink(missing_ok=True)
        for entry, is_folder in found:
            if not is_folder and entry.parent == path:
                entry.unlink(missing_ok=True)
        path.rmdir()


def remove_file(path: Path, is_ours: Callable[[Path], bool]) -> None:
    """Remove a file whose content proves that slowfeat wrote it; nothing happens where there is
    none.

    Raises:
        UsageError: it is not ours.
    """
    if not os.path.lexists(path):
        return
    if path.is_symlink() or not path.is_file() or not is_ours(path):
        raise UsageError(f"{path} was not written by slowfeat, so it is not removed; move it away")
    with writing(path):
        path.unlink(missing_ok=True)


@contextmanager
def built_beside(
    target: Path, kind: Kind, inputs: Iterable[str | os.PathLike[str]] = ()
) -> Iterator[Path]:
    """A new folder to write into, which takes the place of `target` when the block ends well.

    When it does not, `target` is what it was and the new folder is gone.

    Args:
        target: where the folder is to stand; what of its kind stands there is replaced.
        kind: what is written, and may be replaced.
        inputs: what the command reads.

    Raises:
        UsageError: what stands at `target` is not ours.
        MachineError: the disk refuses.
    """
    target = target.absolute()
    new = beside(target)
    try:
        with writing(target):
            target.parent.mkdir(parents=True, exist_ok=True)
            new.mkdir()
        yield new
        put_in_place(new, target, kind, inputs)
    except BaseException:
        discard(new)
        raise


def put_in_place(
    new: Path, target: Path, kind: Kind, inputs: Iterable[str | os.PathLike[str]] = ()
) -> None:
    """Rename a finished folder to `target`; what of its kind stands there is exchanged for it, then
    removed.

    Raises:
        UsageError: what stands there is not ours; nothing has changed.
        MachineError: the disk refuses.
    """
    inputs = list(inputs)
    with writing(target):
        sync_tree(new)
        if os.path.lexists(target):
            check_ours(target, kind, inputs)
            exchange(new, target)
        else:
            new.rename(target)
        sync_folder(target.parent)
    try:
        remove(new, kind, inputs)
    except SlowfeatError as error:
        kept = target.with_name(f"{new.name}.old")
        new.rename(kept)
        raise MachineError(
            f"{target} is written, but what stood there could not be removed and is now {kept}: "
            f"{error}"
        ) from error


def discard(folder: Path) -> None:
    """Remove a folder that this very command has made, whatever is in it; an interrupt waits."""
    try:
        shutil.rmtree(folder, ignore_errors=True)
    except KeyboardInterrupt:
        shutil.rmtree(folder, ignore_errors=True)
        raise
