"""Arguments become recordings: files, folders, globs, folders of recordings."""

from __future__ import annotations

from pathlib import Path

import pytest

from slowfeat.errors import UsageError
from slowfeat_trainer import bags


def touch(root: Path, *names: str) -> None:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(b"x")


def names(root: Path, *arguments: str) -> list[str]:
    found = bags.expand([str(root / argument) for argument in arguments])
    return [path.relative_to(root).as_posix() for path in found]


def test_files_and_folders_come_in_the_order_of_the_arguments(tmp_path: Path) -> None:
    touch(tmp_path, "b.bag", "a/metadata.yaml", "a/a_0.mcap")
    assert names(tmp_path, "b.bag", "a") == ["b.bag", "a"]


def test_globs_are_in_natural_order(tmp_path: Path) -> None:
    touch(tmp_path, *(f"runs/drive_{k}/metadata.yaml" for k in (1, 2, 10)))
    assert names(tmp_path, "runs/*/") == ["runs/drive_1", "runs/drive_2", "runs/drive_10"]


def test_globs_pass_over_what_lies_beside_bags(tmp_path: Path) -> None:
    touch(tmp_path, "runs/a.db3", "runs/a.db3-wal", "runs/notes.md", "runs/b.bag")
    assert names(tmp_path, "runs/*") == ["runs/a.db3", "runs/b.bag"]


def test_each_recording_comes_once(tmp_path: Path) -> None:
    touch(tmp_path, "a/metadata.yaml", "b.mcap")
    (tmp_path / "link").symlink_to(tmp_path / "a")
    assert names(tmp_path, "a", "b.mcap", "a/../a", "*", "link") == ["a", "b.mcap"]


@pytest.mark.parametrize("end", ["mcap", "db3", "mcap.zstd"])
def test_numbered_parts_without_metadata_are_one_recording(tmp_path: Path, end: str) -> None:
    touch(tmp_path, *(f"run/run_{k}.{end}" for k in range(12)))
    assert names(tmp_path, "run") == ["run"]


@pytest.mark.parametrize(
    "files",
    [
        ("monday.mcap", "tuesday.mcap"),
        ("run_0.mcap", "run_7.mcap"),
        ("run_0.bag", "run_1.bag"),
        ("x.db3", "y.mcap", "z.bag", "zz.bag.active"),
    ],
)
def test_other_files_of_a_folder_are_recordings_of_their_own(
    tmp_path: Path, files: tuple[str, ...]
) -> None:
    touch(tmp_path, *(f"day/{file}" for file in files), "day/readme.txt")
    assert names(tmp_path, "day") == [f"day/{file}" for file in files]


def test_folders_of_recordings_are_searched(tmp_path: Path) -> None:
    touch(
        tmp_path, "week/mon/run_2/metadata.yaml", "week/mon/run_10/metadata.yaml",
        "week/tue.bag", "week/.trash/old.bag", "week/empty/notes.txt",
    )  # fmt: skip
    assert names(tmp_path, "week") == ["week/mon/run_2", "week/mon/run_10", "week/tue.bag"]


@pytest.mark.parametrize(
    ("argument", "says"),
    [
        ("none*", "nothing matches"),
        ("none", "does not exist"),
        ("empty", "holds no bag; give a rosbag2 folder"),
    ],
)
def test_what_means_nothing_is_refused(tmp_path: Path, argument: str, says: str) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError, match=says):
        names(tmp_path, argument)


def test_a_name_with_brackets_that_exists_is_no_glob(tmp_path: Path) -> None:
    touch(tmp_path, "run [1].bag")
    assert names(tmp_path, "run [1].bag") == ["run [1].bag"]
