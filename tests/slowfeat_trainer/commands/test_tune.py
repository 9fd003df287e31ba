"""The plan that the flags of `slowfeat tune` ask for."""

from __future__ import annotations

import pytest

from slowfeat.errors import UsageError
from slowfeat_trainer.commands import tune
from slowfeat_trainer.commands.tune import FOLDS, REPEATS, TRIALS, plan_of
from tests.helpers.command_arguments import parsed

pytest.importorskip("optuna")
FLAGS = ("bag", "--out", "study")
CROSS = ("--by", "cross-validation")


def test_flags_make_the_plan() -> None:
    words = ("--preset", "drlim", "--trials", "5", "--repeats", "0", "--steps", "9", "--seed", "2")
    plan = plan_of(parsed(tune, *FLAGS, *words, "--set", "dimension=8"))
    assert (plan.by, plan.trials, plan.repeats) == ("coherence", 5, 0)
    assert (plan.config.steps, plan.config.seed, plan.config.dimension) == (9, 2, 8)
    # best.yaml has the preset's own number of updates.
    assert plan.steps > 9
    assert "dimension" not in {setting.name for setting in plan.space}


def test_by_itself_it_makes_the_usual_number_of_trials() -> None:
    plan = plan_of(parsed(tune, *FLAGS))
    assert (plan.trials, plan.folds, plan.repeats) == (TRIALS, FOLDS, REPEATS)
    assert plan_of(parsed(tune, *FLAGS, *CROSS, "--folds", "5")).folds == 5


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--trials", "0"), "--trials is 0; it must lie within"),
        ((*CROSS, "--folds", "1"), "--folds is 1; it must lie within"),
        (("--folds", "3"), "--folds belongs to --by cross-validation"),
        ((*CROSS, "--trials", "3"), "--trials belongs to --by coherence"),
        (("--repeats", "-1"), "--repeats is -1; it must lie within"),
        (("--preset", "magic"), "magic"),
    ],
)
def test_wrong_use_is_refused_by_the_flag(words: tuple[str, ...], says: str) -> None:
    with pytest.raises(UsageError, match=says):
        plan_of(parsed(tune, *FLAGS, *words))
