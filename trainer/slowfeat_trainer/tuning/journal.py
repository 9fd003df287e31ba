"""The study on disk: an Optuna journal of JSON lines, to which only finished trials are added.

A trial is asked for from a copy in memory, by a sampler whose seed is a pure function of (seed,
number of the trial). So nothing half-done is ever in the journal, and a study that was killed asks
for the very trial it was at.
"""

from __future__ import annotations

import dataclasses
import warnings
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import numpy as np
import optuna
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend, JournalFileSymlinkLock
from optuna.trial import FrozenTrial, TrialState

from slowfeat import files
from slowfeat.errors import SlowfeatError
from slowfeat.files import write_whole
from slowfeat_trainer.tuning.judging import TrialMetrics
from slowfeat_trainer.tuning.spaces import Setting, Values, tidy
from slowfeat_trainer.tuning.trials import DONE, Row

FILE, LOCK = "journal.jsonl", "lock"
# Optuna's names of what is searched, and of the trainings that confirm the result with other seeds.
TRIALS, AGAIN = "trials", "again"
# Drawn at random before the sampler models what it has seen.
RANDOM_TRIALS = 8
# Fewer finished trials do not show how much a setting matters.
TRIALS_FOR_IMPORTANCE = 10


def locked(folder: Path) -> AbstractContextManager[None]:
    """Keep a second process out of a study; a killed one keeps nobody out.

    Raises:
        UsageError: another process works on it.
    """
    return files.locked(folder / LOCK, f"another slowfeat tune is at work on {folder}; wait for it")


class Journal:
    """The finished trials of a study.

    Args:
        folder: of the study; locked by this process.
        space: the settings that are searched.
        criterion: the figure that is maximised.
        seed: of the sampler.
    """

    def __init__(self, folder: Path, space: list[Setting], criterion: str, seed: int) -> None:
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        self._space, self._criterion, self._seed = space, criterion, seed
        file = folder / FILE
        _mend(file)
        try:
            storage = JournalStorage(JournalFileBackend(str(file), _NoLock(str(file))))
            self._studies = {
                name: optuna.create_study(
                    storage=storage, study_name=name, direction="maximize", load_if_exists=True
                )
                for name in (TRIALS, AGAIN)
            }
            for name in self._studies:
                self.rows(name)
        except (OSError, MemoryError):
            raise
        except Exception as error:  # what Optuna makes of a damaged line
            raise SlowfeatError(
                f"{file} is damaged ({type(error).__name__}); --overwrite starts the study again"
            ) from error

    def rows(self, study: str = TRIALS) -> list[Row]:
        """The finished trials in their order."""
        return [_row(trial) for trial in self._studies[study].get_trials(deepcopy=False)]

    def add(self, row: Row, study: str = TRIALS) -> None:
        """Record a finished trial: one line, there or not there."""
        self._studies[study].add_trial(self._trial(row))

    def suggest(self, number: int) -> Values:
        """The settings of trial `number`, drawn from what the trials before it have shown (TPE)."""
        seed = int(np.random.SeedSequence([self._seed, number]).generate_state(1)[0])
        sampler = optuna.samplers.TPESampler(seed=seed, n_startup_trials=RANDOM_TRIALS)
        memory = optuna.create_study(sampler=sampler, direction="maximize")
        memory.add_trials(self._studies[TRIALS].get_trials(deepcopy=False)[:number])
        asked = memory.ask({s.name: _distribution(s) for s in self._space})
        return {s.name: _value(s, asked.params[s.name]) for s in self._space}

    def importance(self) -> dict[str, float] | None:
        """The share of each setting in what the criterion varies by
        (PED-ANOVA); None with few trials.
        """
        complete = self._studies[TRIALS].get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
        # The default stands outside where the user's range leaves it out.
        full = [t for t in complete if len(t.params) == len(self._space)]
        if len(full) < TRIALS_FOR_IMPORTANCE or len(self._space) < 2:
            return None
        memory = optuna.create_study(direction="maximize")
        memory.add_trials(full)
        evaluator = optuna.importance.PedAnovaImportanceEvaluator()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = optuna.importance.get_param_importances(memory, evaluator=evaluator)
        return {name: float(share) for name, share in found.items()}

    def _trial(self, row: Row) -> FrozenTrial:
        distributions = {s.name: _distribution(s) for s in self._space}
        # A default outside the range that is searched is a trial nevertheless, but gives the
        # sampler no information.
        inside = {
            s.name: int(row.settings[s.name])
            if s.is_integer and not s.is_choice
            else row.settings[s.name]
            for s in self._space
            if _is_inside(s, row.settings[s.name])
        }
        score = row.score(self._criterion)
        return optuna.create_trial(
            # Pruned, not failed: the sampler then keeps away from there.
            state=TrialState.COMPLETE if row.outcome == DONE else TrialState.PRUNED,
            value=score,
            params=inside,
            distributions={name: distributions[name] for name in inside},
            user_attrs={"row": dataclasses.asdict(row)},
        )


class _NoLock(JournalFileSymlinkLock):
    """In place of Optuna's lock, which an interrupt within it leaves behind or turns into an error:
    only one process has the study (`locked`).
    """

    def acquire(self) -> bool:
        """Nobody else is there."""
        return True

    def release(self) -> None:
        """As `acquire`."""


def _mend(file: Path) -> None:
    """Cut off a line that a kill left half-written, and a lock that it left behind."""
    for leftover in (".lock", ".lock.rename"):
        Path(f"{file}{leftover}").unlink(missing_ok=True)
    if file.is_file():
        content = file.read_bytes()
        whole = content[: content.rfind(b"\n") + 1]
        if whole != content:
            write_whole(file, whole)


def _row(trial: FrozenTrial) -> Row:
    stored: dict[str, Any] = dict(trial.user_attrs["row"])
    folds = [TrialMetrics(**figures) for figures in stored.pop("folds")]
    return Row(**stored, folds=folds)


def _distribution(setting: Setting) -> BaseDistribution:
    if setting.is_choice:
        return CategoricalDistribution(setting.grid)
    if setting.is_integer:
        return IntDistribution(int(setting.low), int(setting.high), log=setting.log)
    return FloatDistribution(setting.low, setting.high, log=setting.log)


def _is_inside(setting: Setting, value: float) -> bool:
    return value in setting.grid if setting.is_choice else setting.low <= value <= setting.high


def _value(setting: Setting, drawn: Any) -> float:
    return float(drawn) if setting.is_choice or setting.is_integer else tidy(setting, float(drawn))
