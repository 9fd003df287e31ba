"""Numbers on the command line: every flag has bounds, and says them in one line."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

import pytest

from slowfeat import cli
from slowfeat.flags import MOST_SEED, SEED, Within, number, whole

NO_NUMBERS = ["nan", "inf", "-inf", "1e308", "-1e308", "9" * 5000, "", "x", "0x10", "\x1b[2J"]


def all_flags() -> Iterator[tuple[str, argparse.Action]]:
    """Each command with each of its flags."""
    for action in cli.build_parser(cli.find_commands())._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, parser in action.choices.items():
                yield from ((name, flag) for flag in parser._actions)


NUMBERS = [
    pytest.param(name, flag, id=f"{name} {flag.option_strings[0]}")
    for name, flag in all_flags()
    if isinstance(flag.type, Within)
]


def test_no_flag_takes_a_number_without_bounds() -> None:
    assert len(NUMBERS) > 60
    bare = [
        f"{name} {'/'.join(flag.option_strings)}"
        for name, flag in all_flags()
        if flag.type in (int, float, complex)
        or (flag.type is None and isinstance(flag.default, int | float) and flag.nargs is None)
    ]
    assert bare == []


@pytest.mark.parametrize(("name", "flag"), NUMBERS)
def test_what_is_no_number_within_the_bounds_is_refused_in_one_line(
    name: str, flag: argparse.Action, capsys: pytest.CaptureFixture[str]
) -> None:
    (option, *_) = flag.option_strings
    bounds = flag.type
    assert isinstance(bounds, Within)
    beyond = [bounds.low - 1, bounds.high + 1]
    for text in [*NO_NUMBERS, *map(str, beyond)]:
        with pytest.raises(argparse.ArgumentTypeError):
            bounds(text)
    assert cli.main([name, f"{option}=nan"]) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"slowfeat {name}: {option} is "), said
    assert bounds.bounds in said
    assert said.count("\n") == 1


@pytest.mark.parametrize(("name", "flag"), NUMBERS)
def test_the_default_and_the_bounds_are_within_the_bounds(name: str, flag: argparse.Action) -> None:
    bounds = flag.type
    assert isinstance(bounds, Within)
    assert bounds(str(bounds.low)) == bounds.low, name
    assert bounds(str(bounds.high)) == bounds.high, name
    if flag.default is not None:
        assert bounds(str(flag.default)) == flag.default


def test_a_long_or_unprintable_value_is_one_short_line(capsys: pytest.CaptureFixture[str]) -> None:
    for text in ("9" * 5000, "\x1b[2J\n"):
        assert cli.main(["simulate", f"--seed={text}"]) == 2
        said = capsys.readouterr().err
        assert said.count("\n") == 1
        assert len(said) < 200
        assert "\x1b" not in said


def test_a_number_is_what_it_says() -> None:
    assert whole(1, 5)(" 3 ") == 3
    assert number(-1, 1)("-.5") == -0.5
    assert SEED(str(MOST_SEED)) == MOST_SEED
    with pytest.raises(argparse.ArgumentTypeError, match=r"is 6; it must lie within \[1, 5\]"):
        whole(1, 5)("6")
    with pytest.raises(argparse.ArgumentTypeError, match=r"is '2.5'; it must be a whole number"):
        whole(1, 5)("2.5")
