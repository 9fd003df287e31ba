"""slowfeat tune as a user runs it: searches, is killed and goes on,
leaves settings that train takes.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from slowfeat import cli
from slowfeat_trainer.config.train_config import load_config
from slowfeat_trainer.ingest.dataset import open_dataset
from slowfeat_trainer.training import loop as training
from slowfeat_trainer.tuning import journal, trials
from slowfeat_trainer.tuning import study as tune
from tests.slowfeat_trainer.tuning.conftest import SMALL


def slowfeat(*words: object) -> int:
    return cli.main([str(word) for word in words])


@pytest.fixture(scope="module")
def dataset(drive: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("datasets") / "drive"
    assert slowfeat("ingest", drive, "--out", out, "--size", "32x32") == 0
    return out


# The same, on a dataset that is read already.
QUICK = tuple(word for word in SMALL if word not in ("--size", "32x32"))


def told(study: Path, json_file: Path, *words: object) -> dict[str, object]:
    assert slowfeat("tune", *words, "--out", study, "--json", json_file) == 0
    found: dict[str, object] = json.loads(json_file.read_text())
    return found


@pytest.mark.slow
def test_a_study_leaves_settings_that_train_takes(
    drive: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    study = tmp_path / "study"
    words = (drive, *SMALL[:-6], "--repeats", "1", "--trials", "3", *SMALL[-6:])
    found = told(study, tmp_path / "study.json", *words)
    said = capsys.readouterr().out
    assert "default" in said
    assert f"--config {study / 'best.yaml'}" in said
    assert found["criterion"] == "auc_time"
    rows = found["trials"]
    assert isinstance(rows, list)
    assert [r["number"] for r in rows] == [0, 1, 2]
    assert rows[0]["settings"] == {"learning_rate": 0.001, "drlim_margin": 1.0}
    best = load_config(study / "best.yaml")
    assert best.learning_rate == rows[found["best"]]["settings"]["learning_rate"]
    # A trial's budget is not a training's.
    assert best.steps == 600
    assert (best.dimension, best.reading.image_size) == (8, (32, 32))
    assert sorted(p.name for p in study.iterdir()) == [
        *("best.yaml", "dataset", "journal.jsonl", "lock", "study.json")
    ]
    words = ("--config", study / "best.yaml", "--steps", "2", "--out", tmp_path / "run")
    assert slowfeat("train", study / "dataset", *words) == 0


def test_killed_anywhere_it_goes_on_to_the_same_result(
    dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = (dataset, *QUICK, "--trials", "5")
    whole = told(tmp_path / "whole", tmp_path / "whole.json", *words)
    study = tmp_path / "killed"
    draw = training.draw_batch
    drawn = 0

    def kill_at(count: int) -> None:
        def counted(*args: object) -> object:
            nonlocal drawn
            drawn += 1
            if drawn == count:
                raise KeyboardInterrupt
            return draw(*args)  # type: ignore[arg-type]

        monkeypatch.setattr(training, "draw_batch", counted)

    # In the first trial, between two trials, and in the middle of a later one.
    for count in (3, 13, 9):
        drawn = 0
        kill_at(count)
        assert slowfeat("tune", *words, "--out", study) == 130
    monkeypatch.setattr(training, "draw_batch", draw)
    # A kill may also leave half a line behind, and Optuna's own lock.
    with (study / "journal.jsonl").open("a") as file:
        file.write('{"op_code":4,"wor')
    (study / "journal.jsonl.lock").symlink_to("journal.jsonl")
    assert told(study, tmp_path / "killed.json", *words) == whole
    assert (study / "best.yaml").read_text() == (tmp_path / "whole" / "best.yaml").read_text()
    assert not (study / "running").exists()


def test_finished_trials_are_not_done_again_and_more_can_be_asked_for(
    dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = tmp_path / "study"
    first = told(study, tmp_path / "a.json", dataset, *QUICK, "--trials", "2")

    def never(*_: object) -> None:
        raise AssertionError("trained again")

    with monkeypatch.context() as patch:
        patch.setattr(trials, "train", never)
        assert told(study, tmp_path / "b.json", dataset, *QUICK, "--trials", "2") == first
    more = told(study, tmp_path / "c.json", dataset, *QUICK, "--trials", "4")
    assert more["trials"][:2] == first["trials"]  # type: ignore[index]
    at_once = told(tmp_path / "once", tmp_path / "d.json", dataset, *QUICK, "--trials", "4")
    assert more == at_once


def test_a_killed_trial_goes_on_from_its_checkpoint(
    dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = (dataset, *QUICK, "--trials", "1", "--steps", "120")
    draw, steps = training.draw_batch, []

    def killed(data: object, config: object, step: int) -> object:
        steps.append(step)
        if step == 110 and len(steps) < 200:
            raise KeyboardInterrupt
        return draw(data, config, step)  # type: ignore[arg-type]

    monkeypatch.setattr(training, "draw_batch", killed)
    assert slowfeat("tune", *words, "--out", tmp_path / "study") == 130
    steps += [0] * 200
    assert slowfeat("tune", *words, "--out", tmp_path / "study") == 0
    # A checkpoint is written after 100 steps.
    assert steps[311:] == list(range(100, 120))


def test_a_loss_that_is_not_finite_and_a_collapse_are_recorded_and_do_not_stop_it(
    dataset: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    study = tmp_path / "study"
    words = (dataset, *QUICK, "--trials", "6", "--set", "weight_decay=0,1e6")
    words = (*words, "--set", "clip_norm=5,1e9", "--set", "learning_rate=0.001,10")
    found = told(study, tmp_path / "study.json", *words)
    rows = found["trials"]
    assert isinstance(rows, list)
    lost = [r for r in rows if r["outcome"] != "done"]
    assert lost
    assert all(r["reason"] and r["score"] is None for r in lost)
    assert found["best"] not in [r["number"] for r in lost]
    assert "are not counted" in capsys.readouterr().out


def test_where_every_trial_fails_it_says_why(
    dataset: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def fails(*_: object) -> None:
        raise FloatingPointError("the loss of batch 0 is not finite")

    monkeypatch.setattr(trials, "train", fails)
    words = (dataset, *QUICK, "--trials", "2", "--out", tmp_path / "study")
    assert slowfeat("tune", *words) == 1
    said = capsys.readouterr().err.splitlines()[-1]
    assert said == "slowfeat tune: none of 2 trials gave figures: the loss of batch 0 is not finite"


def test_cross_validation_goes_over_the_papers_grid_one_setting_after_the_other(
    dataset: Path, tmp_path: Path
) -> None:
    words = (dataset, *QUICK, "--by", "cross-validation", "--folds", "2", "--steps", "4")
    found = told(tmp_path / "study", tmp_path / "study.json", *words)
    assert found["criterion"] == "motion_gain"
    rows = found["trials"]
    assert isinstance(rows, list)
    rates = [r["settings"]["learning_rate"] for r in rows[:4]]
    assert rates == [0.001, 0.1, 0.01, 0.0001]
    kept = max(rows[:4], key=lambda r: r["score"] if r["score"] is not None else -9)
    assert {r["settings"]["learning_rate"] for r in rows[4:]} == {kept["settings"]["learning_rate"]}
    margins = {r["settings"]["drlim_margin"] for r in rows[4:]}
    assert margins == {0.1, 0.316, 3.16, 10.0}
    assert all(len(r["folds"]) == 2 for r in rows if r["outcome"] == "done")


@pytest.mark.slow
def test_with_labels_cross_validation_goes_by_the_classes(
    dataset: Path, headings: Path, tmp_path: Path
) -> None:
    words = (dataset, *QUICK, "--by", "cross-validation", "--folds", "2", "--steps", "40")
    words = (*words, "--labels", headings, "--set", "learning_rate=1e-3,1e-4")
    words = (*words, "--set", "drlim_margin=1", "--set", "regulariser_weight=1,0.1")
    found = told(tmp_path / "study", tmp_path / "study.json", *words)
    assert found["criterion"] == "accuracy"
    rows = found["trials"]
    assert isinstance(rows, list)
    assert len(rows) == 3
    assert max(r["score"] for r in rows) > 0.8


def test_another_study_a_foreign_folder_and_wrong_flags_are_one_clear_line(
    dataset: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    study = tmp_path / "study"
    assert slowfeat("tune", dataset, *QUICK, "--trials", "1", "--out", study) == 0

    def refused(*words: object, out: Path = study) -> str:
        capsys.readouterr()
        assert slowfeat("tune", dataset, *words, "--out", out) == 2
        said = capsys.readouterr().err.strip().splitlines()[-1]
        assert said.startswith("slowfeat tune: ")
        return said

    assert "study of other things (seed differ" in refused(*QUICK, "--seed", "4")
    assert "(by, criterion, folds differ)" in refused(*QUICK, "--by", "cross-validation")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("mine")
    assert "is no study of slowfeat tune" in refused(*QUICK, out=tmp_path / "mine")
    new = tmp_path / "new"
    assert "learns from labels" in refused("--preset", "clsnet", *QUICK[2:], out=new)
    assert "has no settings to choose" in refused("--preset", "sfa", out=new)
    assert "there are slowfeat, lie" in refused("--preset", "magic", out=new)
    assert "--trials is 0; it must lie within [1, " in refused(*QUICK, "--trials", "0", out=new)
    assert "--folds belongs to --by cross-validation" in refused("--folds", "3", out=new)
    words = ("--by", "cross-validation", "--trials", "9")
    assert "--trials belongs to --by coherence" in refused(*words, out=new)
    assert not new.exists()
    with journal.locked(study):
        assert "another slowfeat tune is at work" in refused(*QUICK, "--trials", "1")
    words = (*QUICK, "--trials", "1", "--seed", "4", "--overwrite", "--out", study)
    assert slowfeat("tune", dataset, *words) == 0


def test_trials_are_judged_on_the_calibration_block_and_never_on_the_test_part(
    dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []
    judge = trials.judge

    def watched(network: object, fold: object) -> object:
        seen.append(fold)
        return judge(network, fold)  # type: ignore[arg-type]

    monkeypatch.setattr(trials, "judge", watched)
    assert slowfeat("tune", dataset, *QUICK, "--trials", "1", "--out", tmp_path / "study") == 0
    stamps = open_dataset(dataset).recordings()[0].stamps
    fit = len(stamps) - round(0.4 * len(stamps))
    cut = fit - round(0.2 * fit)
    assert seen[0].fit.stamps.tolist() == stamps[:cut].tolist()
    assert seen[0].held.stamps.tolist() == stamps[cut:fit].tolist()


def test_the_journal_is_json_lines_and_the_study_names_no_other_folder(
    dataset: Path, tmp_path: Path
) -> None:
    study = tmp_path / "study"
    assert slowfeat("tune", dataset, *QUICK, "--trials", "2", "--out", study) == 0
    assert all(json.loads(x) for x in (study / "journal.jsonl").read_text().splitlines())
    assert yaml.safe_load((study / "best.yaml").read_text())["preset"] == "drlim"
    assert str(tmp_path) not in (study / tune.STUDY).read_text()
