"""What was written stays: every file is synced, and a crash or a full disk at any step loses
nothing that was finished.
"""

from __future__ import annotations

import json
import random
import shutil
import signal
from pathlib import Path
from typing import Any

import pytest
import torch

from slowfeat.bundle import Bundle, load_bundle, write_bundle
from slowfeat.cli import main
from slowfeat_trainer import runs
from tests.helpers.bag_factory import BagRecipe, make_bag
from tests.helpers.crashes import Watch, cut_power, files_of, full_disk_at, run_killed, state_of

INGEST = ["--size", "32x32", "--rate", "10"]
TRAIN = ["--preset", "drlim", "--steps", "40", "--batch-size", "8", "--dimension", "8"]


@pytest.fixture(scope="module")
def bags(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    folder = tmp_path_factory.mktemp("bags")
    return [str(make_bag(folder / f"b{k}", BagRecipe(frames=150 + k))) for k in range(2)]


@pytest.fixture(scope="module")
def dataset(bags: list[str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("data") / "data"
    assert main(["ingest", *bags, *INGEST, "--out", str(out)]) == 0
    return out


@pytest.fixture
def quick_export(monkeypatch: pytest.MonkeyPatch, tiny_bundle: Path) -> None:
    """Leave a bundle without exporting one, which takes seconds and is tested elsewhere."""
    tiny = load_bundle(tiny_bundle)

    def export(*args: Any) -> Bundle:
        return write_bundle(args[-1], tiny.info, tiny.encoder, tiny.transform, overwrite=True)

    monkeypatch.setattr(runs, "export_run", export)


def contents(folder: Path) -> dict[str, Any]:
    """What must be the same however often a command was stopped: no
    seconds, and weights as numbers.
    """
    found: dict[str, Any] = {}
    for file in files_of(folder):
        name = str(file.relative_to(folder))
        if file.name == "log.jsonl":
            lines = [json.loads(line) for line in file.read_text().splitlines()]
            found[name] = [{k: v for k, v in line.items() if k[-2:] != "_s"} for line in lines]
        elif file.suffix == ".pt":
            state = torch.load(file, weights_only=True)
            found[name] = [(k, v.tolist()) for k, v in state["method"].items()]
        else:
            found[name] = file.read_bytes()
    return found


def train_words(dataset: Path, out: Path) -> list[str]:
    return ["train", str(dataset), *TRAIN, "--out", str(out)]


def synced_by(words: list[str], monkeypatch: pytest.MonkeyPatch) -> Watch:
    watch = Watch()
    with monkeypatch.context() as patch:
        watch.install(patch)
        assert main(words) == 0
    return watch


@pytest.mark.usefixtures("quick_export")
def test_every_file_that_stays_was_synced_as_it_is(
    bags: list[str], dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commands = [
        ["ingest", *bags, *INGEST, "--out", str(tmp_path / "data")],
        train_words(dataset, tmp_path / "run"),
        [*train_words(dataset, tmp_path / "run"), "--seed", "2", "--overwrite"],
        ["export", str(tmp_path / "run"), "--out", str(tmp_path / "bundle")],
        [
            "inspect",
            str(dataset),
            "--json",
            str(tmp_path / "i.json"),
            "--html",
            f"{tmp_path}/i.html",
        ],
    ]
    for words in commands:
        before = {state_of(file) for file in files_of(tmp_path)}
        watch = synced_by(words, monkeypatch)
        new = [file for file in files_of(tmp_path) if state_of(file) not in before]
        assert new, words
        assert [str(file) for file in new if state_of(file) not in watch.synced] == [], words


def test_a_writer_that_does_not_sync_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch = Watch()
    with monkeypatch.context() as patch:
        watch.install(patch)
        (tmp_path / "a").write_text("text")
    assert state_of(tmp_path / "a") not in watch.synced


def crashes(
    words: list[str], out: Path, whole: Path, tmp_path: Path, points: int, steps: int
) -> None:
    """Stop a command at random steps, in each way, then let it go on: the end is
    that of one that was not stopped.
    """
    rng = random.Random(0)
    ways = [
        (signal.SIGKILL, None),
        (signal.SIGTERM, None),
        (signal.SIGINT, None),
        (signal.SIGKILL, True),
        (signal.SIGKILL, False),
    ]
    expected = contents(whole)
    for number in range(points):
        way, zeros = ways[number % len(ways)]
        at = rng.randint(1, steps)
        shutil.rmtree(out, ignore_errors=True)
        log = tmp_path / "synced"
        code = run_killed(words, at, way, log)
        if way == signal.SIGKILL:
            assert code == -signal.SIGKILL
        else:
            assert code in (143, 130, 0)
            assert not list(out.parent.glob(f".{out.name}.*")), at
        if zeros is not None and out.exists():
            cut_power(out, log, zeros)
        assert main(words) == 0, (at, way, zeros)
        assert contents(out) == expected, (at, way, zeros)


def steps_of(words: list[str], monkeypatch: pytest.MonkeyPatch) -> int:
    return synced_by(words, monkeypatch).count


@pytest.mark.parametrize("points", [3, pytest.param(20, marks=pytest.mark.slow)])
def test_an_ingest_that_was_stopped_anywhere_goes_on_to_the_same(
    bags: list[str], dataset: Path, points: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ["ingest", *bags, *INGEST, "--out", str(tmp_path / "data")]
    steps = steps_of(words, monkeypatch)
    crashes(words, tmp_path / "data", dataset, tmp_path, points, steps)


@pytest.mark.usefixtures("quick_export")
@pytest.mark.parametrize("points", [3, pytest.param(20, marks=pytest.mark.slow)])
def test_a_training_that_was_stopped_anywhere_goes_on_to_the_same(
    dataset: Path, points: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = tmp_path / "whole" / "run"
    steps = steps_of(train_words(dataset, whole), monkeypatch)
    out = tmp_path / "run"
    crashes(train_words(dataset, out), out, whole, tmp_path, points, steps)


def full_disks(
    words: list[str],
    out: Path,
    whole: Path,
    points: list[int],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for at in points:
        shutil.rmtree(out, ignore_errors=True)
        capsys.readouterr()
        with monkeypatch.context() as patch:
            full_disk_at(patch, at)
            assert main(words) == 1, at
        said = capsys.readouterr().err.strip().splitlines()[-1]
        assert "No space left on device" in said, (at, said)
        assert str(out) in said, (at, said)
        assert main(words) == 0, at
        assert contents(out) == contents(whole), at


@pytest.mark.usefixtures("quick_export")
@pytest.mark.parametrize("share", [8, pytest.param(1, marks=pytest.mark.slow)])
def test_a_disk_that_fills_up_at_any_step_is_one_line_and_the_command_goes_on(
    share: int,
    bags: list[str],
    dataset: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    words = ["ingest", *bags, *INGEST, "--out", str(tmp_path / "data")]
    steps = steps_of(words, monkeypatch)
    points = list(range(1, steps, share * 3))
    full_disks(words, tmp_path / "data", dataset, points, monkeypatch, capsys)
    whole = tmp_path / "whole" / "run"
    steps = steps_of(train_words(dataset, whole), monkeypatch)
    words, out = train_words(dataset, tmp_path / "run"), tmp_path / "run"
    full_disks(words, out, whole, list(range(1, steps, share * 2)), monkeypatch, capsys)
