"""The parameters of the simulated robot: one table, as for the encoder. Needs no ROS to be read."""

from __future__ import annotations

from typing import Protocol

from slowfeat.nodes.parameters import AT_START, NodeParameter


class Adjustable(Protocol):
    """What a changed parameter needs of the node."""

    def use_odometry_errors(self, noise: float | None = None, slip: float | None = None) -> None:
        """Let odometry err by these from now on."""


def _noise(node: Adjustable, value: float) -> None:
    node.use_odometry_errors(noise=float(value))


def _slip(node: Adjustable, value: float) -> None:
    node.use_odometry_errors(slip=float(value))


SIM_ROBOT_PARAMETERS = (
    NodeParameter(
        "map", "MAP05", "The map to drive in; slowfeat simulate --list-maps names them.", AT_START
    ),
    NodeParameter("seed", 0, "Of noise and of flickering lights.", AT_START, bounds=(0, 2**31 - 1)),
    NodeParameter(
        "width",
        160,
        "Width of the images, pixels; the height is three quarters of it.",
        AT_START,
        bounds=(32, 800),
    ),
    NodeParameter("image_rate", 10.0, "Images a second, Hz.", AT_START, bounds=(0.5, 50.0)),
    NodeParameter(
        "speed_up",
        1.0,
        "Simulated seconds in a real one. Other than 1, start the other nodes with use_sim_time; "
        "the clock is on /clock then.",
        AT_START,
        bounds=(0.1, 20.0),
    ),
    NodeParameter(
        "odom_noise",
        0.0,
        "Standard deviation of the odometry's error in distance and angle, as a share of each 0.1 "
        "m and 0.1 rad that are made.",
        bounds=(0.0, 1.0),
        apply=_noise,
    ),
    NodeParameter(
        "slip",
        0.0,
        "Share of the wheels' way that slips: odometry reports 1 / (1 - slip) times the motion "
        "made.",
        bounds=(0.0, 0.9),
        apply=_slip,
    ),
    NodeParameter(
        "cmd_vel_stamped", False, "Listen for TwistStamped on cmd_vel, not Twist.", AT_START
    ),
    NodeParameter(
        "cmd_vel_timeout_s",
        0.5,
        "Without a command for so long (simulated) the robot stands still, s.",
        bounds=(0.05, 10.0),
    ),
    NodeParameter("max_speed", 1.0, "Fastest, m/s.", bounds=(0.01, 3.0)),
    NodeParameter("max_turn_rate", 1.5, "Fastest turn, rad/s.", bounds=(0.01, 6.0)),
)
