"""The closed loop as a user runs it, and its page made by hand."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time

import pytest

from tests.helpers.live_drives import made_drive
from tests.slowfeat_trainer.demo.test_live import environment, processes_with


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
