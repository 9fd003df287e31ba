"""Drive a simulated robot through a map of the game Freedoom and record a bag.

The robot explores on its own: it follows open ways, turns away from walls, looks around on the
spot. Walls block it, and the odometry says what the body really did, not what was asked for. The
bag is like a real robot's (images, camera_info, odometry, the camera's place in /tf_static), so
everything that reads it works on yours too.

Examples:
  slowfeat simulate --out tour                       one minute of MAP01 at 10 Hz, 160x120
  slowfeat simulate --out tour2 --map E1M2 --seed 1  another place, another drive
  slowfeat simulate --out tour3 --fov 60             seen through a longer lens
  slowfeat simulate --out tour4 --yaw-bias 18        odometry drifts left, 18 degrees/s
  slowfeat simulate --list-maps                      all places (train on some, test on others)
  slowfeat simulate --live --map E1M2                a ROS 2 node that obeys cmd_vel, no bag

The same command records the same bag, byte for byte, with the same versions of ViZDoom and OpenCV.
"""

from __future__ import annotations

import argparse
import math
from pathlib import Path

from slowfeat.errors import UsageError
from slowfeat.flags import DAY_S, SEED, number, whole
from slowfeat_trainer.commands.reading_flags import size

# Less ground than this in half a minute or more, m2: a few maps start in a closed cell.
SHUT_IN_M2 = 10
HELP = "drive a simulated robot and record a bag"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the flags."""
    parser.add_argument("--out", type=Path, metavar="BAG", help="folder of the new bag")
    parser.add_argument("--map", default="MAP01", help="where to drive (default: MAP01)")
    parser.add_argument("--list-maps", action="store_true", help="print the maps and stop")
    parser.add_argument("--seed", type=SEED, default=0, help="of the driver's choices (default: 0)")
    parser.add_argument(
        "--seconds", type=number(0.02, DAY_S), default=60.0, help="how long (default: 60)"
    )
    parser.add_argument(
        "--rate",
        type=number(0.01, 100),
        default=10.0,
        help="images a second; odometry comes at the multiple next to 50 Hz (default: 10)",
    )
    parser.add_argument(
        "--size",
        type=size,
        default=(120, 160),
        metavar="WxH",
        help="of the images, 4:3 (default: 160x120)",
    )
    parser.add_argument(
        "--fov",
        type=number(40, 90),
        default=90.0,
        help="of the lens, degrees, 40 to 90; not with --live (default: 90)",
    )
    parser.add_argument(
        "--speed", type=number(0.01, 10), default=1.0, help="cruise, m/s (default: 1.0)"
    )
    parser.add_argument(
        "--turn-rate", type=number(0.01, 10), default=1.5, help="at most, rad/s (default: 1.5)"
    )
    parser.add_argument(
        "--storage",
        choices=["mcap", "sqlite3"],
        default="mcap",
        help="mcap is compressed; sqlite3 is what Humble records by default (default: mcap)",
    )
    parser.add_argument(
        "--image-transport",
        choices=["compressed", "raw"],
        default="compressed",
        help="JPEG, or raw rgb8 images (default: compressed)",
    )
    parser.add_argument(
        "--jpeg-quality", type=whole(1, 100), default=90, help="1 to 100 (default: 90)"
    )
    add_odometry_arguments(parser)
    parser.add_argument("--overwrite", action="store_true", help="replace a bag that is there")
    parser.add_argument(
        "--live",
        action="store_true",
        help=(
            "record nothing: run the node sim_robot, which publishes images and odometry and "
            "obeys cmd_vel"
        ),
    )
    parser.add_argument(
        "--ros-args",
        nargs=argparse.REMAINDER,
        default=[],
        metavar="...",
        help="with --live, everything after it goes to ROS",
    )


def add_odometry_arguments(parser: argparse.ArgumentParser) -> None:
    """Flags that make the odometry err, as that of real robots does."""
    group = parser.add_argument_group("errors of the odometry (default: none)")
    group.add_argument(
        "--yaw-bias",
        type=number(-180, 180),
        default=0.0,
        metavar="DEG/S",
        help="turn that is reported while there is none, to the left positive",
    )
    group.add_argument(
        "--yaw-noise",
        type=number(0, 180),
        default=0.0,
        metavar="DEG",
        help=(
            "standard deviation of the turn's error after one second, degrees; after T seconds it "
            "is sqrt(T) times as large (14.1: 10 degrees over half a second)"
        ),
    )
    group.add_argument(
        "--yaw-scale",
        type=number(-100, 100),
        default=1.0,
        metavar="K",
        help="report K times the turn made; negative where the sign is wrong",
    )
    group.add_argument(
        "--slip",
        type=number(0, 0.9),
        default=0.0,
        metavar="SHARE",
        help="of the wheels' distance that slips: report 1 / (1 - SHARE) times the motion made",
    )
    group.add_argument(
        "--odom-ahead",
        type=number(-10, 10),
        default=0.0,
        metavar="S",
        help="seconds by which the odometry's stamps run ahead of the images'",
    )


def run(args: argparse.Namespace) -> int:
    """Record the bag and print what became of it."""
    if args.list_maps:
        return _list_maps()
    if args.live:
        return _live(args)
    if args.out is None:
        raise UsageError("where to? give --out BAG, the folder of the new bag")
    from slowfeat_trainer.simulation.drive import SimulationConfig, simulate
    from slowfeat_trainer.simulation.driver import DriveConfig
    from slowfeat_trainer.simulation.odometer import OdometryErrors

    config = SimulationConfig(
        map_name=args.map,
        seed=args.seed,
        seconds=args.seconds,
        rate=args.rate,
        size=args.size[::-1],
        fov_deg=args.fov,
        drive=DriveConfig(speed=args.speed, turn_rate=args.turn_rate),
        odometry=OdometryErrors(
            yaw_bias=math.radians(args.yaw_bias),
            yaw_noise=math.radians(args.yaw_noise),
            yaw_scale=args.yaw_scale,
            slip=args.slip,
            ahead_s=args.odom_ahead,
        ),
        storage=args.storage,
        jpeg_quality=args.jpeg_quality if args.image_transport == "compressed" else None,
    )
    summary = simulate(args.out, config, overwrite=args.overwrite)
    size_mb = sum(file.stat().st_size for file in args.out.iterdir()) / 1e6
    left, right = (
        math.degrees(turned) for turned in (summary.turned_left_rad, summary.turned_right_rad)
    )
    print(
        f"{args.out}: {summary.frames} frames in {summary.duration_s:.1f} s, {size_mb:.2f} MB\n"
        f"drove {summary.distance_m:.1f} m over {summary.covered_m2} m2, turned {left:.0f} degrees "
        f"left and {right:.0f} right, blocked {summary.blocked:.1%} of the time"
    )
    if summary.duration_s >= 30 and summary.covered_m2 < SHUT_IN_M2:
        print("the robot is shut in where this map starts: choose another map (--list-maps)")
    return 0


def _live(args: argparse.Namespace) -> int:
    from slowfeat_trainer.simulation.robot_node import run_robot

    if (args.yaw_bias, args.yaw_noise, args.yaw_scale, args.odom_ahead) != (0.0, 0.0, 1.0, 0.0):
        raise UsageError(
            "--yaw-bias, --yaw-noise, --yaw-scale and --odom-ahead are for recorded drives; with "
            "--live there are --slip and the parameter odom_noise"
        )
    values = [
        ("slip", args.slip),
        ("map", args.map),
        ("seed", args.seed),
        ("width", args.size[1]),
        ("image_rate", float(args.rate)),
        ("max_speed", float(args.speed)),
        ("max_turn_rate", float(args.turn_rate)),
    ]
    return run_robot(["--ros-args", *args.ros_args], values)


def _list_maps() -> int:
    from slowfeat_trainer.simulation.world import list_maps

    by_file: dict[str, list[str]] = {}
    for name, file in list_maps().items():
        by_file.setdefault(file.name, []).append(name)
    for file_name, names in by_file.items():
        print(f"{file_name}: {' '.join(names)}")
    return 0
