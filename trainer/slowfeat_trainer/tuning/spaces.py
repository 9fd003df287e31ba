"""What is searched: one table a method, and what the user says of a setting instead.

By coherence the range is searched, greedily the grid; a choice is of its values in both.
"""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass

from slowfeat.errors import UsageError
from slowfeat_trainer.config.change_settings import setting_of, with_changes
from slowfeat_trainer.config.method_settings import PooledSettings
from slowfeat_trainer.config.train_config import TrainConfig

Values = dict[str, float]


@dataclass(frozen=True)
class Setting:
    """One setting, and where it may lie."""

    # Of the run or of its method; "terms.NAME" is the weight of a term.
    name: str
    # Lowest and highest value; where they do not count (choices) those of the grid.
    low: float
    high: float
    # Candidates of the greedy search, or all there are.
    grid: tuple[float, ...]
    # Searched by its logarithm.
    log: bool = False
    # Only the values of the grid make sense.
    is_choice: bool = False
    is_integer: bool = False
    # Where range and grid come from.
    source: str = ""


def _rounded(value: float) -> float:
    return float(f"{value:.3g}")


def choice(name: str, values: tuple[float, ...], source: str) -> Setting:
    """One of a few values."""
    return Setting(name, min(values), max(values), values, is_choice=True, source=source)


def around(name: str, centre: float, source: str) -> Setting:
    """A weight or a margin: two steps of 10^0.5 to both sides (J), the range between them."""
    grid = tuple(_rounded(centre * 10 ** (k / 2)) for k in range(-2, 3))
    return Setting(name, grid[0], grid[-1], grid, log=True, source=source)


# fmt: off
LEARNING_RATE = Setting("learning_rate", 1e-4, 1e-2, (0.1, 0.01, 0.001, 0.0001), log=True,
                        source="J, appendix: from 0.1, 0.01, 0.001, 0.0001; the range is ours")
# Method: its settings in the order in which the greedy search takes them.
TABLE: dict[str, tuple[Setting, ...]] = {
    "dictionary": (
        LEARNING_RATE,
        choice("slowness", (0.0, 2.0), "G: beta is 2, or 0 for the sparse dictionary"),
        around("sparsity", 0.5, "G eq. 2 and 3: alpha, which is not published"),
    ),
    "pooled": (
        LEARNING_RATE,
        around("drlim_margin", 1.0, "J, appendix: 1.0"),
        around("equivariance_margin", 0.1, "J, appendix: 0.1 beside drlim, 1.0 alone"),
    ),
    "warp": (
        LEARNING_RATE,
        around("variance_weight", 1.0, "ours"),
        around("covariance_weight", 0.04, "ours; VICReg's share of the variance's weight"),
        around("row_variance_weight", 1.0, "ours"),
    ),
    "sfa": (),
}
# fmt: on
# A margin counts where one of these terms does.
MARGIN_OF = {
    "drlim_margin": ("drlim", "temporal", "steady"),
    "equivariance_margin": ("equivariance",),
}
LAMBDA = "J, appendix: lambda on a logarithmic grid, steps of 10^0.5"
# What a trial may not change: the budget and the seed have flags of their own.
NOT_SEARCHED = ("seed", "steps", "checkpoint_every")


def space_of(config: TrainConfig) -> list[Setting]:
    """The settings that matter for a configuration, in the order of the greedy search."""
    if not config.steps:
        return []
    found = [s for s in TABLE[config.method] if _matters(s, config)]
    # The first term's weight would only be another learning rate.
    for name, weight in list(_terms(config).items())[1:]:
        found.append(around(f"terms.{name}", weight, LAMBDA))
    found = [
        around(s.name, value_of(config, s.name), s.source) if s.name in MARGIN_OF else s
        for s in found
    ]
    if config.labels and not _terms(config).get("classification"):
        found.append(around("regulariser_weight", config.regulariser_weight, LAMBDA))
    return found


def _terms(config: TrainConfig) -> dict[str, float]:
    """Weights of the terms, where the method is a sum of some."""
    return config.settings.terms if isinstance(config.settings, PooledSettings) else {}


def _matters(setting: Setting, config: TrainConfig) -> bool:
    if setting.name == "slowness":
        return bool(setting_of(config, "penalty") == "slow")
    terms = MARGIN_OF.get(setting.name)
    return terms is None or any(_terms(config).get(term) for term in terms)


def with_wishes(
    config: TrainConfig, space: list[Setting], wishes: list[str]
) -> tuple[TrainConfig, list[Setting]]:
    """What the user's `--set` makes of a configuration and its space.

    NAME=LOW:HIGH[:log] is a range, NAME=A,B,C a list, NAME=VALUE holds the setting fast.

    Raises:
        UsageError: naming what makes no sense.
    """
    for wish in wishes:
        name, _, text = wish.partition("=")
        _refuse_unknown(name, config)
        found = _parse(name, text, wish, isinstance(value_of(config, name), int))
        space = [s for s in space if s.name != name]
        if found.low == found.high:
            config = with_values(config, {name: found.low})
        else:
            space = [*space, found]
        for value in (found.low, found.high):
            with_values(config, {name: value}).validate()
    return config, space


def _refuse_unknown(name: str, config: TrainConfig) -> None:
    known = [
        n
        for n, v in {**vars(config), **vars(config.settings)}.items()
        if isinstance(v, int | float) and not isinstance(v, bool) and n not in NOT_SEARCHED
    ]
    known += [f"terms.{term}" for term in _terms(config)]
    if name in NOT_SEARCHED:
        raise UsageError(
            f"--set {name}: give --{name.replace('_', '-')} itself, it is not searched"
        )
    if name not in known:
        raise UsageError(f"--set {name}: there is no such number; there are {', '.join(known)}")


def _parse(name: str, text: str, wish: str, is_integer: bool) -> Setting:
    log = text.endswith(":log")
    bounds = text.removesuffix(":log")
    try:
        if ":" in bounds:
            low, high = (float(part) for part in bounds.split(":"))
        else:
            values = tuple(float(part) for part in bounds.split(","))
            low, high = min(values), max(values)
        if not (math.isfinite(low) and math.isfinite(high) and low <= high):
            raise ValueError
        if (log and low <= 0) or (is_integer and not (low.is_integer() and high.is_integer())):
            raise ValueError
    except ValueError as error:
        kind = "whole numbers" if is_integer else "numbers"
        raise UsageError(
            f"--set {wish}: give NAME=LOW:HIGH, NAME=LOW:HIGH:log, NAME=A,B,C or NAME=VALUE, all "
            f"of them {kind}, LOW first, and above 0 for log"
        ) from error
    if ":" not in bounds:
        return dataclasses.replace(choice(name, values, "--set"), is_integer=is_integer)
    return Setting(
        name, low, high, _grid(low, high, log, is_integer), log, False, is_integer, "--set"
    )


def _grid(low: float, high: float, log: bool, is_integer: bool) -> tuple[float, ...]:
    """Steps of 10^0.5 from the lowest, or five even ones."""
    if log:
        count = math.floor(2 * math.log10(high / low) + 1e-9)
        steps = [low * 10 ** (k / 2) for k in range(count + 1)]
    else:
        steps = [low + k * (high - low) / 4 for k in range(5)]
    values = [float(round(v)) if is_integer else _rounded(v) for v in steps]
    return tuple(dict.fromkeys(min(max(v, low), high) for v in values))


def tidy(setting: Setting, value: float) -> float:
    """A value rounded to what can be read aloud, within the setting's bounds."""
    return min(max(_rounded(value), setting.low), setting.high)


def value_of(config: TrainConfig, name: str) -> float:
    """The value that a configuration has of a setting."""
    value: float = setting_of(config, name)
    return value


def with_values(config: TrainConfig, values: Values) -> TrainConfig:
    """A configuration with other values of some settings."""
    typed = {
        name: int(value) if isinstance(setting_of(config, name), int) else value
        for name, value in values.items()
    }
    return with_changes(config, typed)


def values_of(config: TrainConfig, space: list[Setting]) -> Values:
    """The values that a configuration has of all settings of a space."""
    return {setting.name: value_of(config, setting.name) for setting in space}
