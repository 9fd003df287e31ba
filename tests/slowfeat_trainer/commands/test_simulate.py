"""What `slowfeat simulate` asks of the simulation."""

from __future__ import annotations

import math
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from slowfeat.cli import main
from slowfeat_trainer.commands import simulate
from slowfeat_trainer.simulation import drive
from tests.helpers.command_arguments import parsed


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[Any]:
    found: list[Any] = []

    def work(out: Path, config: object, overwrite: bool) -> object:
        found.append((out, config, overwrite))
        out.mkdir()
        return SimpleNamespace(
            frames=600,
            duration_s=60.0,
            distance_m=31.0,
            covered_m2=config.seed,  # type: ignore[attr-defined]
            turned_left_rad=math.pi,
            turned_right_rad=0.0,
            blocked=0.01,
        )

    monkeypatch.setattr(drive, "simulate", work)
    return found


def test_flags_reach_the_drive_in_radians(
    calls: list[Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("--out", tmp_path / "a", "--map", "E1M2", "--seed", "40", "--size", "320x240")
    words += ("--yaw-bias", "18", "--yaw-scale", "-1", "--slip", "0.1", "--odom-ahead", "0.3")
    words += ("--image-transport", "raw", "--fov", "60", "--speed", "0.5", "--overwrite")
    assert simulate.run(parsed(simulate, *words)) == 0
    ((out, config, overwrite),) = calls
    assert (out, overwrite) == (tmp_path / "a", True)
    assert (config.map_name, config.size, config.fov_deg) == ("E1M2", (320, 240), 60.0)
    assert (config.jpeg_quality, config.drive.speed) == (None, 0.5)
    assert config.odometry.yaw_bias == pytest.approx(math.pi / 10)
    assert (config.odometry.yaw_scale, config.odometry.slip) == (-1.0, 0.1)
    assert config.odometry.ahead_s == 0.3
    printed = capsys.readouterr().out
    assert "turned 180 degrees left and 0 right" in printed
    assert "shut in" not in printed


def test_a_robot_that_is_shut_in_is_reported(
    calls: list[Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    simulate.run(parsed(simulate, "--out", tmp_path / "a", "--seed", "3"))
    assert calls[0][1].jpeg_quality == 90
    assert "the robot is shut in" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ((), "give --out BAG"),
        (("--out", "a", "--size", "160"), "--size is '160'; give width x height"),
        (("--out", "a", "--size=-1x20"), "--size is -1"),
    ],
)
def test_wrong_use_is_refused(
    words: tuple[str, ...], says: str, calls: list[Any], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["simulate", *words]) == 2
    assert says in capsys.readouterr().err
    assert calls == []
