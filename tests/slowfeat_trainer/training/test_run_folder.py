"""A run that is started anew: what it was until all is there that the new one needs, and never
somebody else's folder.
"""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path
from typing import Any

import pytest

from slowfeat.bundle import Bundle, load_bundle, write_bundle
from slowfeat.cli import main
from slowfeat.errors import UsageError
from slowfeat.ownership import check_ours
from slowfeat_trainer import runs
from slowfeat_trainer.ingest.dataset import open_dataset
from slowfeat_trainer.training.run_folder import RUN_FOLDER
from tests.helpers.bag_factory import BagRecipe, make_bag

QUICK = ["--preset", "drlim", "--steps", "2", "--batch-size", "8", "--dimension", "8"]


def train(*words: object) -> int:
    return main(["train", *map(str, words), *QUICK])


def everything(folder: Path) -> dict[str, bytes]:
    return {str(p): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


@pytest.fixture(autouse=True)
def quick_export(monkeypatch: pytest.MonkeyPatch, tiny_bundle: Path) -> None:
    """Leave a bundle without exporting one, which takes seconds and is tested elsewhere."""
    tiny = load_bundle(tiny_bundle)

    def export(*args: Any) -> Bundle:
        recordings, target = args[3], args[-1]
        info = dataclasses.replace(tiny.info, image_size=list(recordings[0].frames.shape[1:3]))
        return write_bundle(target, info, tiny.encoder, tiny.transform, overwrite=True)

    monkeypatch.setattr(runs, "export_run", export)


@pytest.fixture(scope="module")
def bags(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("bags")
    return [make_bag(folder / f"drive{k}", BagRecipe(frames=300 + 10 * k)) for k in range(2)]


@pytest.fixture
def run(bags: list[Path], tmp_path: Path) -> Path:
    assert train(bags[0], "--out", tmp_path / "run", "--size", "32x32") == 0
    return tmp_path / "run"


def test_another_size_is_read_anew_and_the_dataset_stays(bags: list[Path], run: Path) -> None:
    assert train(bags[0], "--out", run, "--size", "40x32", "--overwrite") == 0
    assert open_dataset(run / "dataset").options.image_size == (32, 40)
    assert load_bundle(run).info.image_size == [32, 40]
    assert [p.name for p in run.parent.iterdir()] == ["run"]


def test_what_was_read_the_same_way_is_not_read_again(bags: list[Path], run: Path) -> None:
    frames = next(run.glob("dataset/bags/*/frames.npy"))
    inode = frames.stat().st_ino
    words = ["--out", run, "--size", "32x32", "--overwrite", "--seed", 3]
    assert train(*bags, *words) == 0
    assert frames.stat().st_ino == inode
    assert train(bags[1], *words) == 0
    assert [entry.name for entry in open_dataset(run / "dataset").entries] == ["drive1"]


def test_a_bag_that_cannot_be_used_leaves_the_old_run(
    run: Path, tmp_path: Path, bags: list[Path]
) -> None:
    before = everything(tmp_path)
    short = make_bag(tmp_path.parent / "short", BagRecipe(frames=17))
    assert train(short, "--out", run, "--size", "32x32", "--overwrite") == 1
    assert train(tmp_path / "none", "--out", run, "--size", "32x32", "--overwrite") == 2
    assert everything(tmp_path) == before


def test_bags_of_a_command_that_was_refused_are_not_learned_from(
    bags: list[Path], run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--out", run, "--size", "32x32"]
    assert train(*bags, *words) == 2
    assert "other bags" in capsys.readouterr().err
    assert train(bags[0], *words) == 0
    assert "finished already" in capsys.readouterr().out


@pytest.mark.parametrize("foreign", ["notes.txt", "dataset/notes.txt", "bundle/notes.txt", "src/"])
def test_a_run_that_holds_something_else_stays(
    foreign: str, bags: list[Path], run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if foreign.endswith("/"):
        (run / foreign).mkdir()
    else:
        (run / foreign).write_text("thesis")
    before = everything(run)
    assert train(bags[0], "--out", run, "--size", "32x32", "--overwrite") == 2
    assert f"it holds {foreign}, which slowfeat has not written" in capsys.readouterr().err
    assert everything(run) == before


def test_a_project_with_settings_is_no_run(bags: list[Path], tmp_path: Path) -> None:
    project = tmp_path / "project"
    (project / "checkpoints").mkdir(parents=True)
    (project / "config.yaml").write_text("preset: a\nseed: 1\nmodel: b\n")
    (project / "checkpoints" / "step_000100.pt").write_bytes(b"theirs")
    before = everything(project)
    assert train(bags[0], "--out", project, "--size", "32x32", "--overwrite") == 2
    assert everything(project) == before


def test_the_bag_is_never_removed(
    bags: list[Path], run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bag = Path(shutil.copytree(bags[0], run / "dataset" / "bags" / "mine"))
    before = everything(run)
    assert train(bag, "--out", run, "--size", "32x32", "--overwrite") == 2
    assert "what this command reads" in capsys.readouterr().err
    assert everything(run) == before


def test_runs_of_before_and_damaged_ones_are_ours(run: Path, tmp_path: Path) -> None:
    check_ours(run, RUN_FOLDER)
    # What a killed command of before has left.
    (run / ".bundle.x1y2z3").mkdir()
    (run / ".bundle.x1y2z3" / "encoder.onnx").write_bytes(b"half")
    (run / "checkpoints" / "step_000200.tmp").write_bytes(b"half")
    check_ours(run, RUN_FOLDER)
    for damage in ("", "preset: drlim\nmeth", "\0" * 100):
        (run / "config.yaml").write_text(damage)
        check_ours(run, RUN_FOLDER)
    for file in ("config.yaml", "bags.json"):
        (run / file).write_text("")
    check_ours(run, RUN_FOLDER)
    shutil.rmtree(run / "dataset")
    shutil.rmtree(run / "bundle")
    with pytest.raises(UsageError, match="is not a run"):
        check_ours(run, RUN_FOLDER)
