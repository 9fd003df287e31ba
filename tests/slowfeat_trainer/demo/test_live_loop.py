"""The closed loop as a user runs it, and its page made by hand."""

from __future__ import annotations

import importlib.util
import json
import re
import signal
import subprocess
import sys
import time
from html.parser import HTMLParser

import numpy as np
import pytest

from tests.slowfeat_trainer.demo.test_live import environment, processes_with

pytestmark = [
    pytest.mark.ros,
    pytest.mark.skipif(
        any(
            importlib.util.find_spec(name) is None
            for name in ("rclpy", "slowfeat_interfaces", "vizdoom")
        ),
        reason="rclpy, slowfeat_interfaces or vizdoom is not installed: make setup",
    ),
]
STEP_NS = 100_000_000


def made_drive():
    from slowfeat_interfaces.msg import ViewChoice, ViewMove

    from slowfeat.nodes.messages import float32_array, transforms_from_motions
    from slowfeat_trainer.demo.live_loop import Drive

    motions = np.array([[0.5, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0.5]])
    drive = Drive("MAP<1>", "novelty", seconds=12.0)
    for i in range(50):
        drive.path.append((i * STEP_NS, 0.1 * i, 0.0, 0.0))
        drive.pictures.append((i * STEP_NS, np.full((12, 16, 3), i, np.uint8)))
    for i in (5, 25):
        choice = ViewChoice(
            motions=transforms_from_motions(motions), score=float32_array([1, np.inf]), chosen=1
        )
        move = ViewMove(outcome=ViewMove.BLOCKED)
        move.asked, move.made = transforms_from_motions(motions)
        choice.header.stamp.nanosec = i * STEP_NS % 10**9
        choice.header.stamp.sec = i * STEP_NS // 10**9
        move.header.stamp.sec = choice.header.stamp.sec + 1
        drive.choices.append(choice)
        drive.moves.append(move)
    return drive


def test_figures_are_counted():
    figures = made_drive().to_json()
    assert figures["distance_m"] == pytest.approx(4.9)
    assert figures["places_m2"] == 5
    assert figures["outcomes"]["blocked"] == 2
    assert figures["asked"][0][0] == 0.5


@pytest.mark.parametrize("frames", [True, False])
def test_the_page_is_whole_and_loads_nothing(frames):
    from slowfeat_trainer.demo.live_loop_page import make_page

    page = make_page(made_drive(), "tiny", frames)
    HTMLParser().feed(page)
    assert "MAP&lt;1&gt;" in page
    assert "<MAP" not in page
    assert ("data:image" in page) is frames
    assert not re.search(r'(src|href)="(?!data:)', page)
    assert "nan" not in page
    assert page.count('<div class="choice">') == 2


def test_the_plan_shows_the_walls_of_its_map_and_fits_its_path():
    from slowfeat_trainer.demo.live_loop_plan import plan

    drive = made_drive()
    unknown = plan(drive, np.zeros(0, np.int64), 0.25)
    assert 'class="wall"' not in unknown
    assert "animate" not in unknown
    drive.map_name = "MAP01"
    known = plan(drive, np.array([0, 10**9]), 0.25)
    assert 'class="wall"' in known
    assert "animate" in known
    width, height = map(float, re.search(r'viewBox="0 0 (\d+) (\d+)"', known).groups())
    assert 0.4 < height / width < 0.7  # of a path along x
    ends = [float(v) for v in re.findall(r'<circle class="after" c[xy]="([\d.-]+)"', known)]
    assert all(0 <= v <= width for v in ends)


@pytest.mark.slow
def test_the_loop_runs_and_leaves_its_page(tiny_bundle, tmp_path):
    words = ["demo", "--live", "--run", str(tiny_bundle), "--out", str(tmp_path / "out")]
    done = subprocess.run(
        [sys.executable, "-m", "slowfeat", *words, "--seconds", "6", "--map", "MAP05"],
        env=environment(),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads((tmp_path / "out" / "live.json").read_text())["moves"] >= 1
    assert (tmp_path / "out" / "live.html").read_text().endswith("</html>\n")
    assert processes_with(str(tiny_bundle)) == []


@pytest.mark.slow
def test_ctrl_c_ends_all_of_it(tiny_bundle, tmp_path):
    out = tmp_path / "out"
    words = ["demo", "--live", "--run", str(tiny_bundle), "--out", str(out), "--map", "MAP05"]
    process = subprocess.Popen(
        [sys.executable, "-m", "slowfeat", *words],
        env=environment(),
        stderr=subprocess.PIPE,
        text=True,
    )
    end = time.monotonic() + 60
    while not (out / "logs" / "selector.log").exists():
        assert time.monotonic() < end
        time.sleep(0.1)
    time.sleep(1.0)
    process.send_signal(signal.SIGINT)
    said = process.communicate(timeout=30)[1]
    assert process.returncode == 130, said
    assert "Traceback" not in said
    assert not (out / "live.html").exists()
    assert processes_with(str(tiny_bundle)) == []
