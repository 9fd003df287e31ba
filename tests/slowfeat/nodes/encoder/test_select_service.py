"""The service ~/select_view over real DDS: right answers, and
refusals that leave the node alive.
"""

from __future__ import annotations

import subprocess
from array import array
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from nav_msgs.msg import Odometry
from rcl_interfaces.srv import SetParameters
from rclpy.parameter import Parameter
from sensor_msgs.msg import Image
from slowfeat_interfaces.msg import Embedding
from slowfeat_interfaces.srv import SelectView

from slowfeat.bundle import load_bundle
from slowfeat.encoder import Encoder
from slowfeat.memory import make_memory, write_memory
from slowfeat.nodes.encoder.select_service import ViewSelection
from slowfeat.nodes.messages import float32_array, transforms_from_motions
from slowfeat.odometry import NS
from slowfeat.view_selection.policies import POLICIES
from slowfeat.view_selection.seen import SeenViews
from tests.conftest import TINY_DIMENSION, TINY_PATTERNS
from tests.slowfeat.nodes.conftest import Robot, image_message, odometry_message, start_node

SERVICE = "/encoder/select_view"
START = np.full(TINY_DIMENSION, 0.5, dtype=np.float32)
RNG = np.random.default_rng(3)
MOTIONS = RNG.uniform(-1, 1, (20, 6))
STAMP = 1_700_000_000_000_000_000


@pytest.fixture(scope="module")
def memory(tiny_bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("memories") / "m"
    views = np.random.default_rng(1).normal(size=(6, TINY_DIMENSION)).astype(np.float32)
    info = load_bundle(tiny_bundle).info
    write_memory(folder, make_memory(info, list(views), ["a", "b", "c"] * 2, ["?"] * 6))
    return folder


@pytest.fixture(scope="module", autouse=True)
def node(tiny_bundle: Path, memory: Path) -> Iterator[subprocess.Popen[str]]:
    process = start_node("--model", str(tiny_bundle), "--ros-args", "-p", f"memory:={memory}")
    yield process
    alive = process.poll() is None
    process.terminate()
    output = process.communicate(timeout=10)[0]
    assert alive, output
    assert process.returncode == 0, output


def ask(robot: Robot, **fields: Any) -> Any:
    given: dict[str, Any] = {
        "motions": transforms_from_motions(MOTIONS),
        "embedding": float32_array(START),
        "goal": float32_array(np.zeros(TINY_DIMENSION)),
    }
    return robot.call(SelectView, SERVICE, SelectView.Request(**given | fields))


def test_goal_is_judged_as_by_hand(robot: Robot, tiny_bundle: Path) -> None:
    response = ask(robot)
    assert response.success, response.message
    after, error = Encoder(load_bundle(tiny_bundle)).predict(START, MOTIONS)
    distance = np.linalg.norm(after, axis=1)
    np.testing.assert_allclose(response.distance, distance, rtol=1e-4)
    likely = -((distance / error) ** 2) - np.log(error**2)
    np.testing.assert_allclose(response.score, likely, rtol=1e-4)
    assert response.best == np.argmax(response.score)
    still = Encoder(load_bundle(tiny_bundle)).predict(START, np.zeros((1, 6)))[1][0]
    staying = -((np.linalg.norm(START) / still) ** 2) - np.log(still**2)
    assert response.score_of_staying == pytest.approx(staying, rel=1e-4)
    assert list(response.sequence) == [response.best]
    assert not any(response.outside_range)
    assert response.model == "tiny"


@pytest.mark.parametrize("policy", POLICIES)
def test_every_policy_scores_every_motion(robot: Robot, policy: str) -> None:
    response = ask(robot, policy=policy, steps=3, beam=4)
    assert response.success, response.message
    assert len(response.score) == len(response.outside_range) == len(MOTIONS)
    assert 1 <= len(response.sequence) <= 3
    labelled = policy in {"recognition", "resemblance"}
    assert list(response.classes) == (["a", "b", "c"] if labelled else [])
    assert sum(response.class_probability) == pytest.approx(1.0 if labelled else 0.0)


def test_without_motions_the_bundles_patterns_are_judged(robot: Robot) -> None:
    response = ask(robot, motions=[])
    assert response.success, response.message
    assert response.motions == transforms_from_motions(TINY_PATTERNS)


def test_one_candidate_is_the_best(robot: Robot) -> None:
    response = ask(robot, motions=transforms_from_motions(MOTIONS[:1]))
    assert (response.success, response.best) == (True, 0)


def test_motions_outside_the_trained_range_are_flagged(robot: Robot) -> None:
    far = np.zeros((2, 6))
    far[1, 0] = 3.0
    response = ask(robot, motions=transforms_from_motions(far))
    assert list(response.outside_range) == [False, True]
    # 0.1 + |motion|, three half widths from the middle: tripled.
    np.testing.assert_allclose(response.expected_error, [0.1, 3 * 3.1], rtol=1e-4)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"policy": "best"}, "policy 'best' is unknown"),
        ({"goal": array("f")}, "give a goal"),
        ({"goal": array("f", [1.0])}, "the goal has 1 numbers"),
        ({"embedding": array("f", [1.0])}, "the embedding has 1 numbers"),
        ({"embedding": array("f", [float("nan")] * 8)}, "not finite"),
        ({"policy": "novelty", "seen": array("f", [1.0] * 9)}, "not a multiple of 8"),
        ({"steps": 99}, "give 1 to 10"),
        ({"steps": 2, "beam": 10**9}, "predictions a step"),
    ],
)
def test_a_request_that_cannot_be_served_is_refused_and_survived(
    robot: Robot, fields: dict[str, Any], reason: str
) -> None:
    response = ask(robot, **fields)
    assert not response.success
    assert reason in response.message
    assert ask(robot).success


def test_no_motion_at_all_and_an_empty_memory_are_refused_by_name(
    tiny_bundle: Path, tmp_path: Path
) -> None:
    encoder = Encoder(load_bundle(tiny_bundle))
    write_memory(tmp_path / "empty", make_memory(encoder.info, [], [], []))
    service = ViewSelection(str(tmp_path / "empty"), encoder, SeenViews(), lambda _stamp: None)

    def refusal(**fields: Any) -> str:
        request = SelectView.Request(embedding=float32_array(START), **fields)
        response = service.answer(encoder, None, request, SelectView.Response())
        assert not response.success
        return str(response.message)

    motions = transforms_from_motions(MOTIONS)
    assert "the labelled memory is empty" in refusal(policy="resemblance", motions=motions)
    encoder.info = replace(encoder.info, motion_patterns=[])
    assert "there is no motion to choose among" in refusal(policy="novelty")


def test_what_was_seen_is_not_new_and_the_goal_may_be_an_image(
    robot: Robot, tmp_path: Path
) -> None:
    refused = ask(robot, embedding=array("f"), policy="novelty")
    assert "no image has been embedded yet" in refused.message
    heard = robot.listen(Embedding, "/encoder/embedding")
    images = robot.publisher(Image, "/image")
    robot.send_until(images, image_message(STAMP), lambda: heard)
    response = ask(robot, embedding=array("f"), policy="novelty")
    assert response.success, response.message
    assert response.header == image_message(STAMP).header
    given = ask(robot, embedding=array("f"), policy="novelty", seen=heard[0].data)
    np.testing.assert_allclose(response.score, given.score, rtol=1e-4)

    pixels = np.frombuffer(image_message(STAMP).data, np.uint8).reshape(48, 64, 3)
    cv2.imwrite(str(tmp_path / "goal.png"), np.ascontiguousarray(pixels[..., ::-1]))
    wanted = Parameter("goal_image", value=str(tmp_path / "goal.png")).to_parameter_msg()
    request = SetParameters.Request(parameters=[wanted])
    assert robot.call(SetParameters, "/encoder/set_parameters", request).results[0].successful
    there = ask(robot, embedding=array("f"), goal=array("f"))
    # Nothing is nearer to a view than itself.
    assert there.success, there.message
    embedding = np.asarray(heard[-1].data)
    elsewhere = ask(robot, embedding=array("f"), goal=float32_array(embedding + 3.0))
    assert there.score_of_staying > elsewhere.score_of_staying


def test_where_odometry_tells_the_way_turning_on_the_spot_is_nothing_new(robot: Robot) -> None:
    turns = np.zeros((2, 6))
    turns[:, 5] = 0.3, -0.8
    asked = {
        "embedding": array("f"),
        "policy": "novelty",
        "motions": transforms_from_motions(turns),
    }
    # Without odometry the predicted views are compared, and these two differ.
    before = ask(robot, **asked)
    assert abs(before.score[0] - before.score[1]) > 1e-3
    heard = robot.listen(Embedding, "/encoder/embedding")
    odometry, images = robot.publisher(Odometry, "/odom"), robot.publisher(Image, "/image")
    begun = STAMP + 10 * NS

    def drive(step: int) -> None:
        odometry.publish(odometry_message(begun + step * NS // 10, 0.02 * step, 0.0))
        images.publish(image_message(begun + step * NS // 10 - NS // 20, seed=step))

    for step in range(40):
        drive(step)
        robot.spin_for(0.05)
        if len(heard) > 20:
            break
    response = ask(robot, **asked)
    assert response.success, response.message
    assert response.score[0] == pytest.approx(response.score[1], rel=1e-3)


def test_a_memory_of_another_bundle_is_refused_by_name(
    tiny_bundle: Path, memory: Path, tmp_path: Path
) -> None:
    text = (memory / "memory.json").read_text()
    (tmp_path / "m").mkdir()
    (tmp_path / "m" / "embeddings.npy").write_bytes((memory / "embeddings.npy").read_bytes())
    ours = load_bundle(tiny_bundle).info.sha256["encoder.onnx"]
    changed = text.replace(ours, "0" * 64).replace('"tiny"', '"another"')
    (tmp_path / "m" / "memory.json").write_text(changed)
    process = start_node(
        "--model", str(tiny_bundle), "--ros-args", "-p", f"memory:={tmp_path / 'm'}"
    )
    output = process.communicate(timeout=20)[0]
    assert process.returncode == 1
    assert "was made with bundle another" in output
