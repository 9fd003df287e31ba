"""Measure bundles on a bag, beside what any method must beat.

Takes bundles or runs. With several, as of one method trained with several seeds, each row is their
mean and spread (standard deviation over the bundles). Of a bag that a run has learned from, only the
end that was kept out counts, and the bag is read as it was for the training.

    slowfeat evaluate runs/first --on my_bag
    slowfeat evaluate runs/seed0 runs/seed1 runs/seed2 --on my_bag --json table.json
"""

from __future__ import annotations

import argparse
from pathlib import Path

from slowfeat_trainer.commands.reading import add_bag_arguments

HELP = "measure bundles on a bag, beside copy, blind map, raw pixels, untrained network"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Flags of `slowfeat evaluate`."""
    parser.add_argument(
        "bundles", nargs="+", type=Path, metavar="RUN|BUNDLE", help="what to measure"
    )
    parser.add_argument(
        "--on", required=True, type=Path, metavar="BAG|DATASET", help="bag or dataset to measure on"
    )
    add_bag_arguments(parser)
    parser.add_argument(
        "--test-fraction",
        metavar="N",
        type=float,
        help="share of the bag, its end, that figures are taken on; the rest fits the refitted maps "
        "(default 0.4, or what the training kept out)",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the figures here")


def run(args: argparse.Namespace) -> int:
    """Print the table."""
    from slowfeat_trainer.evaluation.evaluate import evaluate_bundles

    print(evaluate_bundles(args))
    return 0
