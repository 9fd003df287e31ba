"""Show what runs have learned as one HTML page that loads nothing from anywhere.

Training curves, held-out figures in plain words, precision and recall, nearest neighbours,
dictionaries or filters, the embedding in two dimensions, motion patterns, predicted frames, errors
by motion. Several runs stand side by side. Frames come from the run's own dataset, or from what
--on names. A report needs a minute or two.

    slowfeat report my_run --out report.html
    slowfeat report seed0 seed1 papers_own --out report.html
    slowfeat report my_run --on other_bag --out elsewhere.html --no-frames
"""

from __future__ import annotations

import argparse
from pathlib import Path

HELP = "one HTML page that shows what runs have learned"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Flags of `slowfeat report`."""
    parser.add_argument("runs", nargs="+", type=Path, metavar="RUN|BUNDLE", help="what to show")
    parser.add_argument("--out", required=True, type=Path, metavar="FILE", help="the page to write")
    parser.add_argument(
        "--on",
        type=Path,
        metavar="BAG|DATASET",
        help="measure on these frames (default: what the run held out of its training)",
    )
    parser.add_argument(
        "--no-frames",
        "--without-frames",
        dest="no_frames",
        action="store_true",
        help="leave the bags' own frames out of the page: a home or a factory is private",
    )


def run(args: argparse.Namespace) -> int:
    """Write the page."""
    from slowfeat_trainer.report.write import write_report

    print(write_report(args.runs, args.out, args.on, not args.no_frames))
    return 0
