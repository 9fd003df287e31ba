"""What is searched for which method, and what the user may say of it."""

from __future__ import annotations

import math

import pytest

from slowfeat.errors import UsageError
from slowfeat_trainer.config.change_settings import setting_of
from slowfeat_trainer.config.preset_table import PRESETS
from slowfeat_trainer.config.train_config import config_of_preset
from slowfeat_trainer.tuning.spaces import (
    TABLE,
    space_of,
    values_of,
    with_values,
    with_wishes,
)


def names(preset: str, **changes: object) -> list[str]:
    return [s.name for s in space_of(config_of_preset(preset, **changes))]


def test_each_method_is_searched_over_what_matters_in_it() -> None:
    assert names("goroshin_1") == ["learning_rate", "slowness", "sparsity"]
    assert names("group_1") == ["learning_rate", "sparsity"]
    assert names("drlim") == ["learning_rate", "drlim_margin"]
    assert names("lsm") == ["learning_rate"]
    assert names("equiv_drlim") == [
        *("learning_rate", "drlim_margin", "equivariance_margin", "terms.drlim")
    ]
    assert "row_variance_weight" in names("slowfeat")
    assert names("sfa") == names("random") == []
    assert names("drlim", labels="x.csv") == ["learning_rate", "drlim_margin", "regulariser_weight"]
    assert names("clsnet", labels="x.csv") == ["learning_rate"]


def test_the_papers_grids_stand_in_the_table() -> None:
    rate = TABLE["pooled"][0]
    assert rate.grid == (0.1, 0.01, 0.001, 0.0001)
    slowness = next(s for s in TABLE["dictionary"] if s.name == "slowness")
    assert slowness.grid == (0.0, 2.0)
    assert slowness.is_choice
    weight = space_of(config_of_preset("equiv_drlim"))[-1]
    steps = [math.log10(b / a) for a, b in zip(weight.grid[:-1], weight.grid[1:], strict=True)]
    assert steps == pytest.approx([0.5] * 4, abs=1e-2)
    assert all(s.source for rows in TABLE.values() for s in rows)


@pytest.mark.parametrize("preset", PRESETS)
def test_every_default_lies_in_its_range_and_every_bound_is_allowed(preset: str) -> None:
    config = config_of_preset(preset, labels="x.csv")
    for setting in space_of(config):
        assert setting.low <= values_of(config, [setting])[setting.name] <= setting.high
        for value in (setting.low, setting.high, *setting.grid):
            with_values(config, {setting.name: value}).validate()


def test_a_wish_adds_replaces_or_holds() -> None:
    config = config_of_preset("drlim")
    wishes = ["learning_rate=1e-3:1e-1:log", "dimension=16,32", "drlim_margin=2", "patterns=2:6"]
    config, space = with_wishes(config, space_of(config), wishes)
    assert setting_of(config, "drlim_margin") == 2.0
    rate, dimension, patterns = space
    assert rate.grid == pytest.approx((1e-3, 3.16e-3, 1e-2, 3.16e-2, 1e-1))
    assert (rate.low, rate.high, rate.log) == (1e-3, 1e-1, True)
    assert (dimension.grid, dimension.is_choice, dimension.is_integer) == ((16, 32), True, True)
    assert patterns.grid == (2, 3, 4, 5, 6)
    changed = with_values(config, {"dimension": 32.0, "terms.drlim": 0.5})
    assert isinstance(changed.dimension, int)
    assert setting_of(changed, "terms") == {"drlim": 0.5}
    assert setting_of(config, "terms") == {"drlim": 1.0}


@pytest.mark.parametrize(
    ("wish", "says"),
    [
        ("speed=1:2", "there is no such number; there are "),
        ("preset=1", "there is no such number"),
        ("mirror=0,1", "there is no such number"),
        ("terms.lsm=1", "there is no such number"),
        ("seed=1:5", "give --seed itself"),
        ("dimension=1.5:8", "whole numbers"),
        ("learning_rate=0:1:log", "above 0 for log"),
        ("learning_rate=2:1", "LOW first"),
        ("learning_rate=nan:1", "give NAME=LOW:HIGH"),
        ("learning_rate", "give NAME=LOW:HIGH"),
        ("learning_rate=1:100", r"must lie within \[1e-08, 10.0\]"),
    ],
)
def test_a_wish_that_makes_no_sense_is_refused(wish: str, says: str) -> None:
    config = config_of_preset("drlim")
    with pytest.raises(UsageError, match=says):
        with_wishes(config, space_of(config), [wish])
