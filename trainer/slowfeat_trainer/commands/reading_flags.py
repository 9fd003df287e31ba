"""Flags that say how bags are read, shared by the commands that read bags."""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable
from typing import Any

from slowfeat.flags import SHOWN, number, whole
from slowfeat.scaled_decoding import RULES

# No length, share or part of a quaternion is larger.
LARGEST = 1e6


def add_bag_arguments(parser: argparse.ArgumentParser) -> None:
    """Topics, frames and clocks: what differs from robot to robot."""
    group = parser.add_argument_group("how the bags are read")
    group.add_argument("--image-topic", metavar="T", help="image topic, where the bag has several")
    group.add_argument(
        "--odom-topic",
        metavar="T",
        help=(
            "topic of the motion (odometry, /tf, poses, twists, Ackermann commands), "
            "if not the first of these in the bag"
        ),
    )
    group.add_argument(
        "--odom-offset",
        metavar="S|auto",
        type=seconds_or_auto,
        help=(
            "seconds added to the odometry's stamps, for clocks that disagree (default: what the "
            "images say, where they are sure; auto also warns where they are not)"
        ),
    )
    group.add_argument(
        "--motion",
        choices=("auto", "odometry", "pictures", "fused"),
        help=(
            "whose turns are used: those of the odometry (its errors removed), of the images, or "
            "both fused; auto (default) fuses where the odometry's noise is clearly worse than "
            "the images'"
        ),
    )
    group.add_argument(
        "--trust-odometry",
        action="store_true",
        default=None,
        help=(
            "leave the odometry as it is: remove no delay, bias, scale or wrong sign that the "
            "images show"
        ),
    )
    group.add_argument(
        "--extrinsic",
        metavar="'X Y Z QX QY QZ QW'",
        type=numbers(7),
        help=(
            "pose of the camera's optical frame in the body, m and quaternion (default: /tf_static)"
        ),
    )
    group.add_argument(
        "--body-frame",
        metavar="NAME",
        help=(
            "frame whose motion it is, for /tf and poses (default: what the topic says, base_link)"
        ),
    )
    group.add_argument(
        "--fixed-frame", metavar="NAME", help="frame that stays in place, for /tf (default: odom)"
    )
    group.add_argument(
        "--wheelbase",
        metavar="M",
        type=number(0.01, 100),
        help="between the axles, for Ackermann commands",
    )
    group.add_argument(
        "--max-odom-gap",
        metavar="S",
        type=number(0.001, 60),
        help="poses further apart than this are not interpolated (default 0.5)",
    )


def add_frame_arguments(parser: argparse.ArgumentParser) -> None:
    """Which frames are kept, and how small."""
    group = parser.add_argument_group("which frames are used")
    group.add_argument(
        "--size", metavar="WxH", type=size, help="frames are stretched to this (default 64x64)"
    )
    group.add_argument(
        "--crop",
        metavar="T,R,B,L",
        type=numbers(4, ","),
        help="shares cut off top, right, bottom and left, such as 0,0,0.2,0 for the robot's own "
        "bonnet; the exported encoder cuts the same",
    )
    group.add_argument(
        "--decoding",
        choices=RULES,
        help="scaled: JPEGs are decoded at 1/2, 1/4 or 1/8 where that leaves four pixels for each "
        "that is wanted, several times as fast; whole: every pixel. The robot does the same "
        "(default scaled)",
    )
    group.add_argument(
        "--rate",
        metavar="HZ",
        type=number(0.01, 1000),
        help="at most this many frames a second (default: all)",
    )
    group.add_argument(
        "--min-move",
        metavar="M",
        type=number(0, 1000),
        help="keep a frame when the robot has moved this far",
    )
    group.add_argument(
        "--min-turn", metavar="DEG", type=number(0, 180), help="or when it has turned this much"
    )


def add_split_arguments(parser: argparse.ArgumentParser) -> None:
    """What is held out of training."""
    group = parser.add_argument_group("what is held out of training")
    group.add_argument(
        "--split",
        choices=("time", "bag"),
        help="keep the end of each bag for the figures, or whole bags (default time)",
    )
    group.add_argument(
        "--test-fraction",
        metavar="N",
        type=number(0, 0.9),
        help="share held out for the figures (default 0.4)",
    )
    group.add_argument(
        "--calibration-fraction",
        metavar="N",
        type=number(0.05, 0.5),
        help="share of the rest that calibrates the expected error (default 0.2)",
    )


def split_changes(args: argparse.Namespace) -> dict[str, Any]:
    """The settings of SplitRule that were given as flags."""
    given = {
        "by": args.split,
        "test": args.test_fraction,
        "calibration": args.calibration_fraction,
    }
    return {name: value for name, value in given.items() if value is not None}


def reading_changes(args: argparse.Namespace) -> dict[str, Any]:
    """The options of IngestOptions that were given as flags."""
    turn = getattr(args, "min_turn", None)
    given = {
        "image_topic": args.image_topic,
        "odom_topic": args.odom_topic,
        "extrinsic": args.extrinsic,
        "body_frame": args.body_frame,
        "fixed_frame": args.fixed_frame,
        "wheelbase_m": args.wheelbase,
        "max_odom_gap_s": args.max_odom_gap,
        "motion": args.motion,
        "trust_odometry": args.trust_odometry,
        "image_size": getattr(args, "size", None),
        "crop": getattr(args, "crop", None),
        "decoding": getattr(args, "decoding", None),
        "rate_hz": getattr(args, "rate", None),
        "min_move_m": getattr(args, "min_move", None),
        "min_turn_rad": None if turn is None else math.radians(turn),
    }
    offset: dict[str, Any] = {}
    if args.odom_offset == "auto":
        offset = {"odom_offset_auto": True, "odom_offset_s": None}
    elif args.odom_offset is not None:
        offset = {"odom_offset_auto": False, "odom_offset_s": args.odom_offset}
    return {name: value for name, value in given.items() if value is not None} | offset


def seconds_or_auto(text: str) -> float | str:
    """The value of --odom-offset."""
    if text == "auto":
        return text
    # Clocks that count from when they were switched on are decades apart from others.
    return number(-1e10, 1e10)(text)


def size(text: str) -> tuple[int, int]:
    """(height, width) of WxH, in pixels."""
    sides = text.lower().split("x")
    if len(sides) != 2:
        raise argparse.ArgumentTypeError(
            f"is {text[:SHOWN]!r}; give width x height in pixels, such as 64x48"
        )
    width, height = (whole(1, 16384)(side) for side in sides)
    return height, width


def numbers(count: int, separator: str | None = None) -> Callable[[str], tuple[float, ...]]:
    """A parser of so many finite numbers."""

    def parse(text: str) -> tuple[float, ...]:
        try:
            values = tuple(float(part) for part in text.split(separator))
        except ValueError:
            values = ()
        if len(values) != count or not all(abs(v) <= LARGEST for v in values):
            raise argparse.ArgumentTypeError(
                f"is {text[:SHOWN]!r}; give {count} finite numbers, none beyond {LARGEST:g}"
            )
        return values

    return parse
