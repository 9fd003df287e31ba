"""Files are written and removed through slowfeat.files and slowfeat.ownership, or say why."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("slowfeat", "trainer/slowfeat_trainer", "trainer/slowfeat_papers")
# The two modules through which all of it goes.
WRITERS = {"slowfeat/files.py", "slowfeat/ownership.py"}
# Methods and functions that write or remove, whatever they are called on.
CHANGING = {
    *("rmtree", "unlink", "rmdir", "removedirs", "write_text", "write_bytes", "touch"),
    *("copyfile", "copytree", "copy2", "savez", "savez_compressed", "savetxt", "tofile"),
    *("open_memmap", "imwrite", "imsave", "save_file", "symlink_to", "hardlink_to", "rename"),
}
# Functions of a module that do.
OF_MODULES = {
    *(("os", name) for name in ("remove", "replace", "link", "symlink", "truncate", "ftruncate")),
    *(("np", "save"), ("torch", "save"), ("shutil", "copy"), ("shutil", "move")),
}
WRITING_MODES = set("wax+")
# What else may: module, call, and the reason.
MAY = {
    ("trainer/slowfeat_trainer/training/checkpoints.py", "torch.save"): "into memory",
    ("trainer/slowfeat_trainer/training/checkpoints.py", "unlink"): (
        "older checkpoints of the run that holds its lock, by the names that this module gives"
    ),
    ("slowfeat/memory.py", "np.save"): "into memory",
    ("trainer/slowfeat_trainer/ingest/frames_file.py", "open w"): (
        "larger than memory, within a folder that is built beside its place"
    ),
    ("trainer/slowfeat_trainer/ingest/ingest_bag.py", "rename"): "within such a folder",
    ("trainer/slowfeat_trainer/ingest/ingest_bag.py", "unlink"): "within such a folder",
    ("trainer/slowfeat_trainer/methods/warp/feature_bank.py", "open w"): (
        "larger than memory, within a folder that is built beside its place"
    ),
    ("trainer/slowfeat_trainer/training/run_folder.py", "os.link"): (
        "other names of a dataset's files, within such a folder"
    ),
    ("trainer/slowfeat_trainer/bags/storage_file.py", "open w"): "in a temporary folder",
    ("trainer/slowfeat_trainer/bags/storage_file.py", "copyfile"): "in a temporary folder",
    ("trainer/slowfeat_trainer/bundling/quantised_models.py", "write_bytes"): (
        "in a temporary folder, for a library that reads files only"
    ),
    ("trainer/slowfeat_trainer/tuning/journal.py", "unlink"): "locks of optuna's, held by nobody",
    ("trainer/slowfeat_trainer/tuning/study.py", "rmdir"): "an empty folder",
    ("trainer/slowfeat_trainer/stores/cache.py", "open w"): "a lock, empty",
    (
        "trainer/slowfeat_trainer/stores/fetching.py",
        "unlink",
    ): "files that a record says were copied",
    ("trainer/slowfeat_trainer/stores/fetching.py", "rmdir"): "empty folders of the cache",
    ("trainer/slowfeat_trainer/stores/sending.py", "copytree"): "into the cache",
    ("trainer/slowfeat_trainer/stores/sending.py", "hardlink_to"): "into the cache",
    ("trainer/slowfeat_trainer/demo/children.py", "open w"): "the log of a child, as it comes",
    ("trainer/slowfeat_papers/jayaraman/other_motion.py", "rename"): (
        "a bag that a library wrote, within the experiments' own folder"
    ),
}


def changes_in(source: str) -> set[str]:
    """Calls in a module that write or remove files."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        called = node.func
        name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
        of = getattr(called.value, "id", "") if isinstance(called, ast.Attribute) else ""
        if name in CHANGING:
            found.add(name)
        elif (of, name) in OF_MODULES:
            found.add(f"{of}.{name}")
        elif name == "replace" and _is_rename(node):
            found.add("replace")
        elif name in ("open", "fdopen") and (mode := _mode(node, of)) & WRITING_MODES:
            found.add(f"open {min(mode & WRITING_MODES)}")
    return found


def _is_rename(node: ast.Call) -> bool:
    """Path.replace(target): that of texts takes two, that of dataclasses takes names."""
    return isinstance(node.func, ast.Attribute) and len(node.args) == 1 and not node.keywords


def _mode(node: ast.Call, of: str) -> set[str]:
    named = [keyword.value for keyword in node.keywords if keyword.arg == "mode"]
    # open(file, mode), but path.open(mode).
    given = named or node.args[0 if isinstance(node.func, ast.Attribute) and of != "io" else 1 :]
    mode = given[0] if given else None
    return (
        set(mode.value) if isinstance(mode, ast.Constant) and isinstance(mode.value, str) else set()
    )


def modules() -> list[str]:
    files = (file for package in PACKAGES for file in (ROOT / package).rglob("*.py"))
    return sorted(file.relative_to(ROOT).as_posix() for file in files)


def test_files_are_written_and_removed_in_one_place() -> None:
    found = {
        (module, change)
        for module in modules()
        if module not in WRITERS
        for change in changes_in((ROOT / module).read_text(encoding="utf-8"))
    }
    assert found - MAY.keys() == set(), "use slowfeat.files and slowfeat.ownership"
    assert MAY.keys() - found == set(), "these are gone: take them from the list"


@pytest.mark.parametrize(
    ("source", "change"),
    [
        ("shutil.rmtree(folder)", "rmtree"),
        ("from shutil import rmtree\nrmtree(folder)", "rmtree"),
        ("os.remove(file)", "os.remove"),
        ("Path(file).unlink()", "unlink"),
        ("path.write_text('a')", "write_text"),
        ("np.save(path, array)", "np.save"),
        ("open(path, 'w')", "open w"),
        ("path.open('ab')", "open a"),
        ("path.open(mode='r+b')", "open +"),
        ("partial.replace(path)", "replace"),
        ("os.replace(a, b)", "os.replace"),
    ],
)
def test_a_direct_write_or_removal_is_noticed(source: str, change: str) -> None:
    assert changes_in(source) == {change}


@pytest.mark.parametrize(
    "source",
    ["open(path)", "path.open('rb')", "text.replace('a', 'b')", "replace(options, rate=1)"],
)
def test_what_only_reads_is_not(source: str) -> None:
    assert changes_in(source) == set()
