"""Files come to stand whole or not at all, and two things change names in one step."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Any

import pytest

from slowfeat import files
from slowfeat.errors import MachineError


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_is_written_whole_and_nothing_else_is_left(tmp_path: Path) -> None:
    for content in (b"\x00\xff", "Küche\n", memoryview(b"abc")):
        files.write_whole(tmp_path / "a", content)
        wanted = content.encode() if isinstance(content, str) else bytes(content)
        assert (tmp_path / "a").read_bytes() == wanted
    assert names(tmp_path) == ["a"]


def test_a_write_that_breaks_off_leaves_the_old_file_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files.write_whole(tmp_path / "a", "old")

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(files.os, "fsync", full)
    with pytest.raises(MachineError, match="a cannot be written: No space left on device"):
        files.write_whole(tmp_path / "a", "new")
    assert (tmp_path / "a").read_text() == "old"
    assert names(tmp_path) == ["a"]


def test_a_folder_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(MachineError, match=r"none/a cannot be written: No such file") as caught:
        files.write_whole(tmp_path / "none" / "a", "x")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("at_once", [True, False])
def test_two_folders_change_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at_once: bool
) -> None:
    def cannot(*_: object) -> None:
        raise OSError(errno.ENOSYS, "no such call")

    if not at_once:
        monkeypatch.setattr(files, "_exchange_at_once", cannot)
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "was").write_text(name)
    files.exchange(tmp_path / "one", tmp_path / "other")
    assert (tmp_path / "one" / "was").read_text() == "other"
    assert (tmp_path / "other" / "was").read_text() == "one"
    assert names(tmp_path) == ["one", "other"]


@pytest.mark.parametrize("step", [1, 2])
def test_an_exchange_in_steps_that_fails_on_the_way_is_taken_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    for name in ("one", "other"):
        (tmp_path / name).write_text(name)
    rename, done = Path.rename, []

    def failing(self: Path, target: Path) -> Any:
        done.append(target)
        if len(done) == step + 1:
            raise OSError(errno.EIO, "the disk is gone")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", failing)
    with pytest.raises(OSError, match="the disk is gone"):
        files._exchange_in_steps(tmp_path / "one", tmp_path / "other")
    monkeypatch.undo()
    assert {name: (tmp_path / name).read_text() for name in names(tmp_path)} == {
        "one": "one",
        "other": "other",
    }


def test_what_cannot_be_synced_is_let_be_but_a_broken_disk_is_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refusing(number: int) -> Any:
        def fsync(_: int) -> None:
            raise OSError(number, "no")

        return fsync

    monkeypatch.setattr(files.os, "fsync", refusing(errno.EINVAL))
    files.sync(0)
    monkeypatch.setattr(files.os, "fsync", refusing(errno.EIO))
    with pytest.raises(OSError, match="no"):
        files.sync(0)
