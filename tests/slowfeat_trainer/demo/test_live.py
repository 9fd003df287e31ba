"""The demo as a user runs it: real DDS, real processes; and everything
ends when something goes wrong.
"""

import importlib.util
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from rosbags.highlevel import AnyReader
from rosbags.rosbag2 import StoragePlugin, Writer
from rosbags.typesys import Stores, get_typestore

pytestmark = [
    pytest.mark.ros,
    pytest.mark.slow,
    pytest.mark.skipif(
        any(importlib.util.find_spec(name) is None for name in ("rclpy", "slowfeat_interfaces")),
        reason="rclpy or slowfeat_interfaces is not installed: make setup",
    ),
]
# Runs `slowfeat demo` with a function of its live half replaced.
REPLACING = """
import sys
from slowfeat.cli import main
import slowfeat_trainer.demo.live as live
name, command, *words = sys.argv[1:]
setattr(live, name, lambda *_: [sys.executable, "-c", command])
sys.exit(main(["demo", *words]))
"""


def environment():
    chosen = {k: v for k, v in os.environ.items() if k != "ROS_DOMAIN_ID"}
    chosen["PYTHONPATH"] = os.pathsep.join(path for path in sys.path if path)
    # Small networks on a busy machine: threads that wait for each other cost more than they bring.
    return chosen | {"OMP_NUM_THREADS": "1"}


def run_demo(*words, program=("-m", "slowfeat", "demo")):
    return subprocess.run(
        [sys.executable, *program, *map(str, words)],
        env=environment(),
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )


def processes_with(text):
    """Command lines of the running processes that name `text`, other than this one's parents."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and int(folder.name) not in {os.getpid(), os.getppid()}:
            try:
                words = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            except OSError:
                continue
            if text in words:
                found.append(words)
    return found


def gone(text, within_s=8.0):
    """Whether no process names `text` any more, soon."""
    deadline = time.monotonic() + within_s
    while processes_with(text) and time.monotonic() < deadline:
        time.sleep(0.1)
    return not processes_with(text)


@pytest.fixture(scope="module")
def short_bag(tmp_path_factory, our_bag):
    """The first 10 s of our bag."""
    path = tmp_path_factory.mktemp("demo") / "short"
    with (
        AnyReader([our_bag], default_typestore=get_typestore(Stores.ROS2_HUMBLE)) as reader,
        Writer(path, version=9, storage_plugin=StoragePlugin.MCAP) as writer,
    ):
        made = {
            c.id: writer.add_connection(c.topic, c.msgtype, typestore=reader.typestore)
            for c in reader.connections
        }
        until = reader.start_time + 10 * 10**9
        for connection, stamp, data in reader.messages(stop=until):
            writer.write(made[connection.id], stamp, data)
    return path


def test_every_frame_sent_comes_back_with_its_stamp(short_bag, tmp_path):
    out = tmp_path / "demo"
    done = run_demo("--bag", short_bag, "--out", out, "--steps", 3, "--seconds", 3)
    assert done.returncode == 0, done.stderr
    figures = json.loads((out / "demo.json").read_text())
    frames = figures["frames"]
    assert frames["sent"] == frames["received"] == frames["with_predictions"] > 25
    assert frames["lost"] == frames["unknown_stamps"] == frames["repeated"] == 0
    assert 0 < figures["latency_ms"]["p50"] < 1000
    assert figures["trained_on_the_earlier_part"] is True
    assert figures["closer"]["all"]["pairs"] > 15
    assert f"sent {frames['sent']}, received with the same stamp {frames['sent']}" in done.stdout
    assert (out / "demo.html").stat().st_size > 10_000
    assert (out / "run" / "bundle" / "bundle.json").is_file()
    assert sorted(p.name for p in out.iterdir()) == ["demo.html", "demo.json", "logs", "run"]
    assert gone(str(out))


def test_a_node_that_cannot_start_is_one_clear_line(tiny_bundle, our_bag, tmp_path):
    command = "import sys; print('no such provider'); sys.exit(1)"
    words = ["-c", REPLACING, "node_command", command, "--run", tiny_bundle, "--bag", our_bag]
    out = tmp_path / "demo"
    done = run_demo("--out", out, program=words)
    assert done.returncode == 1
    error = done.stderr.splitlines()[-1]
    assert error.startswith("slowfeat demo: node ended (exit code 1): no such provider")
    assert "node.log" in error
    assert "Traceback" not in done.stderr
    assert not (out / "demo.html").exists()
    assert gone(str(out))


def test_when_the_replay_fails_the_node_ends_too(tiny_bundle, our_bag, tmp_path):
    command = "import sys; sys.exit('the disk is gone')"
    words = ["-c", REPLACING, "replay_command", command, "--run", tiny_bundle, "--bag", our_bag]
    done = run_demo("--out", tmp_path / "demo", program=words)
    assert done.returncode == 1
    assert "slowfeat demo: replay ended (exit code 1): the disk is gone" in done.stderr
    assert gone(str(tiny_bundle))


@pytest.mark.parametrize(
    ("number", "code"),
    [(signal.SIGINT, 130), (signal.SIGKILL, -signal.SIGKILL)],
)
def test_nothing_lives_on_when_the_demo_is_ended(tiny_bundle, our_bag, tmp_path, number, code):
    words = ["--run", tiny_bundle, "--bag", our_bag, "--out", tmp_path / "demo"]
    demo = subprocess.Popen(
        [sys.executable, "-m", "slowfeat", "demo", *map(str, words)],
        env=environment(),
        stderr=subprocess.PIPE,
        text=True,
        # Tests that a shell started in the background ignore Ctrl-C, and so would their children.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    try:
        assert any("replaying" in line for line in demo.stderr)
        time.sleep(1)
        assert processes_with(str(tiny_bundle))
        demo.send_signal(number)
        assert demo.wait(20) == code
    finally:
        demo.kill()
        demo.stderr.close()
    assert gone(str(tiny_bundle))
    assert gone(str(tmp_path))
    assert not (tmp_path / "demo" / "demo.html").exists()
