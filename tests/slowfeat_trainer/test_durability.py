"""What was written stays: every command that writes may be stopped, lose the power, or fill the
disk at any step; run again it ends as if nothing had happened, and nothing finished is lost.
"""

from __future__ import annotations

import random
import shutil
import signal
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import cv2
import numpy as np
import pytest

from slowfeat.bundle import Bundle, load_bundle, write_bundle
from slowfeat.cli import main
from slowfeat_trainer import runs
from slowfeat_trainer.adaptation import from_camera_spec
from slowfeat_trainer.evaluation import evaluate_bundles
from slowfeat_trainer.report import write as report
from tests.helpers.bag_factory import BagRecipe, make_bag
from tests.helpers.crashes import (
    Watch,
    contents,
    cut_power,
    files_of,
    full_disk_at,
    run_again,
    run_killed,
    run_quietly,
    state_of,
)

INGEST = ["--size", "32x32", "--rate", "10"]
TRAIN = ["--preset", "drlim", "--steps", "40", "--batch-size", "8", "--dimension", "8"]
TUNE = [
    *("--preset", "drlim", "--steps", "2", "--trials", "2", "--repeats", "0"),
    *("--set", "dimension=8", "--set", "batch_size=16", "--set", "patterns=3"),
]


@dataclass(frozen=True)
class Things:
    """What the commands read."""

    bags: list[str]
    dataset: str
    images: str
    bundle: str


@pytest.fixture(scope="module")
def things(tmp_path_factory: pytest.TempPathFactory, tiny_bundle: Path) -> Things:
    folder = tmp_path_factory.mktemp("things")
    bags = [str(make_bag(folder / f"b{k}", BagRecipe(frames=150 + k))) for k in range(2)]
    assert main(["ingest", *bags, *INGEST, "--out", str(folder / "data")]) == 0
    rng = np.random.default_rng(0)
    for name in ("hall", "yard"):
        (folder / "images" / name).mkdir(parents=True)
        for k in range(3):
            picture = rng.integers(0, 255, (16, 24, 3), np.uint8)
            cv2.imwrite(str(folder / "images" / name / f"{k}.png"), picture)
    return Things(bags, str(folder / "data"), str(folder / "images"), str(tiny_bundle))


# The words of each command, by what it reads and the folder that it may write into.
Words = Callable[[Things, Path], list[str]]
COMMANDS: dict[str, Words] = {
    "ingest": lambda of, to: ["ingest", *of.bags, *INGEST, "--out", f"{to}/data"],
    "train": lambda of, to: ["train", of.dataset, *TRAIN, "--out", f"{to}/run"],
    "export": lambda of, to: ["export", of.bundle, "--out", f"{to}/bundle"],
    "adapt": lambda of, to: ["adapt", of.bundle, "--fov", "90", "--out", f"{to}/bundle"],
    "remember": lambda of, to: [
        *("remember", "--model", of.bundle, "--images", of.images, "--out", f"{to}/memory")
    ],
    "tune": lambda of, to: ["tune", of.dataset, *TUNE, "--out", f"{to}/study"],
    "simulate": lambda _, to: ["simulate", "--seconds", "1", "--out", f"{to}/bag"],
    "inspect": lambda of, to: [
        *("inspect", of.dataset, "--json", f"{to}/i.json", "--html", f"{to}/i.html")
    ],
    "evaluate": lambda of, to: [
        *("evaluate", of.bundle, "--on", of.dataset, "--json", f"{to}/figures.json")
    ],
    "report": lambda of, to: ["report", of.bundle, "--out", f"{to}/page.html"],
}


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch, tiny_bundle: Path) -> None:
    """Commands do all that they write, and leave out what takes seconds and is tested elsewhere."""
    tiny = load_bundle(tiny_bundle)

    def export(*args: Any) -> Bundle:
        return write_bundle(args[-1], tiny.info, tiny.encoder, tiny.transform, overwrite=True)

    figures = SimpleNamespace(as_dict=lambda: {"rho": 0.5}, comparison=None)
    monkeypatch.setattr(runs, "export_run", export)
    monkeypatch.setattr(from_camera_spec, "bundle_for_camera", lambda *_: tiny)
    monkeypatch.setattr("slowfeat_trainer.simulation.drive.World", PaintedWorld)
    views = SimpleNamespace(key="", read=lambda: (None, None))
    monkeypatch.setattr(evaluate_bundles, "views_for", lambda *_: views)
    monkeypatch.setattr(evaluate_bundles, "EvaluationData", lambda *_: None)
    monkeypatch.setattr(evaluate_bundles, "measure", lambda *_: figures)
    monkeypatch.setattr(evaluate_bundles, "_verdict", lambda *_: None)
    monkeypatch.setattr(evaluate_bundles, "describe_evaluations", lambda *_: "")
    monkeypatch.setattr(report, "gather", lambda *_: [])
    monkeypatch.setattr(report, "make_page", lambda *_: "page" * 1000)


class PaintedWorld:
    """A square of ten metres, in place of the simulator."""

    def __init__(self, _name: str, size: tuple[int, int], _seed: int) -> None:
        from slowfeat_trainer.simulation.world import Pose

        corners = np.array([[-5.0, -5.0], [5.0, -5.0], [5.0, 5.0], [-5.0, 5.0]])
        walls = np.stack([corners, np.roll(corners, -1, axis=0)], axis=1)
        self.level = SimpleNamespace(walls=walls)
        self.pose = Pose(0.0, 0.0, 0.0, 0.0)
        self._size = size

    def __enter__(self) -> PaintedWorld:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def render(self) -> np.ndarray:
        width, height = self._size
        return np.full((height, width, 3), round(100 + 50 * self.pose.yaw) % 256, np.uint8)

    def move(self, *said: float) -> bool:
        self.pose = self.pose._replace(yaw=self.pose.yaw + 0.01 * said[-1])
        return False


def steps_of(words: list[str], monkeypatch: pytest.MonkeyPatch) -> Watch:
    watch = Watch()
    with monkeypatch.context() as patch:
        watch.install(patch)
        code, said = run_quietly(words)
        assert code == 0, said
    return watch


@dataclass
class Case:
    """A command, where it writes, how many steps it makes, and what it leaves when it is let be."""

    words: list[str]
    home: Path
    steps: int
    whole: dict[str, Any]

    def clear(self) -> None:
        shutil.rmtree(self.home, ignore_errors=True)
        self.home.mkdir()

    def goes_on(self) -> None:
        """The same command, run again, ends as if it had never been stopped."""
        code, said = run_again(self.words)
        assert code == 0, said
        found = contents(self.home)
        assert found.keys() == self.whole.keys()
        for name, content in self.whole.items():
            assert found[name] == content, name


def case_of(name: str, things: Things, tmp: Path, monkeypatch: pytest.MonkeyPatch) -> Case:
    home = tmp / "home"
    home.mkdir()
    words = COMMANDS[name](things, home)
    steps = steps_of(words, monkeypatch).count
    assert steps > 0
    return Case(words, home, steps, contents(home))


@pytest.mark.parametrize("name", COMMANDS)
def test_every_file_that_stays_was_synced_as_it_is(
    name: str, things: Things, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = COMMANDS[name](things, tmp_path)
    for again in ([], ["--overwrite"]) if "--out" in words and name != "ingest" else ([],):
        if again and name == "report":
            continue
        before = {state_of(file) for file in files_of(tmp_path)}
        watch = steps_of([*words, *again], monkeypatch)
        new = [file for file in files_of(tmp_path) if state_of(file) not in before]
        assert new, words
        assert [str(file) for file in new if state_of(file) not in watch.synced] == [], words


def test_a_writer_that_does_not_sync_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch = Watch()
    with monkeypatch.context() as patch:
        watch.install(patch)
        (tmp_path / "a").write_text("text")
    assert state_of(tmp_path / "a") not in watch.synced


# How a command is stopped; whether the power goes with it, and what is then left of a file that was
# not synced: zeros or its first half.
WAYS: list[tuple[signal.Signals, bool | None]] = [
    (signal.SIGKILL, None),
    (signal.SIGTERM, None),
    (signal.SIGINT, None),
    (signal.SIGKILL, True),
    (signal.SIGKILL, False),
]


@pytest.mark.parametrize("points", [2, pytest.param(20, marks=pytest.mark.slow)])
@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_that_was_stopped_anywhere_goes_on_to_the_same(
    name: str, points: int, things: Things, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = case_of(name, things, tmp_path, monkeypatch)
    rng = random.Random(name)
    for number in range(points):
        way, zeros = WAYS[(number + points) % len(WAYS)]
        at = rng.randint(1, case.steps)
        case.clear()
        log = tmp_path / "synced"
        code = run_killed(case.words, at, way, log)
        if way == signal.SIGKILL:
            assert code == -signal.SIGKILL, at
        else:
            assert code in (143, 130, 0), at
            assert not list(case.home.glob(".*")), at
        if zeros is not None:
            cut_power(case.home, log, zeros)
        case.goes_on()


@pytest.mark.parametrize("points", [2, pytest.param(1000, marks=pytest.mark.slow)])
@pytest.mark.parametrize("name", COMMANDS)
def test_a_disk_that_fills_up_at_any_step_is_one_line_and_the_command_goes_on(
    name: str, points: int, things: Things, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = case_of(name, things, tmp_path, monkeypatch)
    chosen = range(1, case.steps + 1)
    # Of the many steps of a training, every third: they repeat themselves.
    most = min(points, len(chosen), 60)
    for at in sorted({chosen[k * len(chosen) // most] for k in range(most)}):
        case.clear()
        with monkeypatch.context() as patch:
            full_disk_at(patch, at)
            code, said = run_quietly(case.words)
        if code == 0:  # at a step that clears away, behind all that is written
            assert contents(case.home) == case.whole
            continue
        last = said.strip().splitlines()[-1]
        assert code == 1, (at, said)
        assert last.startswith(f"slowfeat {name}: "), (at, said)
        assert "No space left on device" in last, (at, said)
        assert str(case.home) in last, (at, said)
        case.goes_on()
