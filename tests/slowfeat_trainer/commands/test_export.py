"""slowfeat export as a user calls it."""

from __future__ import annotations

from pathlib import Path

import pytest

from slowfeat import cli
from slowfeat.bundle import load_bundle


def slowfeat(*words: object) -> int:
    return cli.main([str(word) for word in words])


def test_without_a_flag_it_is_the_same_bundle(tiny_bundle: Path, tmp_path: Path) -> None:
    assert slowfeat("export", tiny_bundle, "--out", tmp_path / "copy") == 0
    before, after = load_bundle(tiny_bundle), load_bundle(tmp_path / "copy")
    assert (after.encoder, after.transform) == (before.encoder, before.transform)
    assert slowfeat("export", tiny_bundle, "--out", tmp_path / "copy") == 2


def test_without_frames_it_says_what_to_give(
    tiny_bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert slowfeat("export", tiny_bundle, "--out", tmp_path / "x", "--quantise", "int8") == 2
    assert "--on" in capsys.readouterr().err
