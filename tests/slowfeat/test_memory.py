"""The labelled memory on disk: whole or not at all, and only with the bundle that made it."""

from __future__ import annotations

import errno
import json
import os
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from slowfeat.bundle import load_bundle
from slowfeat.errors import MachineError, UsageError
from slowfeat.memory import Memory, MemoryFileError, load_memory, make_memory, write_memory


@pytest.fixture
def memory(tiny_bundle: Path) -> Memory:
    z = np.random.default_rng(0).normal(size=(3, 8)).astype(np.float32)
    return make_memory(
        load_bundle(tiny_bundle).info, list(z), ["mug", "cup", "mug"], ["a", "b", "c"]
    )


def test_comes_back_as_it_was(memory: Memory, tmp_path: Path) -> None:
    write_memory(tmp_path / "m", memory)
    read = load_memory(tmp_path / "m")
    np.testing.assert_array_equal(read.embeddings, memory.embeddings)
    assert (read.names, read.classes.tolist()) == (["cup", "mug"], [1, 0, 1])
    assert read.sources == ["a", "b", "c"]
    assert [p.name for p in tmp_path.iterdir()] == ["m"]


def test_another_bundle_is_refused_by_name(memory: Memory, tiny_bundle: Path) -> None:
    info = load_bundle(tiny_bundle).info
    memory.check_bundle(info, "m")
    other = replace(info, name="other", sha256=info.sha256 | {"encoder.onnx": "0" * 64})
    with pytest.raises(MemoryFileError, match=r"m was made with bundle tiny .* in use is other"):
        memory.check_bundle(other, "m")


def test_nothing_is_overwritten_unasked_and_nothing_else_ever(
    memory: Memory, tmp_path: Path
) -> None:
    write_memory(tmp_path / "m", memory)
    with pytest.raises(UsageError, match="exists already"):
        write_memory(tmp_path / "m", memory)
    write_memory(tmp_path / "m", replace(memory, names=["x", "y"]), overwrite=True)
    assert load_memory(tmp_path / "m").names == ["x", "y"]
    (tmp_path / "thesis").mkdir()
    with pytest.raises(UsageError, match="not a labelled memory"):
        write_memory(tmp_path / "thesis", memory, overwrite=True)


def test_a_failure_leaves_nothing_behind(
    memory: Memory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "no space left")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(MachineError, match="cannot be written: no space"):
        write_memory(tmp_path / "m", memory)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"schema_version": 2}, "schema version 2"),
        ({"classes": [0, 1]}, "2 classes for embeddings"),
        ({"classes": [0, 1, 7]}, "a class has no name"),
        ({"classes": None}, "not what slowfeat remember writes"),
        ({"embeddings_sha256": "0"}, "was changed"),
    ],
)
def test_a_damaged_memory_is_named(
    memory: Memory, tmp_path: Path, change: dict[str, Any], reason: str
) -> None:
    write_memory(tmp_path / "m", memory)
    file = tmp_path / "m" / "memory.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | change))
    with pytest.raises(MemoryFileError, match=reason):
        load_memory(tmp_path / "m")


def test_pickled_embeddings_are_not_unpickled(memory: Memory, tmp_path: Path) -> None:
    from slowfeat.bundle import sha256

    write_memory(tmp_path / "m", memory)
    file = tmp_path / "m" / "embeddings.npy"
    np.save(file, np.array([{"a": 1}], dtype=object), allow_pickle=True)
    info = tmp_path / "m" / "memory.json"
    changed = json.loads(info.read_text()) | {"embeddings_sha256": sha256(file.read_bytes())}
    info.write_text(json.dumps(changed))
    with pytest.raises(MemoryFileError, match="not what slowfeat remember writes"):
        load_memory(tmp_path / "m")


def test_no_memory_there_says_what_makes_one(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="slowfeat remember makes one"):
        load_memory(tmp_path)


def test_an_empty_memory_can_be_kept_and_recognises_nothing(
    tiny_bundle: Path, tmp_path: Path
) -> None:
    write_memory(tmp_path / "m", make_memory(load_bundle(tiny_bundle).info, [], [], []))
    with pytest.raises(UsageError, match="labelled memory is empty"):
        load_memory(tmp_path / "m").labelled()
    shutil.rmtree(tmp_path / "m")
