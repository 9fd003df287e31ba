"""The closed loop, live: a simulated robot, the encoder and the view selector, each in its own
process.

This process listens, and ends all of them after a given time, however it ends itself.
"""

from __future__ import annotations

import json
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import rclpy
from geometry_msgs.msg import PoseStamped
from numpy.typing import NDArray
from rclpy.executors import SingleThreadedExecutor
from rclpy.signals import SignalHandlerOptions
from sensor_msgs.msg import Image
from slowfeat_interfaces.msg import ViewChoice, ViewMove

from slowfeat.errors import SlowfeatError
from slowfeat.files import write_whole
from slowfeat.geometry import Array
from slowfeat.images import decode_message
from slowfeat.live.move import Outcome
from slowfeat.nodes.messages import motions_from_transforms, stamp_ns
from slowfeat_trainer.console.terminal import progress_bar, say
from slowfeat_trainer.demo.children import Child, Children, sigterm_as_interrupt, wait_until
from slowfeat_trainer.demo.demo_pipeline import (
    LOGS,
    DemoOptions,
    check_folder,
    default_bag,
    get_bundle,
)
from slowfeat_trainer.demo.domain import isolate

NAMESPACE = "/slowfeat_demo"
PAGE, FIGURES = "live.html", "live.json"
START_TIMEOUT_S = 60.0
# The simulated robot is quick: what the bundle's patterns were recorded with.
MAX_SPEED, MAX_TURN_RATE = 1.0, 1.5
POLICY = "novelty"
# Ahead, arcs to both sides, and turns on the spot, which work in every corner; a bag's patterns may
# have none.
MOTIONS = (
    (0.6, 0.0, 0.0, 0.0, 0.0, 0.0),
    (0.5, 0.15, 0.0, 0.0, 0.0, 0.6),
    (0.5, -0.15, 0.0, 0.0, 0.0, -0.6),
    (0.0, 0.0, 0.0, 0.0, 0.0, 0.8),
    (0.0, 0.0, 0.0, 0.0, 0.0, -0.8),
)
# At most one image is kept in so many seconds.
PICTURE_S = 0.4


@dataclass
class Drive:
    """What was heard of a closed loop; stamps are ns of the robot's clock."""

    map_name: str
    policy: str
    # (stamp, x, y, yaw) of the body, m and rad, map frame.
    path: list[tuple[int, float, float, float]] = field(default_factory=list)
    # (stamp, RGB image).
    pictures: list[tuple[int, NDArray[np.uint8]]] = field(default_factory=list)
    choices: list[Any] = field(default_factory=list)
    moves: list[Any] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def distance_m(self) -> float:
        """Length of the path."""
        places = np.array([p[1:3] for p in self.path]).reshape(-1, 2)
        return float(np.linalg.norm(np.diff(places, axis=0), axis=1).sum())

    @property
    def places(self) -> int:
        """Square metres that the body's centre passed through."""
        return len({(int(np.floor(p[1])), int(np.floor(p[2]))) for p in self.path})

    def outcomes(self) -> dict[str, int]:
        """How many motions ended how."""
        counts = {outcome.name.lower().replace("_", " "): 0 for outcome in Outcome}
        for move in self.moves:
            counts[Outcome(move.outcome).name.lower().replace("_", " ")] += 1
        return counts

    def asked_and_made(self) -> tuple[Array, Array]:
        """Motions (N, 6) asked for and made."""
        if not self.moves:
            return np.zeros((0, 6)), np.zeros((0, 6))
        asked = motions_from_transforms([move.asked for move in self.moves])
        return asked, motions_from_transforms([move.made for move in self.moves])

    def to_json(self) -> dict[str, Any]:
        """The figures of the page."""
        asked, made = self.asked_and_made()
        return {
            "map": self.map_name,
            "policy": self.policy,
            "seconds": round(self.seconds, 1),
            "decisions": len(self.choices),
            "moves": len(self.moves),
            "outcomes": self.outcomes(),
            "distance_m": round(self.distance_m, 2),
            "places_m2": self.places,
            "asked": np.round(asked, 4).tolist(),
            "made": np.round(made, 4).tolist(),
        }


def run_live_loop(options: DemoOptions, map_name: str) -> str:
    """Let the robot look around for options.seconds; returns a summary. Leaves live.html and
    live.json.

    Raises:
        SlowfeatError: a process ended early, or nothing moved.
    """
    check_folder(options.out)
    with sigterm_as_interrupt():
        bag = options.bag or default_bag(options.out, options.seed)
        bundle, model = get_bundle(options, bag)
        domain = isolate()
        say(f"ROS domain {domain}, on this machine only")
        options.out.mkdir(parents=True, exist_ok=True)
        drive = listen(model, map_name, options.out / LOGS, options.seconds)
        if not drive.moves:
            raise SlowfeatError(f"the robot made no motion; the logs are in {options.out / LOGS}")
        from slowfeat_trainer.demo.live_loop_page import make_page

        write_whole(options.out / FIGURES, json.dumps(drive.to_json(), indent=1) + "\n")
        write_whole(options.out / PAGE, make_page(drive, bundle.info.name, options.frames))
    ended = ", ".join(f"{count} {name}" for name, count in drive.outcomes().items() if count)
    return (
        f"{len(drive.choices)} decisions, {len(drive.moves)} motions ({ended}), "
        f"{drive.distance_m:.1f} m, {drive.places} m2 seen from in {drive.seconds:.0f} s\npage: "
        f"{options.out / PAGE}"
    )


def robot_command(map_name: str) -> list[str]:
    """The command that starts the simulated robot."""
    words = [sys.executable, "-m", "slowfeat_trainer.simulation.robot_node", "--ros-args"]
    return [*words, "-r", f"__ns:={NAMESPACE}", "-p", f"map:={map_name}"]


def encoder_command(model: Path) -> list[str]:
    """The command that starts the encoder on the robot's topics."""
    words = [sys.executable, "-m", "slowfeat", "run", "--model", str(model)]
    return [*words, "--namespace", NAMESPACE, "--image-topic", "camera/image_raw"]


def selector_command() -> list[str]:
    """The command that starts the view selector, which moves at once: nobody is in the way here."""
    words = [sys.executable, "-m", "slowfeat.nodes.view_selector.view_selector_node", "--ros-args"]
    words += ["-r", f"__ns:={NAMESPACE}"]
    for name, value in {
        "policy": POLICY,
        "motions": str([value for motion in MOTIONS for value in motion]),
        "start_moving": "true",
        "max_speed": MAX_SPEED,
        "max_turn_rate": MAX_TURN_RATE,
        "tolerance_m": 0.06,
        "tolerance_rad": 0.06,
        "settle_s": 0.1,
    }.items():
        words += ["-p", f"{name}:={value}"]
    return words


def listen(model: Path, map_name: str, logs: Path, seconds: float) -> Drive:
    """Start the three, and hear what they do for so long after the first decision."""
    drive = Drive(map_name, POLICY)
    context = rclpy.Context()
    # Ctrl-C stays Python's KeyboardInterrupt.
    rclpy.init(context=context, signal_handler_options=SignalHandlerOptions.NO)
    node = rclpy.create_node("slowfeat_demo_listener", context=context)
    executor = SingleThreadedExecutor(context=context)
    executor.add_node(node)
    _subscribe(node, drive)
    try:
        with Children(logs) as children:
            say(f"starting robot ({map_name}), encoder and view selector, each in its own process")
            started = [
                children.start("robot", robot_command(map_name)),
                children.start("encoder", encoder_command(model)),
                children.start("selector", selector_command()),
            ]
            _spin(executor, started, drive, seconds)
    finally:
        executor.shutdown()
        node.destroy_node()
        context.try_shutdown()
    return drive


def _spin(
    executor: SingleThreadedExecutor, started: list[Child], drive: Drive, seconds: float
) -> None:
    def step() -> None:
        executor.spin_once(timeout_sec=0.05)
        for child in started:
            child.check()

    wait_until(lambda: bool(drive.choices), step, START_TIMEOUT_S, "the first decision")
    begun = time.monotonic()
    with progress_bar(round(seconds), "driving", "s") as bar:
        while time.monotonic() - begun < seconds:
            step()
            bar.update(int(time.monotonic() - begun) - bar.n)
    drive.seconds = time.monotonic() - begun


def _subscribe(node: Any, drive: Drive) -> None:
    def on_pose(message: Any) -> None:
        p, q = message.pose.position, message.pose.orientation
        yaw = 2 * float(np.arctan2(q.z, q.w))
        drive.path.append((stamp_ns(message.header), p.x, p.y, yaw))

    def on_image(message: Any) -> None:
        stamp = stamp_ns(message.header)
        if not drive.pictures or stamp - drive.pictures[-1][0] >= PICTURE_S * 1e9:
            drive.pictures.append((stamp, decode_message(message).copy()))

    node.create_subscription(PoseStamped, f"{NAMESPACE}/sim_robot/true_pose", on_pose, 50)
    node.create_subscription(Image, f"{NAMESPACE}/camera/image_raw", on_image, 5)
    selector = f"{NAMESPACE}/view_selector"
    node.create_subscription(ViewChoice, f"{selector}/choice", drive.choices.append, 50)
    node.create_subscription(ViewMove, f"{selector}/move", drive.moves.append, 50)
