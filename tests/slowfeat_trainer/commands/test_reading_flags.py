"""Flags that say how bags are read become the options of ingest."""

from __future__ import annotations

import argparse
import math

import pytest

from slowfeat_trainer.commands import reading_flags
from slowfeat_trainer.commands.reading_flags import (
    numbers,
    reading_changes,
    seconds_or_auto,
    size,
    split_changes,
)


def given(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    reading_flags.add_bag_arguments(parser)
    reading_flags.add_frame_arguments(parser)
    reading_flags.add_split_arguments(parser)
    return parser.parse_args(words)


def test_what_is_not_said_changes_nothing() -> None:
    assert reading_changes(given()) == {}
    assert split_changes(given()) == {}


def test_the_turn_comes_in_degrees_and_the_size_as_width_by_height() -> None:
    changes = reading_changes(given("--min-turn", "90", "--size", "64X48", "--crop", "0,0,0.2,0"))
    assert changes["min_turn_rad"] == pytest.approx(math.pi / 2)
    assert changes["image_size"] == (48, 64)
    assert changes["crop"] == (0.0, 0.0, 0.2, 0.0)


def test_an_offset_is_seconds_or_what_the_images_say() -> None:
    assert reading_changes(given("--odom-offset", "auto")) == {
        "odom_offset_auto": True,
        "odom_offset_s": None,
    }
    assert reading_changes(given("--odom-offset=-0.25")) == {
        "odom_offset_auto": False,
        "odom_offset_s": -0.25,
    }


def test_the_split_is_said_in_its_own_words() -> None:
    words = ("--split", "bag", "--test-fraction", "0.3", "--calibration-fraction", "0.1")
    assert split_changes(given(*words)) == {"by": "bag", "test": 0.3, "calibration": 0.1}


@pytest.mark.parametrize("text", ["nan", "inf", "soon"])
def test_an_offset_is_a_finite_number_of_seconds(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="within"):
        seconds_or_auto(text)


@pytest.mark.parametrize("text", ["64", "64x", "64x48x3", "ax48"])
def test_a_size_has_two_sides(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match=r"it must be|give width x height"):
        size(text)


@pytest.mark.parametrize("text", ["1,2,3", "1,2,3,4,5", "1,2,3,inf"])
def test_so_many_finite_numbers_are_asked_for(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="give 4 finite numbers"):
        numbers(4, ",")(text)
    assert numbers(2, ":")("16:9") == (16.0, 9.0)
