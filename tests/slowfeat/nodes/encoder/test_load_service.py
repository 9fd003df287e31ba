"""The service ~/load_bundle over real DDS: a swap without a gap, and
refusals that change nothing.
"""

from __future__ import annotations

import json
import shutil
import threading
import time
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest
import rclpy
from rcl_interfaces.srv import GetParameters
from rclpy.executors import SingleThreadedExecutor
from rclpy.lifecycle import LifecycleNode
from rclpy.qos import DurabilityPolicy, QoSProfile
from sensor_msgs.msg import Image
from slowfeat_interfaces.msg import BundleInfo, Embedding, PredictedEmbeddings
from slowfeat_interfaces.srv import LoadBundle, PredictTransforms

from slowfeat.bundle import load_bundle, write_bundle
from slowfeat.bundle_info import MotionPattern
from slowfeat.encoder import Encoder
from slowfeat.errors import BundleError
from slowfeat.nodes.encoder.load_service import BundleLoader
from slowfeat.nodes.messages import stamp_ns, transforms_from_motions
from tests.conftest import tiny_encoder, tiny_info, tiny_transform
from tests.slowfeat.nodes.conftest import Robot, image_message, start_node

START = 1_700_000_000_000_000_000
MS = 1_000_000
LATCHED = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)


@pytest.fixture
def model(tiny_bundle: Path, tmp_path: Path) -> Iterator[Path]:
    """The bundle of a running node, in a folder that a test may spoil."""
    folder = tmp_path / "in_use"
    shutil.copytree(tiny_bundle, folder)
    # Room for every frame: a busy machine is not what is tested.
    process = start_node("--model", str(folder), "--queue-depth", "50")
    yield folder
    alive = process.poll() is None
    process.terminate()
    output = process.communicate(timeout=10)[0]
    assert alive, output
    assert process.returncode == 0, output


def other_bundle(folder: Path, name: str = "other") -> Path:
    """A second good bundle, with one motion pattern."""
    info = tiny_info(name)
    info.motion_patterns = [MotionPattern([0.1, 0, 0, 0, 0, 0], 1)]
    write_bundle(folder, info, tiny_encoder(), tiny_transform())
    return folder


def ask(robot: Robot, path: Path | str) -> Any:
    request = LoadBundle.Request(path=str(path))
    return robot.call(LoadBundle, "/encoder/load_bundle", request)


def test_swaps_between_two_frames_of_a_stream_and_loses_none(
    robot: Robot, model: Path, tmp_path: Path
) -> None:
    other = other_bundle(tmp_path / "other")
    embeddings = robot.listen(Embedding, "/encoder/embedding", 100)
    predictions = robot.listen(PredictedEmbeddings, "/encoder/predictions", 100)
    infos = robot.listen(BundleInfo, "/encoder/info", LATCHED)
    camera = robot.publisher(Image, "/image")
    robot.send_until(camera, image_message(START), lambda: embeddings)
    robot.spin_for(1.0)  # the node turns to the reliable QoS that this publisher offers
    embeddings.clear()
    client = robot.node.create_client(LoadBundle, "/encoder/load_bundle")
    robot.spin_until(client.service_is_ready)
    stamps = [START + (i + 1) * 30 * MS for i in range(50)]
    for i, stamp in enumerate(stamps):
        if i == 10:
            future = client.call_async(LoadBundle.Request(path=str(other)))
        camera.publish(image_message(stamp))
        robot.spin_for(0.03)
    robot.spin_until(lambda: future.done() and len(embeddings) >= len(stamps), "all embeddings")
    assert future.result().success, future.result().message
    assert future.result().name == "other"
    assert [stamp_ns(m.header) for m in embeddings] == stamps
    assert [name for name, _ in groupby(m.model for m in embeddings)] == ["tiny", "other"]
    assert [info.name for info in infos] == ["tiny", "other"]
    # The parameter is empty: the motion patterns are the new bundle's.
    assert [len(m.motions) for m in predictions if m.model == "other"][-1] == 1
    asked = GetParameters.Request(names=["model"])
    values = robot.call(GetParameters, "/encoder/get_parameters", asked).values
    assert values[0].string_value == str(other)


def test_predict_goes_on_from_the_newest_picture_after_a_swap(
    robot: Robot, model: Path, tmp_path: Path
) -> None:
    embeddings = robot.listen(Embedding, "/encoder/embedding")
    camera = robot.publisher(Image, "/image")
    robot.send_until(camera, image_message(START), lambda: embeddings)
    assert ask(robot, other_bundle(tmp_path / "other")).success
    request = PredictTransforms.Request(motions=transforms_from_motions([[0.1, 0, 0, 0, 0, 0]]))
    response = robot.call(PredictTransforms, "/encoder/predict", request)
    assert response.success, response.message
    assert response.predictions.model == "other"


def spoil(folder: Path, how: str) -> str:
    """Make a bundle unusable; returns what the refusal must say."""
    info = json.loads((folder / "bundle.json").read_text())
    if how == "hash":
        (folder / "encoder.onnx").write_bytes(tiny_transform())
        return "was changed since the bundle was written"
    if how == "file":
        (folder / "transform.onnx").unlink()
        return "copy the bundle again"
    if how == "schema":
        info["schema_version"] = 99
    elif how == "shape":
        info["dimension"] += 1
        info["slices"] = {}
    (folder / "bundle.json").write_text(json.dumps(info))
    return {"schema": "schema version 99", "shape": "by bundle.json it is"}[how]


def test_bad_bundles_are_refused_and_nothing_changes(
    robot: Robot, model: Path, tmp_path: Path
) -> None:
    infos = robot.listen(BundleInfo, "/encoder/info", LATCHED)
    embeddings = robot.listen(Embedding, "/encoder/embedding")
    camera = robot.publisher(Image, "/image")
    cases = {str(tmp_path / "nowhere"): "does not exist", "": "no path is given"}
    for how in ("hash", "file", "schema", "shape"):
        folder = other_bundle(tmp_path / how)
        cases[str(folder)] = spoil(folder, how)
    for path, reason in cases.items():
        response = ask(robot, path)
        assert not response.success
        assert reason in response.message
        assert response.name == "tiny"
        embeddings.clear()
        robot.send_until(camera, image_message(START), lambda: embeddings)
        assert embeddings[-1].model == "tiny"
    assert [info.name for info in infos] == ["tiny"]


def test_replacing_the_files_under_a_running_node_does_no_harm(
    robot: Robot, model: Path, tmp_path: Path
) -> None:
    embeddings = robot.listen(Embedding, "/encoder/embedding")
    camera = robot.publisher(Image, "/image")
    robot.send_until(camera, image_message(START), lambda: embeddings)
    before = list(embeddings[0].data)
    good = (model / "encoder.onnx").read_bytes()
    for replacement in (b"", good[: len(good) // 2], tiny_transform()):
        (model / "encoder.onnx").write_bytes(replacement)
        embeddings.clear()
        robot.send_until(camera, image_message(START), lambda: embeddings)
        assert list(embeddings[0].data) == before
        assert "was changed" in ask(robot, model).message
    shutil.rmtree(model)
    other_bundle(model, "renewed")
    assert ask(robot, model).name == "renewed"
    robot.send_until(camera, image_message(START), lambda: embeddings[-1].model == "renewed")


class Waiting:
    """A loader in this process whose loading takes until it is let go."""

    def __init__(self, bundle: Path) -> None:
        self.node = LifecycleNode("waiting")
        self.go = threading.Event()
        self.taken: list[str] = []
        self.bundle = bundle
        self.loader = BundleLoader(
            self.node, self.load, lambda _, path: self.taken.append(path), lambda: "old"
        )
        self.executor = SingleThreadedExecutor()
        self.executor.add_node(self.node)

    def load(self, path: str) -> Encoder:
        assert self.go.wait(10)
        if path == "broken":
            raise BundleError("it is broken")
        return Encoder(load_bundle(self.bundle))

    def spin_until_done(self, *futures: Any) -> None:
        end = time.monotonic() + 10
        while not all(f.done() for f in futures):
            assert time.monotonic() < end
            self.executor.spin_once(timeout_sec=0.1)


@pytest.fixture
def waiting(tiny_bundle: Path) -> Iterator[Waiting]:
    rclpy.init()
    made = Waiting(tiny_bundle)
    yield made
    made.executor.shutdown()
    made.node.destroy_node()
    rclpy.shutdown()


def test_second_request_is_answered_while_the_first_is_loading(waiting: Waiting) -> None:
    client = waiting.node.create_client(LoadBundle, "~/load_bundle")
    assert client.wait_for_service(timeout_sec=10)
    first = client.call_async(LoadBundle.Request(path="one"))
    waiting.executor.spin_once(timeout_sec=1)
    second = client.call_async(LoadBundle.Request(path="two"))
    waiting.spin_until_done(second)
    assert not first.done()
    assert not second.result().success
    assert "one is being loaded" in second.result().message
    waiting.go.set()
    waiting.spin_until_done(first)
    assert first.result().success
    assert waiting.taken == ["one"]
    third = client.call_async(LoadBundle.Request(path="broken"))
    waiting.spin_until_done(third)
    assert (third.result().message, third.result().name) == ("it is broken", "old")


def test_a_bundle_that_comes_after_the_cleanup_is_not_used(waiting: Waiting) -> None:
    client = waiting.node.create_client(LoadBundle, "~/load_bundle")
    assert client.wait_for_service(timeout_sec=10)
    client.call_async(LoadBundle.Request(path="late"))
    while not waiting.loader._busy_with:
        waiting.executor.spin_once(timeout_sec=0.1)
    waiting.loader.close()
    waiting.go.set()
    end = time.monotonic() + 10
    while waiting.loader._busy_with:
        assert time.monotonic() < end
        time.sleep(0.01)
    assert waiting.taken == []
