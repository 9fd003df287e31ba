"""Look at a bag before training on it.

Shows the topics and their rates, how images and odometry line up (their clocks included), how the robot
moves, and a verdict.

    slowfeat inspect my_bag
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from slowfeat_trainer.commands.reading import add_bag_arguments, reading_changes

HELP = "what is in a bag, how camera and odometry line up, a verdict"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Flags of `slowfeat inspect`."""
    parser.add_argument(
        "bags", nargs="+", type=Path, metavar="BAG", help="rosbag2 folder or file, or .bag"
    )
    add_bag_arguments(parser)


def run(args: argparse.Namespace) -> int:
    """Print a report a bag; 1 when one of them cannot be trained on."""
    from slowfeat_trainer.ingest.options import IngestOptions
    from slowfeat_trainer.inspection import describe, inspect_bag

    options = replace(IngestOptions(), **reading_changes(args))
    unusable = 0
    for path in args.bags:
        report = inspect_bag(path, options)
        print(describe(report), flush=True)
        unusable += not report.frames_with_pose or bool(report.problems)
    return 1 if unusable else 0
