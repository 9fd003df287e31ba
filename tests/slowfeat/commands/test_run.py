"""slowfeat run: flags become ROS arguments."""

from __future__ import annotations

import argparse

import pytest

from slowfeat.commands import run


def parse(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    run.add_arguments(parser)
    return parser.parse_args(["--model", "m", *words])


def test_topics_become_remappings_before_the_users_own_arguments() -> None:
    args = parse("--image-topic", "/cam", "--odom-topic", "/o", "--ros-args", "-p", "threads:=1")
    expected = ["--ros-args", "--remap", "image:=/cam", "--remap", "odom:=/o", "-p", "threads:=1"]
    assert run.ros_arguments(args) == expected


@pytest.mark.parametrize("namespace", ["left", "/left", "/left/"])
def test_namespace_is_made_absolute(namespace: str) -> None:
    assert run.ros_arguments(parse("--namespace", namespace))[-1] == "__ns:=/left"


def test_model_is_required() -> None:
    parser = argparse.ArgumentParser()
    run.add_arguments(parser)
    with pytest.raises(SystemExit, match="2"):
        parser.parse_args([])
