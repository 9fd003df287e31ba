"""What --overwrite may remove: only what slowfeat has written, and nothing that is still needed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from slowfeat.errors import MachineError, UsageError
from slowfeat.ownership import Kind, built_beside, check_free, remove, remove_file

KIND = Kind(
    "a thing",
    ("mark.json", "part*/*.npy", "part*/", "last"),
    lambda folder: (folder / "mark.json").read_text() == "ours",
)


@pytest.fixture
def thing(tmp_path: Path) -> Path:
    folder = tmp_path / "thing"
    (folder / "part1").mkdir(parents=True)
    (folder / "mark.json").write_text("ours")
    (folder / "part1" / "a.npy").write_bytes(b"x")
    (folder / "last").symlink_to("part1")
    return folder


def everything(folder: Path) -> dict[str, bytes]:
    return {str(p): p.read_bytes() if p.is_file() else b"" for p in folder.rglob("*")}


def refused(path: Path, match: str, inputs: tuple[Path, ...] = ()) -> None:
    before = everything(path.parent)
    with pytest.raises(UsageError, match=match):
        remove(path, KIND, inputs)
    assert everything(path.parent) == before


def test_what_is_ours_is_removed(thing: Path) -> None:
    remove(thing, KIND)
    assert not list(thing.parent.iterdir())
    remove(thing, KIND)


@pytest.mark.parametrize(
    "foreign", ["notes.txt", "part1/notes.npy.txt", "part1/deep/a.npy", ".git", "mark.json.bak"]
)
def test_a_foreign_file_inside_is_named(thing: Path, foreign: str) -> None:
    (thing / foreign).parent.mkdir(exist_ok=True)
    (thing / foreign).write_text("thesis")
    refused(thing, foreign.split("/")[-1].replace(".", r"\.") if "deep" not in foreign else "deep")


def test_a_foreign_folder_inside_is_named_even_if_empty(thing: Path) -> None:
    (thing / "src").mkdir()
    refused(thing, "it holds src/")


def test_names_alone_are_no_proof(thing: Path) -> None:
    (thing / "mark.json").write_text("theirs")
    refused(thing, "is not a thing that slowfeat has written")


def test_files_without_a_byte_hold_nothing_of_anybodys(thing: Path) -> None:
    (thing / "mark.json").write_text("")
    (thing / "part1" / "a.npy").write_bytes(b"")
    (thing / "last").unlink()
    remove(thing, KIND)
    assert not thing.exists()


def test_a_link_and_a_file_are_not_a_folder_of_ours(thing: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(thing)
    refused(tmp_path / "link", "is a link to .*thing")
    (tmp_path / "file").write_text("data")
    refused(tmp_path / "file", "is not a thing")


def test_a_link_within_is_removed_and_not_followed(thing: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "a.npy").write_text("precious")
    (thing / "last").unlink()
    (thing / "last").symlink_to(tmp_path / "elsewhere")
    remove(thing, KIND)
    assert (tmp_path / "elsewhere" / "a.npy").read_text() == "precious"


def test_what_is_needed_stays(thing: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    refused(thing, "what this command reads", (thing,))
    refused(thing, "what this command reads", (thing / "part1" / "a.npy",))
    monkeypatch.setenv("HOME", str(thing / "part1"))
    refused(thing, "the home folder")
    monkeypatch.delenv("HOME")
    monkeypatch.chdir(thing / "part1")
    refused(thing, "the working directory")


def test_without_overwrite_nothing_is_replaced(thing: Path) -> None:
    with pytest.raises(UsageError, match="exists already"):
        check_free(thing, KIND, overwrite=False)
    check_free(thing, KIND, overwrite=True)
    check_free(thing.parent / "new", KIND, overwrite=False)


def test_what_comes_into_a_folder_while_it_is_removed_stays(
    thing: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unlink = Path.unlink

    def slow(self: Path, missing_ok: bool = False) -> None:
        (thing / "notes.txt").write_text("thesis")
        unlink(self, missing_ok)

    monkeypatch.setattr(Path, "unlink", slow)
    with pytest.raises(MachineError, match="not empty"):
        remove(thing, KIND)
    assert (thing / "notes.txt").read_text() == "thesis"


def build(target: Path, text: str = "new") -> None:
    with built_beside(target, KIND) as folder:
        (folder / "mark.json").write_text("ours")
        (folder / "part2").mkdir()
        (folder / "part2" / "a.npy").write_text(text)


def test_a_folder_built_beside_takes_the_place_of_one_of_ours(thing: Path) -> None:
    build(thing)
    assert [p.name for p in thing.parent.iterdir()] == ["thing"]
    assert sorted(p.name for p in thing.iterdir()) == ["mark.json", "part2"]


@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError, ValueError])
def test_a_failure_leaves_the_old_one_and_nothing_else(
    thing: Path, error: type[BaseException]
) -> None:
    def failing() -> Iterator[None]:
        before = everything(thing.parent)
        with built_beside(thing, KIND) as folder:
            (folder / "mark.json").write_text("half")
            yield
            raise error
        assert everything(thing.parent) == before

    before = everything(thing.parent)
    with pytest.raises(error):
        list(failing())
    assert everything(thing.parent) == before


def test_what_is_not_ours_is_never_replaced_though_the_work_is_done(thing: Path) -> None:
    (thing / "notes.txt").write_text("thesis")
    before = everything(thing.parent)
    with pytest.raises(UsageError, match=r"notes\.txt"):
        build(thing)
    assert everything(thing.parent) == before


def test_a_file_is_removed_by_proof_only(tmp_path: Path) -> None:
    file = tmp_path / "result.json"
    file.write_text(json.dumps({"ours": True}))
    with pytest.raises(UsageError, match="was not written by slowfeat"):
        remove_file(file, lambda f: "theirs" in f.read_text())
    remove_file(file, lambda f: "ours" in f.read_text())
    assert not file.exists()
