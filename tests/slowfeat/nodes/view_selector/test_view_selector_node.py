"""The view selector over real DDS: encoder and selector in their own
processes, a robot that obeys cmd_vel.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import time
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rclpy
from geometry_msgs.msg import Quaternion, Transform, Twist, TwistStamped
from nav_msgs.msg import Odometry
from rclpy.parameter import Parameter
from rclpy.qos import DurabilityPolicy, QoSProfile
from sensor_msgs.msg import Image
from slowfeat_interfaces.msg import Embedding, ViewChoice, ViewMove
from slowfeat_interfaces.srv import SelectView
from std_msgs.msg import String
from std_srvs.srv import Trigger
from visualization_msgs.msg import MarkerArray

from slowfeat.geometry import motion_matrix, rotation_vector_from_matrix
from slowfeat.nodes.view_selector import view_selector_node
from tests.slowfeat.nodes.conftest import Robot, image_message, odometry_message, start_node

LATCHED = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)
TICK_S = 0.04
MOTIONS = "[0.2,0.,0.,0.,0.,0., 0.,0.,0.,0.,0.,0.3]"


def start_selector(*parameters: str) -> subprocess.Popen[str]:
    words = [sys.executable, "-m", "slowfeat.nodes.view_selector.view_selector_node", "--ros-args"]
    # The images here are noise, which speaks against every odometry.
    for parameter in (
        f"motions:={MOTIONS}",
        "max_speed:=0.5",
        "settle_s:=0.05",
        "heed_odometry_health:=false",
        # A busy machine delivers late; what a late message does is tested without ROS.
        "odom_timeout_s:=0.5",
        "path_margin:=9.0",
        *parameters,
    ):
        words += ["-p", parameter]
    return subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def end(process: subprocess.Popen[str]) -> str:
    process.send_signal(signal.SIGTERM)
    output = process.communicate(timeout=10)[0]
    assert process.returncode == 0, output
    assert "Traceback" not in output
    return output


class Base:
    """Wheels and a camera: obeys cmd_vel, publishes odometry and noise for an image."""

    def __init__(self, robot: Robot, kind: Any = Twist) -> None:
        self.robot, self.pose, self.stamp = robot, np.eye(4), 1_700_000_000_000_000_000
        self.velocity, self.commands = (0.0, 0.0), []
        self.odometry_comes, self.is_stuck = True, False
        self._odometry = robot.node.create_publisher(Odometry, "/odom", 10)
        self._images = robot.node.create_publisher(Image, "/image", 10)
        robot.node.create_subscription(kind, "/cmd_vel", self._obey, 50)
        robot.node.create_timer(TICK_S, self._tick)
        self.choices: list[Any] = []
        self.moves: list[Any] = []
        self.states: list[Any] = []
        self.markers: list[Any] = []
        listen = robot.node.create_subscription
        listen(ViewChoice, "/view_selector/choice", self.choices.append, 10)
        listen(ViewMove, "/view_selector/move", self.moves.append, 10)
        listen(String, "/view_selector/state", self.states.append, LATCHED)
        listen(MarkerArray, "/view_selector/candidates", self.markers.append, 10)

    def _obey(self, message: Any) -> None:
        twist = getattr(message, "twist", message)
        self.velocity = (twist.linear.x, twist.angular.z)
        self.commands.append(self.velocity)

    def _tick(self) -> None:
        self.stamp += round(TICK_S * 1e9)
        forward, turn = self.velocity[0] * TICK_S, self.velocity[1] * TICK_S
        if not self.is_stuck:
            self.pose = self.pose @ motion_matrix([forward, 0, 0, 0, 0, turn])
        if self.odometry_comes:
            yaw = float(rotation_vector_from_matrix(self.pose[:3, :3])[2])
            message = odometry_message(self.stamp, float(self.pose[0, 3]), yaw)
            message.pose.pose.position.y = float(self.pose[1, 3])
            self._odometry.publish(message)
        self._images.publish(image_message(self.stamp, seed=self.stamp % 1000))

    def call(self, name: str) -> Any:
        return self.robot.call(Trigger, f"/view_selector/{name}", Trigger.Request())

    @property
    def state(self) -> str:
        return self.states[-1].data if self.states else ""


@pytest.fixture(scope="module")
def selector(node: Any) -> Iterator[subprocess.Popen[str]]:
    process = start_selector()
    yield process
    alive = process.poll() is None
    output = end(process)
    assert alive, output


@pytest.fixture
def base(selector: Any, robot: Robot) -> Iterator[Base]:
    made = Base(robot)
    robot.spin_until(lambda: "stopped" in made.state, "the selector's state")
    yield made
    assert made.call("stop").success
    robot.spin_until(lambda: "stopped" in made.state, "the stop")
    # Also whoever listens later hears that it stands still.
    robot.spin_until(lambda: made.velocity == (0.0, 0.0), "a zero command")


def test_waits_for_start_then_drives_asks_and_tells(base: Base, robot: Robot) -> None:
    robot.spin_for(0.5)
    assert not any(velocity != (0.0, 0.0) for velocity in base.commands)
    assert base.call("start").success
    robot.spin_until(lambda: len(base.moves) >= 2, "two motions")
    choice, move = base.choices[0], base.moves[0]
    assert (choice.policy, choice.model) == ("novelty", "tiny")
    assert len(choice.score) == len(choice.motions) == 2
    assert move.outcome == ViewMove.REACHED
    assert move.asked.rotation.z == pytest.approx(choice.motions[choice.chosen].rotation.z)
    assert move.made.translation.x == pytest.approx(move.asked.translation.x, abs=0.05)
    assert move.made.rotation.z == pytest.approx(move.asked.rotation.z, abs=0.03)
    robot.spin_until(lambda: base.markers, "arrows")
    assert len(base.markers[0].markers) == 3  # all deleted, then one a motion
    assert max(abs(v[0]) for v in base.commands) <= 0.5
    # The view of the second decision is newer than the first motion's end.
    ended, seen = base.moves[0].header.stamp, base.choices[1].header.stamp
    assert (seen.sec, seen.nanosec) >= (ended.sec, ended.nanosec)


def test_stop_stops_at_once_and_for_good(base: Base, robot: Robot) -> None:
    base.call("start")
    robot.spin_until(lambda: any(base.velocity), "a motion")
    assert base.call("stop").success
    robot.spin_until(lambda: base.velocity == (0.0, 0.0), "zero")
    count = len(base.choices)
    robot.spin_for(0.8)
    assert not any(base.velocity)
    assert len(base.choices) == count


def test_a_jump_of_odometry_ends_the_motion_and_the_next_one_goes_on_from_there(
    base: Base, robot: Robot
) -> None:
    base.call("start")
    robot.spin_until(lambda: any(base.velocity), "a motion")
    before, there = len(base.moves), base.pose.copy()
    base.pose = motion_matrix([0, 3, 0, 0, 0, 0]) @ base.pose
    robot.spin_until(lambda: len(base.moves) > before, "the end of the motion")
    assert base.moves[before].outcome == ViewMove.ODOMETRY_JUMPED
    assert abs(base.moves[before].made.translation.y) < 0.5
    assert np.linalg.norm(base.pose[:2, 3] - there[:2, 3] - (0, 3)) < 0.2
    count = len(base.moves)
    robot.spin_until(lambda: len(base.moves) > count, "another motion")


def test_stands_still_without_odometry_and_goes_on_with_it(base: Base, robot: Robot) -> None:
    base.call("start")
    robot.spin_until(lambda: any(base.velocity), "a motion")
    base.odometry_comes = False
    lost = time.monotonic()
    robot.spin_until(lambda: not any(base.velocity) and base.moves, "a stop")
    robot.spin_until(
        lambda: any(move.outcome == ViewMove.ODOMETRY_LOST for move in base.moves), "the report"
    )
    assert time.monotonic() - lost < 3.0  # half a second, and the rest for a busy machine
    base.odometry_comes = True
    count = len(base.moves)
    robot.spin_until(lambda: len(base.moves) > count, "another motion")


def test_against_a_wall_it_tries_something_else_and_at_last_stops(base: Base, robot: Robot) -> None:
    base.is_stuck = True
    base.call("start")
    robot.spin_until(lambda: "no motion is left" in base.state, "that it gives up")
    assert [move.outcome for move in base.moves] == [ViewMove.BLOCKED] * 2
    first, second = base.moves
    assert first.asked != second.asked
    assert first.made.translation.x == pytest.approx(0.0, abs=1e-6)
    assert first.made.rotation.w == pytest.approx(1.0)


def test_the_encoder_may_end_in_the_middle_of_a_motion_and_come_back(
    tiny_bundle: Path, robot: Robot
) -> None:
    names = ["-r", "__ns:=/two", "-r", "/two/image:=/image", "-r", "/two/odom:=/odom"]
    encoder = start_node("--model", str(tiny_bundle), "--ros-args", *names)
    words = ["encoder:=/two/encoder", "decision_timeout_s:=1.0", "start_moving:=true"]
    selector = start_selector(*words)
    base = Base(robot)
    try:
        robot.spin_until(lambda: any(base.velocity), "a motion")
        encoder.kill()
        encoder.communicate()
        robot.spin_until(lambda: base.moves, "the end of the motion")
        robot.spin_until(lambda: not any(base.velocity), "zero")
        robot.spin_for(1.5)
        assert not any(base.velocity)
        count = len(base.moves)
        encoder = start_node("--model", str(tiny_bundle), "--ros-args", *names)
        robot.spin_until(lambda: len(base.moves) > count, "a motion with the new encoder")
    finally:
        encoder.kill()
        encoder.communicate()
        base.commands.clear()
        robot.spin_until(lambda: any(base.velocity) or "asking" in base.state, "anything")
        output = end(selector)
    robot.spin_until(lambda: base.velocity == (0.0, 0.0), "a last zero")
    assert "no decision about a fresh view" in output


def test_a_selector_that_ends_in_the_middle_of_a_motion_stops_the_robot_and_a_new_one_goes_on(
    tiny_bundle: Path, robot: Robot
) -> None:
    names = ["-r", "__ns:=/three", "-r", "/three/image:=/image", "-r", "/three/odom:=/odom"]
    encoder = start_node("--model", str(tiny_bundle), "--ros-args", *names)
    words = ["encoder:=/three/encoder", "start_moving:=true"]
    selector = start_selector(*words)
    base = Base(robot)
    try:
        robot.spin_until(lambda: any(base.velocity), "a motion")
        end(selector)
        robot.spin_until(lambda: not any(base.velocity), "zero")
        there, count = base.pose.copy(), len(base.choices)
        robot.spin_for(0.5)
        np.testing.assert_array_equal(base.pose, there)
        selector = start_selector(*words)
        robot.spin_until(lambda: len(base.choices) > count + 1, "decisions of the new one")
    finally:
        encoder.kill()
        encoder.communicate()
        output = end(selector)
    assert "Traceback" not in output


def test_stamped_commands_and_no_encoder_at_all(robot: Robot) -> None:
    selector = start_selector("cmd_vel_stamped:=true", "encoder:=/nobody", "start_moving:=true")
    base = Base(robot, TwistStamped)
    robot.spin_until(lambda: base.commands or "asking" in base.state, "the selector")
    robot.spin_for(0.5)
    assert not any(any(velocity) for velocity in base.commands)
    end(selector)
    robot.spin_until(lambda: base.commands, "the last zero")
    assert base.commands[-1] == (0.0, 0.0)


def test_wrong_parameters_are_wrong_use() -> None:
    for parameter, reason in (
        ("policy:=best", "must be one of goal, novelty"),
        ("max_speed:=99.0", "within bounds [0.01, 5.0]"),
    ):
        process = start_selector(parameter)
        output = process.communicate(timeout=20)[0]
        assert process.returncode == 2, output
        assert reason in output


def test_a_goal_of_another_encoder_is_refused() -> None:
    context = rclpy.Context()
    rclpy.init(context=context)
    policy = [Parameter("policy", value="goal")]
    node = view_selector_node.ViewSelectorNode(policy, context=context)
    refused: list[str] = []
    node._loop = types.SimpleNamespace(
        take_refusal=refused.append, take_choices=lambda *_: refused.append("taken")
    )
    answer = SelectView.Response(
        success=True,
        motions=[Transform(rotation=Quaternion(w=1.0))],
        score=[1.0],
        outside_range=[False],
        model="mine",
        encoder_hash="b" * 64,
    )
    for made_by in ("a" * 64, "b" * 64, ""):
        node._on_goal(Embedding(data=[1.0], encoder_hash=made_by))
        node._pending = types.SimpleNamespace(result=lambda: answer)
        node._on_answer(node._pending)
    node._loop = None
    node.destroy_node()
    rclpy.shutdown(context=context)
    assert "~/goal was made by encoder aaaaaaaaaaaa, mine has bbbbbbbbbbbb" in refused[0]
    assert refused[1:] == ["taken", "taken"]
