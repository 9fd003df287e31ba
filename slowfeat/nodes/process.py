"""The process of a node: middleware settings, signals, spinning, exit code."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable, Sequence
from typing import Any

import rclpy
from rclpy.exceptions import ParameterException
from rclpy.executors import ExternalShutdownException, SingleThreadedExecutor
from rclpy.parameter import Parameter
from rclpy.signals import SignalHandlerOptions

from slowfeat.errors import SlowfeatError, UsageError
from slowfeat.live.fastdds import use_profile


def run_node(
    make: Callable[[list[Parameter]], Any],
    ros_args: Sequence[str],
    parameters: Sequence[tuple[str, Any]] = (),
    exit_when_not_started: bool = False,
) -> int:
    """Run a node until SIGINT, SIGTERM or a shutdown of its context; returns the exit code.

    Args:
        make: makes the node of parameters that take precedence; it has `autostart`, `start()`,
            `last_error` and `close()`.
        ros_args: command line, from --ros-args on.
        parameters: names and values that take precedence over it.
        exit_when_not_started: end with the error's exit code when autostart fails; without, the
            node stays, to be configured anew.

    Raises:
        UsageError: ROS arguments or parameters that make no sense.
    """
    # rclpy's own handlers end the context at any moment, and Python's raise
    # KeyboardInterrupt anywhere: either may hit the node half made. Ours only asks the spinning to
    # end.
    asked_to_end = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: asked_to_end.set())
    warning = use_profile()
    node = _make_node(make, ros_args, parameters)
    if warning:
        node.get_logger().warning(warning)
    try:
        if node.autostart and not node.start() and exit_when_not_started and node.last_error:
            return int(node.last_error.exit_code)
        _spin(node, asked_to_end)
    finally:
        node.close()
        node.destroy_node()
        rclpy.try_shutdown()
    return 0


def node_program(name: str, make: Callable[[list[Parameter]], Any]) -> int:
    """What `ros2 run` and `ros2 launch` start: the node with this process's arguments; a wrong
    argument ends it with one line on stderr. Returns the exit code.
    """
    try:
        return run_node(make, sys.argv[1:])
    except SlowfeatError as error:
        print(f"{name}: {error}", file=sys.stderr)
        return error.exit_code


def _make_node(
    make: Callable[[list[Parameter]], Any],
    ros_args: Sequence[str],
    parameters: Sequence[tuple[str, Any]],
) -> Any:
    try:
        rclpy.init(args=list(ros_args), signal_handler_options=SignalHandlerOptions.NO)
        return make([Parameter(name, value=value) for name, value in parameters])
    except ParameterException as error:
        # rclpy wraps our own words: "Invalid parameter value (..) for parameter. Reason: OURS:
        # name".
        text = str(error)
        _, _, ours = text.partition("Reason: ")
        raise UsageError(ours.rpartition(": ")[0] or text) from error
    except Exception as error:
        # rclpy's own class for wrong arguments is private and moves between distributions.
        if "Error" in type(error).__name__ and "rgument" in f"{type(error).__name__} {error}":
            text = str(error).split(", at ")[0]
            raise UsageError(f"ROS arguments cannot be used: {text}") from error
        raise


def _spin(node: Any, asked_to_end: threading.Event) -> None:
    """Spin until asked to end; an error in a callback is logged and survived."""
    # MultiThreadedExecutor starves image callbacks; inference has a thread of its own anyway.
    executor = SingleThreadedExecutor()
    executor.add_node(node)
    while node.context.ok() and not asked_to_end.is_set():
        try:
            # Python runs a signal's handler once the executor returns from waiting.
            executor.spin_once(timeout_sec=0.2)
        except ExternalShutdownException:
            return
        except Exception as error:
            node.get_logger().error(
                f"a callback failed, going on: {type(error).__name__}: {error}",
                throttle_duration_sec=5.0,
            )
