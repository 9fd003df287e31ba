"""The robot everyone has, live: a ROS 2 node around the simulated world.

    python -m slowfeat_trainer.simulation.robot_node --ros-args -p map:=MAP05
    slowfeat simulate --live --map MAP05

It stands on the trainer's side, because the world does: ViZDoom is no part of a robot, and
slowfeat/ must import without it. Topics and parameters are described in docs/nodes/sim_robot.md.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

from geometry_msgs.msg import PoseStamped, TransformStamped, Twist, TwistStamped
from nav_msgs.msg import Odometry
from rclpy.clock import Clock, ClockType
from rclpy.node import Node
from rclpy.parameter import Parameter
from rclpy.qos import DurabilityPolicy, QoSProfile
from rosgraph_msgs.msg import Clock as ClockMessage
from sensor_msgs.msg import CameraInfo, Image
from std_srvs.srv import Trigger

from slowfeat.errors import SlowfeatError
from slowfeat.nodes.parameters import NodeParameter, declare
from slowfeat_trainer.simulation import robot_messages
from slowfeat_trainer.simulation.bag_messages import twist_between
from slowfeat_trainer.simulation.doom_camera import Camera
from slowfeat_trainer.simulation.odometer import Odometer
from slowfeat_trainer.simulation.robot_parameters import SIM_ROBOT_PARAMETERS
from slowfeat_trainer.simulation.world import Pose, World

ODOMETRY_RATE = 50.0
# Change of speed and of turn rate, m/s^2 and rad/s^2: a robot has mass.
ACCELERATION, TURN_ACCELERATION = 1.5, 5.0


class SimRobotNode(Node):  # type: ignore[misc]
    """See the module.

    Args:
        overrides: parameters that take precedence over the command line and parameter files.
        ros_args: arguments for this node alone, from --ros-args on.
        context: what rclpy.init was called with; None where that was nothing.
    """

    def __init__(
        self,
        overrides: Sequence[Parameter] = (),
        ros_args: Sequence[str] | None = None,
        context: Any = None,
    ) -> None:
        super().__init__(
            "sim_robot", parameter_overrides=list(overrides), cli_args=ros_args, context=context
        )
        self.last_error: SlowfeatError | None = None
        self._odometer: Odometer | None = None
        self._world: World | None = None
        declare(self, SIM_ROBOT_PARAMETERS, _may_change)

    def _value(self, name: str) -> Any:
        return self.get_parameter(name).value

    def use_odometry_errors(self, noise: float | None = None, slip: float | None = None) -> None:
        """Let odometry err by these from now on; None leaves one as it is."""
        if self._odometer is None:
            return
        if noise is not None:
            self._odometer.noise = noise
        if slip is not None:
            self._odometer.slip = slip

    @property
    def autostart(self) -> bool:
        """A world is always on."""
        return True

    def start(self) -> bool:
        """Open the world and begin; whether that worked (else see last_error)."""
        try:
            width = int(self._value("width"))
            self._camera = Camera(width, width * 3 // 4)
            seed = int(self._value("seed"))
            self._world = World(self._value("map"), self._camera.rendered_size, seed)
        except SlowfeatError as error:
            self.last_error = error
        except ImportError as error:
            self.last_error = SlowfeatError(f"{error}: pip install 'slowfeat[sim]'")
        if self._world is None:
            self.get_logger().error(f"cannot start: {self.last_error}")
            return False
        self._pose = self._world.pose
        self._odometer = Odometer(self._pose, seed)
        self.use_odometry_errors(float(self._value("odom_noise")), float(self._value("slip")))
        self._begin()
        self.get_logger().info(
            f"map {self._value('map')}, {self._camera.width}x{self._camera.height}"
        )
        return True

    def _begin(self) -> None:
        self._wanted, self._velocity = (0.0, 0.0), [0.0, 0.0]
        self._commanded_ns = self._tics = 0
        self._stamp_ns = self.get_clock().now().nanoseconds
        self._tics_an_image = max(1, round(ODOMETRY_RATE / float(self._value("image_rate"))))
        publish = self.create_publisher
        latched = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)
        self._image = publish(Image, "camera/image_raw", 5)
        self._info = publish(CameraInfo, "camera/camera_info", 5)
        self._odometry = publish(Odometry, "odom", 50)
        self._true = publish(PoseStamped, "~/true_pose", 50)
        self._extrinsic = publish(TransformStamped, "~/extrinsic", latched)
        self._speed_up = float(self._value("speed_up"))
        self._clock_out = publish(ClockMessage, "/clock", 10) if self._speed_up != 1.0 else None
        self._publish_extrinsic(latched)
        kind = TwistStamped if self._value("cmd_vel_stamped") else Twist
        self.create_subscription(kind, "cmd_vel", self._on_command, 10)
        self.create_service(Trigger, "~/reset", self._on_reset)
        steady = Clock(clock_type=ClockType.STEADY_TIME)
        period = 1.0 / (ODOMETRY_RATE * self._speed_up)
        self._timer = self.create_timer(period, self._tic, clock=steady)

    def _publish_extrinsic(self, latched: QoSProfile) -> None:
        message = robot_messages.extrinsic(self._stamp_ns)
        self._extrinsic.publish(message)
        try:
            from tf2_msgs.msg import TFMessage
        except ImportError:
            return
        self._static = self.create_publisher(TFMessage, "/tf_static", latched)
        self._static.publish(TFMessage(transforms=[message]))

    def _on_command(self, message: Any) -> None:
        twist = getattr(message, "twist", message)
        self._wanted = (float(twist.linear.x), float(twist.angular.z))
        self._commanded_ns = self._stamp_ns

    def _on_reset(self, request: Any, response: Any) -> Any:
        del request
        if self._world is not None and self._odometer is not None:
            self._world.reset()
            self._pose = self._world.pose
            self._odometer.reset(self._pose)
            self._wanted, self._velocity = (0.0, 0.0), [0.0, 0.0]
        response.success, response.message = True, "at the start of the map"
        return response

    def _accelerate(self, tic_s: float) -> None:
        """Towards the command, as fast as the robot's mass lets it;
        to zero when commands stopped.
        """
        silent = (self._stamp_ns - self._commanded_ns) / 1e9
        wanted = self._wanted if silent <= self._value("cmd_vel_timeout_s") else (0.0, 0.0)
        fastest = (float(self._value("max_speed")), float(self._value("max_turn_rate")))
        for i, most in enumerate((ACCELERATION * tic_s, TURN_ACCELERATION * tic_s)):
            # NaN commands nothing.
            target = min(max(wanted[i], -fastest[i]), fastest[i]) if wanted[i] == wanted[i] else 0.0
            self._velocity[i] += min(max(target - self._velocity[i], -most), most)

    def _tic(self) -> None:
        if self._world is None or self._odometer is None:
            return
        tic_s = 1.0 / ODOMETRY_RATE
        self._accelerate(tic_s)
        if self._world.move(self._velocity[0] * tic_s, self._velocity[1] * tic_s):
            # Against a wall the wheels do not spin on.
            self._velocity[0] *= 0.5
        self._pose = self._world.pose
        self._stamp_ns += round(tic_s * 1e9)
        self._publish(tic_s)
        self._tics += 1

    def _publish(self, tic_s: float) -> None:
        if self._world is None or self._odometer is None:
            return
        stamp, odometer = self._stamp_ns, self._odometer
        if self._clock_out is not None:
            self._clock_out.publish(ClockMessage(clock=robot_messages.time_message(stamp)))
        before: Pose = odometer.pose
        now = odometer.step(self._pose)
        twist = twist_between(before, now, tic_s)
        self._odometry.publish(robot_messages.odometry(stamp, now, twist, odometer.noise))
        if self._tics % self._tics_an_image == 0:
            self._true.publish(robot_messages.true_pose(stamp, self._pose))
            picture = self._camera.expose(self._world.render())
            self._image.publish(robot_messages.image(stamp, picture))
            self._info.publish(robot_messages.camera_info(stamp, self._camera))

    def close(self) -> None:
        """End the game."""
        if self._world is not None:
            self._world.close()
            self._world = None


def _may_change(row: NodeParameter) -> str | None:
    del row
    return None


def run_robot(ros_args: Sequence[str], parameters: Sequence[tuple[str, Any]] = ()) -> int:
    """Run the node until it is interrupted; returns the exit code."""
    from slowfeat.nodes.process import run_node

    return run_node(SimRobotNode, ros_args, parameters, exit_when_not_started=True)


def main() -> int:
    """Of this module as a program; returns the exit code."""
    try:
        return run_robot(sys.argv[1:])
    except SlowfeatError as error:
        print(f"sim_robot: {error}", file=sys.stderr)
        return error.exit_code


if __name__ == "__main__":
    sys.exit(main())
