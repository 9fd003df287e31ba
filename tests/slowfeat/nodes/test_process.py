"""The node's process: exit codes, signals, one line for what is wrong."""

from __future__ import annotations

import os
import shutil
import signal
import time
from pathlib import Path

import pytest
from slowfeat_interfaces.srv import LoadBundle

from tests.slowfeat.nodes.conftest import Robot, start_node


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signal_ends_it_cleanly_within_a_second(tiny_bundle: Path, number: signal.Signals) -> None:
    process = start_node("--model", str(tiny_bundle))
    assert process.stdout is not None
    for line in process.stdout:
        if "waiting for raw images" in line:
            break
    started = time.monotonic()
    process.send_signal(number)
    rest = process.communicate(timeout=10)[0]
    assert process.returncode == 0, rest
    assert "Traceback" not in rest
    assert time.monotonic() - started < 2.0  # one, and one for a busy machine


def test_signal_while_it_starts_ends_it_cleanly_too(tiny_bundle: Path) -> None:
    process = start_node("--model", str(tiny_bundle))
    assert process.stdout is not None
    process.stdout.readline()  # the bundle is loaded, the subscriptions are not made yet
    process.send_signal(signal.SIGINT)
    rest = process.communicate(timeout=10)[0]
    assert process.returncode == 0, rest
    assert "Traceback" not in rest


def test_signal_while_another_bundle_is_loading_ends_it_cleanly_too(
    robot: Robot, tiny_bundle: Path, tmp_path: Path
) -> None:
    stuck = tmp_path / "stuck"
    shutil.copytree(tiny_bundle, stuck)
    (stuck / "encoder.onnx").unlink()
    os.mkfifo(stuck / "encoder.onnx")  # nobody writes: reading it takes for ever
    process = start_node("--model", str(tiny_bundle))
    client = robot.node.create_client(LoadBundle, "/encoder/load_bundle")
    robot.spin_until(client.service_is_ready)
    try:
        first = client.call_async(LoadBundle.Request(path=str(stuck)))
        robot.spin_for(0.5)
        # Requests of two clients may overtake each other: ask until the first has arrived.
        other, answer = LoadBundle.Request(path="/no/such/bundle"), ""
        end = time.monotonic() + 10
        while "is being loaded" not in answer:
            assert time.monotonic() < end, answer
            answer = robot.call(LoadBundle, "/encoder/load_bundle", other).message
        assert not first.done()
    finally:
        started = time.monotonic()
        process.send_signal(signal.SIGTERM)
        rest = process.communicate(timeout=10)[0]
    assert process.returncode == 0, rest
    assert "Traceback" not in rest
    assert time.monotonic() - started < 4.0  # one, and three for a busy machine


def test_missing_model_is_wrong_use() -> None:
    process = start_node("--model", "/no/such/bundle")
    output = process.communicate(timeout=20)[0]
    assert process.returncode == 2
    assert output.count("\n") == 1
    assert "cannot configure: /no/such/bundle does not exist" in output


def test_changed_bundle_is_a_failure(tiny_bundle: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(tiny_bundle, copy)
    with (copy / "encoder.onnx").open("ab") as file:
        file.write(b"x")
    process = start_node("--model", str(copy))
    output = process.communicate(timeout=20)[0]
    assert process.returncode == 1
    assert "encoder.onnx was changed" in output


def test_parameter_out_of_range_is_wrong_use(tiny_bundle: Path) -> None:
    process = start_node("--model", str(tiny_bundle), "--ros-args", "-p", "queue_depth:=0")
    output = process.communicate(timeout=20)[0]
    assert process.returncode == 2
    expected = "Value 0 in parameter 'queue_depth' must be within bounds [1, 10000]"
    assert output.strip() == f"slowfeat run: {expected}"
