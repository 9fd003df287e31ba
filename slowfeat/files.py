"""Every file and folder of slowfeat comes to stand on disk through here: whole, or not at all.

A file is written under another name, synced, renamed, and its folder is synced: after a power cut
there is the old file or the new one. A folder is built beside its place and exchanged with what
stands there in one step.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import glob
import io
import os
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from slowfeat.errors import MachineError, UsageError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

# Ends the name of what is not finished; a kill may leave such a thing behind.
PARTIAL = ".partial"
# Of renameat2(2).
_AT_FDCWD, _RENAME_EXCHANGE = -100, 2
# How a file system or kernel says that it cannot exchange two names.
_NO_EXCHANGE = {errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EPERM}


def beside(path: Path) -> Path:
    """A new name in the same folder, for what will be renamed to `path`."""
    return path.with_name(f".{path.name}.{secrets.token_hex(4)}{PARTIAL}")


def clear_leftovers(folder: Path, names: Iterable[str]) -> None:
    """Remove what killed commands have left of files of some names; no other
    command may be at work there.
    """
    for name in names:
        for left in folder.glob(f".{glob.escape(name)}.*{PARTIAL}"):
            if left.is_file() and not left.is_symlink():
                left.unlink(missing_ok=True)


@contextmanager
def writing(target: Path) -> Iterator[None]:
    """A block that writes at or below `target` and may be repeated: what the disk refuses becomes
    one line.

    Raises:
        MachineError: instead of an OSError, naming the target and what to do.
    """
    try:
        yield
    except OSError as error:
        inner = "" if error.filename in (None, str(target)) else f" ({error.filename})"
        raise MachineError(
            f"{target} cannot be written: {error.strerror or error}{inner}; fix that, and the "
            "same command continues from what is finished"
        ) from error


def write_whole(path: str | os.PathLike[str], data: bytes | bytearray | memoryview | str) -> None:
    """Write a file so that it is there whole, or as it was before; text is UTF-8.

    Raises:
        MachineError: the disk is full, the folder read-only or missing.
    """
    path = Path(path)
    content = data.encode() if isinstance(data, str) else data
    partial = beside(path)
    with writing(path):
        try:
            with partial.open("wb") as stream:
                stream.write(content)
                stream.flush()
                sync(stream.fileno())
            partial.replace(path)
        except BaseException:
            with suppress(OSError):
                partial.unlink(missing_ok=True)
            raise
        sync_folder(path.parent)


def put_file_in_place(new: Path, target: Path) -> None:
    """Rename a file that has been written beside it to `target`, once it is on the disk.

    Raises:
        MachineError: the disk refuses.
    """
    with writing(target):
        descriptor = os.open(new, os.O_RDONLY)
        try:
            sync(descriptor)
        finally:
            os.close(descriptor)
        new.replace(target)
        sync_folder(target.parent)


def append_line(path: Path, line: str) -> None:
    """Add a line to a file, and bring it to the disk; a kill may leave a part of it.

    Raises:
        MachineError: the disk refuses; the file is as it was.
    """
    with writing(path):
        is_new = not path.exists()
        with path.open("ab") as stream:
            end = stream.tell()
            try:
                stream.write(f"{line}\n".encode())
                stream.flush()
                sync(stream.fileno())
            except BaseException:
                with suppress(OSError):
                    os.ftruncate(stream.fileno(), end)
                raise
        if is_new:
            sync_folder(path.parent)


def write_array(path: Path, array: npt.NDArray[np.generic]) -> None:
    """Write an array as .npy, as `write_whole` does.

    Raises:
        MachineError: the disk refuses.
    """
    import numpy as np  # costs the help of a command its time

    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=False)
    write_whole(path, buffer.getbuffer())


def link_whole(path: Path, target: str) -> None:
    """Make `path` a link to a name, in one step.

    Raises:
        OSError: the disk refuses.
    """
    partial = beside(path)
    try:
        partial.symlink_to(target)
        partial.replace(path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


@contextmanager
def locked(file: Path, busy: str) -> Iterator[None]:
    """A block that no second process of this machine enters; a killed one keeps nobody out.

    Args:
        file: an empty file for the lock; it stays.
        busy: what is wrong and what to do where another process is in such a block.

    Raises:
        UsageError: another process is.
        MachineError: the file cannot be made.
    """
    while True:
        with writing(file):
            stream = file.open("ab")
        with stream:
            try:
                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise UsageError(busy) from error
            except OSError as error:  # a file system without locks
                if error.errno not in (errno.ENOLCK, errno.ENOTSUP, errno.ENOSYS):
                    raise
            # Its folder may have been exchanged for another between the two steps.
            if not file.exists() or not os.path.samestat(os.fstat(stream.fileno()), file.stat()):
                continue
            yield
            return


def sync(descriptor: int) -> None:
    """Bring an open file to the disk; a file system that cannot (a
    pipe, some networks') is let be.
    """
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP, errno.EROFS):
            raise


def sync_folder(folder: Path) -> None:
    """Bring the names in a folder to the disk."""
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except PermissionError:  # a folder that may be written but not listed
        return
    try:
        sync(descriptor)
    finally:
        os.close(descriptor)


def sync_tree(folder: Path) -> None:
    """Bring all files below a folder, and their names, to the disk."""
    for root, _, names in os.walk(folder):
        for name in names:
            file = Path(root, name)
            if file.is_symlink() or not file.is_file():
                continue
            descriptor = os.open(file, os.O_RDONLY)
            try:
                sync(descriptor)
            finally:
                os.close(descriptor)
        sync_folder(Path(root))


def exchange(one: Path, other: Path) -> None:
    """Let two things that stand in one file system change names, in one step where the system can.

    Where it cannot, in three, which are taken back when one fails or is interrupted.

    Raises:
        OSError: neither has moved.
    """
    try:
        _exchange_at_once(one, other)
    except OSError as error:
        if error.errno not in _NO_EXCHANGE:
            raise
        _exchange_in_steps(one, other)


def _exchange_at_once(one: Path, other: Path) -> None:
    renameat2 = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if renameat2 is None:
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))
    if renameat2(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _RENAME_EXCHANGE):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), str(other))


def _exchange_in_steps(one: Path, other: Path) -> None:
    aside = beside(other)
    moved: list[tuple[Path, Path]] = []
    try:
        for source, target in ((other, aside), (one, other), (aside, one)):
            moved.append((source, target))
            source.rename(target)
    except BaseException:
        for source, target in reversed(moved):
            # The last of them may not have been moved; what an interrupt came after has.
            if os.path.lexists(target) and not os.path.lexists(source):
                target.rename(source)
        raise
