"""The closed loop as a user runs it, and its page made by hand."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from tests.slowfeat_trainer.demo.test_live import environment, processes_with

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
