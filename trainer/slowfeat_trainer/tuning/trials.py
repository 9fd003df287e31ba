"""One trial: a training for each fold, judged, and taken up again where it was killed."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from slowfeat.errors import MachineError, SlowfeatError, UsageError
from slowfeat.files import write_whole
from slowfeat.ownership import Kind, partial_of, remove
from slowfeat.schema import build, read_json
from slowfeat_trainer.config.train_config import TrainConfig, to_yaml
from slowfeat_trainer.data.labels import Labels
from slowfeat_trainer.data.recording import Camera
from slowfeat_trainer.methods.training_set import TrainingSet
from slowfeat_trainer.training.loop import train
from slowfeat_trainer.training.run_folder import CHECKPOINTS, CHECKPOINTS_FOLDER, CONFIG, TRAINING
from slowfeat_trainer.tuning.judging import Fold, TrialMetrics, judge
from slowfeat_trainer.tuning.spaces import Values

FIGURES = "figures.json"
# What a trial that runs, or was killed, has on disk.
TRIAL_FOLDER = Kind(
    "a trial of slowfeat tune",
    (
        *(CONFIG, partial_of(CONFIG), "fold*/"),
        *(f"fold*/{name}" for name in (*TRAINING, FIGURES, "figures.tmp", partial_of(FIGURES))),
    ),
    lambda _: True,
)
DONE, COLLAPSED, FAILED = "done", "collapsed", "failed"
# The figure that each way of choosing goes by.
AUC_TIME, MOTION_GAIN, ACCURACY = "auc_time", "motion_gain", "accuracy"


@dataclass(frozen=True)
class Row:
    """What is kept of a trial: no weights, all figures."""

    number: int
    settings: Values
    seed: int
    outcome: str = DONE
    # Why it failed or counts as collapsed.
    reason: str = ""
    # One a fold.
    folds: list[TrialMetrics] = field(default_factory=list)

    def scores(self, criterion: str) -> list[float]:
        """The criterion of each fold; a fold that could not be measured counts 0."""
        return [float(getattr(f, criterion) or 0.0) for f in self.folds]

    def mean(self, figure: str) -> float | None:
        """The mean of a figure over the folds; None where no fold has it."""
        values = [getattr(f, figure) for f in self.folds]
        known = [v for v in values if v is not None]
        return float(np.mean(known)) if known else None

    def score(self, criterion: str) -> float | None:
        """What it is ranked by; None for a trial that failed or collapsed."""
        return float(np.mean(self.scores(criterion))) if self.outcome == DONE else None


@dataclass(frozen=True)
class Bench:
    """What all trials of a study share."""

    folds: list[Fold]
    camera: Camera
    # Names of the classes, where there are labels.
    classes: list[str]
    # Where the trial that is running keeps its checkpoints.
    folder: Path


Show = Callable[[int, int, int], None]


def run_trial(bench: Bench, config: TrainConfig, number: int, settings: Values, show: Show) -> Row:
    """Train and judge one configuration on every fold.

    Killed, it goes on from its last checkpoint when it is called again with the same configuration.
    What comes of it does not depend on that (on the CPU). A loss that is not finite and an
    embedding that has collapsed are results like any other.

    Args:
        bench: the folds.
        config: with the trial's settings in it.
        number: of the trial.
        settings: the settings that are searched, to be kept in the row.
        show: called with (fold, updates done, updates in all).
    """
    row = Row(number, settings, config.seed)
    _begin(bench.folder, config)
    figures: list[TrialMetrics] = []
    for k, fold in enumerate(bench.folds):
        folder = bench.folder / f"fold{k}"
        done = folder / FIGURES
        if done.is_file():
            figures.append(_figures_in(done))
            continue
        folder.mkdir(parents=True, exist_ok=True)
        try:
            figures.append(_train_and_judge(bench, fold, config, folder, _of_fold(show, k, config)))
        except MachineError:  # says nothing of the settings
            raise
        except (SlowfeatError, FloatingPointError, np.linalg.LinAlgError) as error:
            reason = str(error).partition(";")[0]
            return dataclasses.replace(row, outcome=FAILED, reason=reason, folds=[])
        write_whole(done, json.dumps(dataclasses.asdict(figures[-1])))
        remove(folder / CHECKPOINTS, CHECKPOINTS_FOLDER)
    row = dataclasses.replace(row, folds=figures)
    if any(f.has_collapsed for f in figures):
        rank = min(f.effective_rank for f in figures)
        return dataclasses.replace(row, outcome=COLLAPSED, reason=f"effective rank {rank:.2f}")
    return row


def _figures_in(file: Path) -> TrialMetrics:
    """What a fold that was judged before has given.

    Raises:
        UsageError: the file is damaged; no fault of the trial's settings.
    """
    advice = "remove it, and the fold is trained again"
    stored = read_json(file, UsageError, advice)
    return build(TrialMetrics, stored, f"{file} ({advice})", UsageError)


def _of_fold(show: Show, fold: int, config: TrainConfig) -> Callable[[int], None]:
    return lambda done: show(fold, done, config.steps)


def _begin(folder: Path, config: TrainConfig) -> None:
    """Make room for a trial, unless it is this very one that was killed."""
    said = folder / CONFIG
    if said.is_file() and said.read_text(encoding="utf-8") == to_yaml(config):
        return
    remove(folder, TRIAL_FOLDER)
    folder.mkdir(parents=True)
    write_whole(said, to_yaml(config))


def training_set(bench: Bench, fold: Fold, config: TrainConfig) -> TrainingSet:
    """What a fold's batches are drawn from.

    Raises:
        BagError: too few pairs, or nothing moves.
    """
    labels = None if fold.fit_labels is None else Labels(bench.classes, fold.fit_labels)
    return TrainingSet.prepare(fold.fit, bench.camera, config, labels)


def _train_and_judge(
    bench: Bench, fold: Fold, config: TrainConfig, folder: Path, show: Callable[[int], None]
) -> TrialMetrics:
    data = training_set(bench, fold, config)
    method = train(data, config, folder, lambda done, _: show(done))
    return judge(method.cpu().encoder, fold)


def clear(folder: Path) -> None:
    """Throw away what the trial that has just been recorded left on disk."""
    remove(folder, TRIAL_FOLDER)
