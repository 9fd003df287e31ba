"""slowfeat report writes one file, or says what is wrong."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.slowfeat_trainer.report.conftest import slowfeat


def test_the_command_writes_one_file(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "report.html"
    assert slowfeat("report", run, "--out", out, "--without-frames") == 0
    assert "open it in any browser" in capsys.readouterr().out
    assert list(tmp_path.iterdir()) == [out]


def test_a_bundle_alone_needs_frames_from_elsewhere(
    run: Path, bag: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    alone = tmp_path / "robot" / "bundle"
    shutil.copytree(run / "bundle", alone)
    out = tmp_path / "report.html"
    assert slowfeat("report", alone, "--out", out) == 2
    assert "say which bag or dataset with --on" in capsys.readouterr().err
    assert slowfeat("report", alone, "--on", bag, "--out", out) == 0
    page = out.read_text()
    # No log, no training curves; all else is there.
    assert 'id="training"' not in page
    assert 'id="futures"' in page


def test_wrong_use_is_told_before_any_work(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert slowfeat("report", run, "--out", tmp_path) == 2
    assert "give a file" in capsys.readouterr().err
    assert slowfeat("report", run, "--on", tmp_path / "no", "--out", tmp_path / "a.html") == 2
    assert "does not exist" in capsys.readouterr().err
