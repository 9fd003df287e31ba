"""What `slowfeat demo` asks of the demo."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from slowfeat.errors import UsageError
from slowfeat_trainer.commands import demo
from slowfeat_trainer.demo import demo_pipeline
from slowfeat_trainer.demo.demo_pipeline import DemoOptions
from tests.helpers.command_arguments import parsed


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[DemoOptions]:
    found: list[DemoOptions] = []

    def run(options: DemoOptions) -> str:
        found.append(options)
        return "the table"

    monkeypatch.setattr(demo_pipeline, "run_demo", run)
    return found


def test_flags_reach_the_demo(asked: list[DemoOptions], capsys: pytest.CaptureFixture[str]) -> None:
    words = ("--out", "mine", "--bag", "b", "--run", "r", "--steps", "7", "--seed", "3")
    words += ("--seconds", "12", "--no-frames", "--overwrite", "--image-topic", "/up")
    assert demo.run(parsed(demo, *words)) == 0
    assert asked == [
        DemoOptions(
            out=Path("mine"),
            bag=Path("b"),
            run=Path("r"),
            steps=7,
            seed=3,
            seconds=12.0,
            reading={"image_topic": "/up"},
            frames=False,
            overwrite=True,
        )
    ]
    assert capsys.readouterr().out == "the table\n"


def test_by_itself_it_trains_on_the_bag_that_comes_along(asked: list[DemoOptions]) -> None:
    demo.run(parsed(demo))
    (options,) = asked
    assert (options.bag, options.run, options.steps) == (None, None, demo.STEPS)
    assert (options.frames, options.overwrite) == (True, False)


def test_live_drives_through_the_map_that_was_named(
    asked: list[DemoOptions], monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("vizdoom")
    live: list[Any] = []
    loop = pytest.importorskip("slowfeat_trainer.demo.live_loop")
    monkeypatch.setattr(loop, "run_live_loop", lambda options, name: live.append((options, name)))
    demo.run(parsed(demo, "--live", "--map", "E1M2", "--seconds", "5"))
    ((options, name),) = live
    assert (options.seconds, name) == (5.0, "E1M2")
    assert asked == []


@pytest.mark.parametrize("seconds", ["0.5", "inf", "nan"])
def test_no_time_to_replay_is_refused(seconds: str, asked: list[DemoOptions]) -> None:
    with pytest.raises(UsageError, match="--seconds is"):
        parsed(demo, "--seconds", seconds)
    assert asked == []
