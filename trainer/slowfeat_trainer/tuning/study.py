"""`slowfeat tune`: from bags to the settings that suit them.

STUDY/study.json       what is searched, on what, how
STUDY/journal.jsonl    the finished trials (an Optuna journal)
STUDY/best.yaml        a configuration for slowfeat train --config
STUDY/dataset          the bags as read; only where bags were given
STUDY/running          checkpoints of the trial at hand; gone when it is done
"""

from __future__ import annotations

import dataclasses
import json
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from slowfeat.errors import SlowfeatError, UsageError
from slowfeat.files import PARTIAL, write_whole, writing
from slowfeat.ownership import Kind, check_ours, partial_of, put_in_place, remove, stands_at
from slowfeat.schema import read_json
from slowfeat_trainer.config.train_config import TrainConfig, config_from, to_yaml
from slowfeat_trainer.console.terminal import progress_bar, say
from slowfeat_trainer.data.labels import classes_of_frames
from slowfeat_trainer.data.recording import Recording
from slowfeat_trainer.ingest.dataset import DATASET_FOLDER
from slowfeat_trainer.methods import build_method
from slowfeat_trainer.runs import get_recordings, seen_by
from slowfeat_trainer.training.run_folder import DATA, begun_anew
from slowfeat_trainer.tuning.folds import calibration_fold, cross_validation_folds
from slowfeat_trainer.tuning.greedy import budget, next_candidate
from slowfeat_trainer.tuning.journal import AGAIN, FILE, LOCK, Journal, locked
from slowfeat_trainer.tuning.spaces import Setting, Values, values_of, with_values
from slowfeat_trainer.tuning.study_result import NAMES, Result, best_of
from slowfeat_trainer.tuning.trials import (
    ACCURACY,
    AUC_TIME,
    DONE,
    MOTION_GAIN,
    TRIAL_FOLDER,
    Bench,
    Row,
    clear,
    run_trial,
    training_set,
)

STUDY, BEST, RUNNING = "study.json", "best.yaml", "running"


def _is_ours(study: Path) -> bool:
    """Whether study.json is one; where it is damaged, whether a journal lies beside it."""
    try:
        about = json.loads((study / STUDY).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return False
    except (OSError, ValueError, RecursionError):
        return (study / FILE).is_file()
    return isinstance(about, dict) and {"by", "criterion", "space", "configuration"} <= set(about)


# What --overwrite may start anew.
STUDY_FOLDER = Kind(
    "a study",
    (
        *(STUDY, partial_of(STUDY), "study.tmp", BEST, partial_of(BEST), f"{BEST}.tmp", LOCK),
        *(FILE, partial_of(FILE), f"{FILE}.lock", f"{FILE}.lock.rename", f"{DATA}/", f"{RUNNING}/"),
        *(*DATASET_FOLDER.below(DATA), *TRIAL_FOLDER.below(RUNNING)),
    ),
    _is_ours,
)
COHERENCE, CROSS_VALIDATION = "coherence", "cross-validation"


@dataclass(frozen=True)
class Plan:
    """What a study does."""

    # COHERENCE or CROSS_VALIDATION.
    by: str
    # The default, with the steps of a trial.
    config: TrainConfig
    space: list[Setting]
    # By coherence: trials in all, the default among them.
    trials: int
    # By cross-validation: folds.
    folds: int
    # Seeds with which best and default are trained again.
    repeats: int
    # Steps of a training with the settings that are found.
    steps: int

    @property
    def criterion(self) -> str:
        """The figure that is maximised."""
        if self.by == COHERENCE:
            return AUC_TIME
        return ACCURACY if self.config.labels else MOTION_GAIN


def tune(paths: list[Path], study: Path, plan: Plan, overwrite: bool = False) -> Result:
    """Search, or go on searching, and write STUDY/best.yaml.

    Raises:
        UsageError: the folder holds something else, or a study of other things.
        SlowfeatError: the bags cannot be used, or no trial gave figures.
    """
    if not plan.space:
        raise UsageError(
            f"preset {plan.config.preset} has no settings to choose: it learns nothing step by "
            "step, or --set holds them all"
        )
    inputs: list[str | Path] = [*paths, *filter(None, (plan.config.labels, plan.config.init))]
    is_anew = overwrite and stands_at(study)
    if is_anew:
        check_ours(study, STUDY_FOLDER, inputs)
    else:
        refuse_foreign(study)
    is_new = not study.exists()
    config = plan.config
    beside = begun_anew(study, STUDY_FOLDER, STUDY, paths, config.reading, config.split)
    try:
        # The old one is kept, and kept from others, until all is there that the new one needs.
        with (
            locked(study) if is_anew else nullcontext(),
            beside if is_anew else nullcontext(study) as work,
        ):
            recordings, config = get_recordings(paths, work, config)
            plan = dataclasses.replace(plan, config=config)
            with writing(study):
                study.mkdir(parents=True, exist_ok=True)
            bench = _bench(recordings, plan, study)
            if is_anew:
                _begin(work, plan, recordings)
                put_in_place(work, study, STUDY_FOLDER, inputs)
    except SlowfeatError:
        if is_new:
            with suppress(SlowfeatError):
                remove(study, STUDY_FOLDER)
            # Without a study in it yet it carries no mark, and is empty.
            with suppress(OSError):
                study.rmdir()
        raise
    # Optuna writes its journal itself.
    with locked(study), writing(study):
        _begin(study, plan, recordings)
        journal = Journal(study, plan.space, plan.criterion, plan.config.seed)
        try:
            _search(plan, bench, journal)
            _again(plan, bench, journal)
            # Of a trial that was noted just before its process was stopped.
            clear(bench.folder)
        except KeyboardInterrupt:
            say(f"trials done: {len(journal.rows())}; the same command continues from there")
            raise
        result = Result(journal.rows(), plan.criterion, journal.rows(AGAIN), journal.importance())
        if plan.by == CROSS_VALIDATION:
            # Along one line after the other the settings do not vary together: shares would
            # mislead.
            result = dataclasses.replace(result, importance=None)
        _write_best(study, plan, result)
    return result


def _search(plan: Plan, bench: Bench, journal: Journal) -> None:
    default = values_of(plan.config, plan.space)
    total = plan.trials if plan.by == COHERENCE else budget(plan.space, default)
    rows = journal.rows()
    if rows:
        say(f"trials done already: {len(rows)}")
    while True:
        number = len(rows)
        if plan.by == CROSS_VALIDATION:
            settings = next_candidate(plan.space, default, rows, plan.criterion)
        elif number >= total:
            settings = None
        else:
            settings = journal.suggest(number) if number else default
        if settings is None:
            return
        row = _tried(rows, settings, number)
        if row is None:
            config = with_values(plan.config, settings)
            row = _run(bench, config, settings, number, f"trial {number}")
        journal.add(row)
        clear(bench.folder)
        rows.append(row)
        _tell(rows, plan, total)


def _tried(rows: list[Row], settings: Values, number: int) -> Row | None:
    """The figures of the same settings, where they were drawn before (lists of few values)."""
    same = next((row for row in rows if row.settings == settings), None)
    return None if same is None else dataclasses.replace(same, number=number)


def _again(plan: Plan, bench: Bench, journal: Journal) -> None:
    """Train the best and the default with other seeds: the best of many is best by luck, too."""
    rows = journal.rows()
    best, default = best_of(rows, plan.criterion), rows[0]
    if best is None or best is default or default.outcome != DONE:
        return
    done = journal.rows(AGAIN)
    for k in range(plan.repeats):
        seed = plan.config.seed + 1 + k
        for row in (best, default):
            if any(d.settings == row.settings and d.seed == seed for d in done):
                continue
            config = dataclasses.replace(with_values(plan.config, row.settings), seed=seed)
            name = "best" if row is best else "default"
            label = f"{name} again, seed {seed}"
            journal.add(_run(bench, config, row.settings, row.number, label), AGAIN)
            clear(bench.folder)


def _run(bench: Bench, config: TrainConfig, settings: Values, number: int, label: str) -> Row:
    with progress_bar(config.steps * len(bench.folds), label, "step") as bar:

        def show(fold: int, done: int, of: int) -> None:
            bar.update(fold * of + done - bar.n)

        return run_trial(bench, config, number, settings, show)


def _tell(rows: list[Row], plan: Plan, total: int) -> None:
    row = rows[-1]
    what = ", ".join(f"{name} {value:g}" for name, value in row.settings.items())
    score = row.score(plan.criterion)
    came = f"{row.outcome}, {row.reason}"
    if score is not None:
        best = best_of(rows, plan.criterion)
        top = score if best is None else best.score(plan.criterion) or 0.0
        came = f"{NAMES[plan.criterion]} {score:.3f} (best {top:.3f})"
    say(f"[{len(rows)}/{total}] trial {row.number}: {what}: {came}")


def _bench(recordings: list[Recording], plan: Plan, study: Path) -> Bench:
    config = plan.config
    if plan.by == COHERENCE:
        folds = [calibration_fold(recordings, config)]
    else:
        folds = cross_validation_folds(recordings, config, plan.folds)
    classes: list[str] = []
    if config.labels:
        classes = classes_of_frames(Path(config.labels), recordings, folds[0].fit).names
    camera = seen_by(recordings[0].camera, config)
    bench = Bench(folds, camera, classes, study / RUNNING)
    for fold in folds:
        # A bag too short and labels that are missing are no fault of a trial.
        build_method(training_set(bench, fold, config), config)
    return bench


def refuse_foreign(study: Path) -> None:
    """Refuse to work in a folder that holds something else.

    Raises:
        UsageError: it does, or it is a file.
    """
    if (study / STUDY).is_file() or not study.exists():
        return
    # What a study leaves that was killed while it read the bags.
    begun = {DATA, LOCK}
    if not study.is_dir() or any(
        item.name not in begun and not item.name.endswith(PARTIAL) for item in study.iterdir()
    ):
        raise UsageError(f"{study} exists and is no study of slowfeat tune; choose another --out")


def _begin(study: Path, plan: Plan, recordings: list[Recording]) -> None:
    """Write down what the study is about, or see that it is the same as before.

    Raises:
        UsageError: it was about something else.
    """
    about: dict[str, Any] = {
        "by": plan.by,
        "criterion": plan.criterion,
        "folds": plan.folds if plan.by == CROSS_VALIDATION else 1,
        "bags": [{"name": r.path.name, "sha256": r.sha256} for r in recordings],
        "space": [dataclasses.asdict(setting) for setting in plan.space],
        "configuration": dataclasses.asdict(plan.config),
    }
    about = json.loads(json.dumps(about))
    file = study / STUDY
    if file.is_file():
        before = read_json(file, UsageError, "--overwrite starts the study again")
        if isinstance(before.get("configuration"), dict):
            # Older studies have the settings of all methods side by side.
            stored = dataclasses.asdict(config_from(before["configuration"], str(file)))
            before["configuration"] = json.loads(json.dumps(stored))
        if before != about:
            old, new = (x | x.pop("configuration") for x in (before, about))
            changed = [name for name in new if old.get(name) != new[name]]
            raise UsageError(
                f"{study} is a study of other things ({', '.join(changed)} differ); choose "
                "another --out, or use --overwrite to start it again"
            )
        return
    write_whole(file, json.dumps(about, indent=2) + "\n")


def _write_best(study: Path, plan: Plan, result: Result) -> None:
    best = result.best
    if best is None:
        reasons = "; ".join(dict.fromkeys(row.reason for row in result.rows))
        raise SlowfeatError(f"none of {len(result.rows)} trials gave figures: {reasons}")
    config = dataclasses.replace(with_values(plan.config, best.settings), steps=plan.steps)
    score = best.score(plan.criterion) or 0.0
    head = (
        f"# Chosen by slowfeat tune --by {plan.by}: trial {best.number} of {len(result.rows)}, "
        f"{NAMES[plan.criterion]} {score:.3f} after {plan.config.steps} steps.\n"
    )
    write_whole(study / BEST, head + to_yaml(config))
