"""Run the encoder node without the ros2 program.

  slowfeat run --model run1 --image-topic /camera/image_raw --odom-topic /odom

It publishes ~/embedding and ~/predictions (here /encoder/embedding, /encoder/predictions) for every
image and answers the service ~/predict. What follows --ros-args goes to ROS as it stands, for
example --ros-args -p queue_depth:=10 --log-level debug. Ctrl-C ends it.
"""

from __future__ import annotations

import argparse

from slowfeat.flags import whole

HELP = "run the ROS 2 node: an embedding for every image, and predictions"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's flags."""
    named = parser.add_mutually_exclusive_group(required=True)
    named.add_argument(
        "bundle",
        nargs="?",
        metavar="RUN|BUNDLE",
        help="what slowfeat train left, or package://NAME/PATH",
    )
    named.add_argument("--model", metavar="RUN|BUNDLE", help="the same, as the node's parameter")
    parser.add_argument("--image-topic", metavar="TOPIC", help="topic of the images [image]")
    parser.add_argument("--odom-topic", metavar="TOPIC", help="topic of odometry [odom]")
    parser.add_argument(
        "--image-transport",
        choices=["raw", "compressed"],
        help="compressed subscribes TOPIC/compressed [raw]",
    )
    parser.add_argument(
        "--provider",
        choices=["auto", "cpu", "cuda", "tensorrt"],
        help="what ONNX Runtime runs on [auto: CUDA where installed, else CPU]",
    )
    parser.add_argument(
        "--queue-depth",
        type=whole(1, 10000),
        metavar="N",
        help="frames that may wait; more than 1 where every frame of a bag counts [1]",
    )
    parser.add_argument("--namespace", metavar="NS", help="namespace of the node [/]")
    parser.add_argument(
        "--ros-args",
        nargs=argparse.REMAINDER,
        default=[],
        metavar="...",
        help="everything after it goes to ROS",
    )


def ros_arguments(args: argparse.Namespace) -> list[str]:
    """The command's flags as ROS remappings, before the user's own ROS arguments."""
    names = {"image": args.image_topic, "odom": args.odom_topic, "__ns": args.namespace}
    if args.namespace:
        names["__ns"] = "/" + args.namespace.strip("/")
    words = ["--ros-args"]
    for name, topic in names.items():
        if topic:
            words += ["--remap", f"{name}:={topic}"]
    return [*words, *args.ros_args]


def run(args: argparse.Namespace) -> int:
    """Run the node until it is interrupted; returns the exit code."""
    from slowfeat.nodes.encoder.encoder_node import EncoderNode
    from slowfeat.nodes.process import run_node

    values = {
        "model": args.bundle or args.model,
        "image_transport": args.image_transport,
        "execution_provider": args.provider,
        "queue_depth": args.queue_depth,
    }
    given = [(name, value) for name, value in values.items() if value is not None]
    return run_node(EncoderNode, ros_arguments(args), given, exit_when_not_started=True)
