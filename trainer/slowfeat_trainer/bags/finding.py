"""Which paths are recordings: globs, folders of recordings, files."""

from __future__ import annotations

import glob
import itertools
import os
import re
from collections.abc import Iterable
from pathlib import Path

from slowfeat.errors import UsageError

_STORAGE = re.compile(r"\.(mcap|db3)(\.zstd?)?$")
_BAG1 = re.compile(r"\.bag(\.active)?$")
_PART = re.compile(r"(.*)_(\d+)\.(?:mcap|db3)(?:\.zstd?)?$")
# Folders in folders are searched this deep.
_DEPTH = 4
# Folders that a ** may look through.
_MOST_FOLDERS = 20_000


def natural_key(path: Path) -> list[tuple[int, int, str]]:
    """Sorts names as people count: drive_2 before drive_10."""
    return [
        (1, int(part), "") if part.isdigit() else (0, 0, part)
        for part in re.split(r"(\d+)", str(path))
        if part
    ]


def storage_files(folder: Path) -> list[Path]:
    """The .mcap, .db3 and .bag files that lie directly in a folder, in natural order."""
    files = [
        path
        for path in folder.iterdir()
        if (_STORAGE.search(path.name) or _BAG1.search(path.name)) and path.is_file()
    ]
    return sorted(files, key=natural_key)


def expand(paths: Iterable[str | Path]) -> list[Path]:
    """The recordings that some arguments of a command line mean, each once.

    An argument is a bag's folder or file, a glob ("runs/*/"), or a folder that holds recordings:

    - a folder with a metadata.yaml is one recording,
    - so is one without it whose .mcap or .db3 files are numbered parts of one name (run_0, run_1),
    - else each .mcap, .db3 and .bag file in it is a recording, and so are the folders in it.

    Order is that of the arguments, and natural (2 before 10) within a glob or folder.

    Raises:
        UsageError: a path does not exist, a glob matches nothing, or a folder holds no bag.
    """
    found: dict[Path, Path] = {}
    for argument in paths:
        path = Path(argument)
        if path.exists():
            matches = [path]
        elif glob.has_magic(str(argument)):
            refuse_endless(str(argument))
            # Path.glob takes no absolute pattern.
            names = glob.glob(str(argument), recursive=True)  # noqa: PTH207
            matches = sorted((Path(name) for name in names), key=natural_key)
            if not matches:
                raise UsageError(f"nothing matches {argument}; give a bag's folder or file")
        else:
            raise UsageError(f"{path} does not exist; give a bag's folder or file")
        recordings = [one for match in matches for one in _recordings(match, _DEPTH)]
        if not recordings:
            raise UsageError(
                f"{argument} holds no bag; give a rosbag2 folder, a .mcap, .db3 or .bag file, "
                "or a folder of them"
            )
        for recording in recordings:
            found.setdefault(recording.resolve(), recording)
    return list(found.values())


def refuse_endless(pattern: str) -> None:
    """Refuse a pattern with ** over so many folders that it would be looked through for hours.

    Raises:
        UsageError: naming where it begins.
    """
    if "**" not in pattern:
        return
    begin = Path(*itertools.takewhile(lambda part: not glob.has_magic(part), Path(pattern).parts))
    for count, _ in enumerate(os.walk(begin)):
        if count >= _MOST_FOLDERS:
            raise UsageError(
                f"{pattern} looks through more than {_MOST_FOLDERS} folders of {begin}; name a "
                "folder nearer to the bags"
            )


def _recordings(path: Path, depth: int) -> list[Path]:
    """The recordings at and below a path."""
    if not path.is_dir():
        # Named by hand or by a glob: a bag under whatever name, but not what lies beside bags.
        beside = path.name == "metadata.yaml" or path.suffix in (".md", ".txt", ".yaml", ".json")
        return [] if beside or path.name.endswith(("-wal", "-shm", "-journal")) else [path]
    if not os.access(path, os.R_OK | os.X_OK):
        raise UsageError(f"{path} must not be read; change its permissions")
    files = storage_files(path)
    if (path / "metadata.yaml").exists() or _is_split(files):
        return [path]
    if depth == 0:
        return files
    folders = sorted(
        (one for one in path.iterdir() if one.is_dir() and not one.name.startswith(".")),
        key=natural_key,
    )
    inner = [one for folder in folders for one in _recordings(folder, depth - 1)]
    return sorted([*files, *inner], key=natural_key)


def _is_split(files: list[Path]) -> bool:
    """Whether files are the numbered parts of one recording, none missing between them."""
    parts = [_PART.match(file.name) for file in files]
    if not files or any(part is None for part in parts):
        return False
    names = {part[1] for part in parts if part}
    numbers = sorted(int(part[2]) for part in parts if part)
    return len(names) == 1 and numbers == list(range(numbers[0], numbers[0] + len(numbers)))
