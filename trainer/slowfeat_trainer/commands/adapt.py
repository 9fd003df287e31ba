"""Fit a bundle to another robot from a minute of its driving: seconds, and no network is trained.

The encoder stays as it is, so embeddings, memories and goal images keep their meaning. Fitted are what the
predictions need to hold there: how late the odometry's clock is, how much it over- or under-reports
turns and distances, and gain and bias of each coordinate of what is predicted. The end of the drive fits nothing and
tells what it was worth.

    slowfeat adapt runs/first my_bag --out adapted
    slowfeat adapt runs/first my_bag --out adapted --odom-offset 0.2
    ros2 launch slowfeat encoder.launch.py model:=adapted
"""

from __future__ import annotations

import argparse
from pathlib import Path

from slowfeat_trainer.commands.reading import add_bag_arguments, reading_changes

HELP = "fit a bundle to another robot from a minute of driving, without training"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Flags of `slowfeat adapt`."""
    parser.add_argument(
        "bundle", type=Path, metavar="RUN|BUNDLE", help="what was learned elsewhere"
    )
    parser.add_argument("bag", metavar="BAG", help="a minute or more of this robot")
    parser.add_argument(
        "--out", type=Path, required=True, metavar="BUNDLE", help="folder of the new bundle"
    )
    parser.add_argument("--overwrite", action="store_true", help="replace what stands at --out")
    parser.add_argument(
        "--test-fraction",
        type=float,
        metavar="N",
        default=0.4,
        help="share of the bag, its end, that figures are taken on (default 0.4)",
    )
    add_bag_arguments(parser)


def run(args: argparse.Namespace) -> int:
    """Adapt and say what it was worth."""
    from slowfeat.bundle import load_bundle
    from slowfeat_trainer.adaptation.adapt import adapt
    from slowfeat_trainer.stores import local_path

    print(
        adapt(
            load_bundle(args.bundle),
            local_path(args.bag),
            args.out,
            reading_changes(args),
            args.test_fraction,
            args.overwrite,
        )
    )
    return 0
