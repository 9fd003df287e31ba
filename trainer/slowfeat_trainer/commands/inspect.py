"""Look at bags before training on them, or at a dataset.

Shows the topics and their rates, how images and odometry line up (their clocks included), how the
robot moves, what ingest would leave out and why, a verdict, and the ingest command that fits. Of a
long bag only some images are decoded; --all decodes all. A DATASET that slowfeat ingest wrote is
checked for damage. Exit code 0: can be trained on; 1: cannot, or damaged; 2: wrong use.

    slowfeat inspect my_bag
    slowfeat inspect 'bags/2026-*' --html report.html --json report.json
    slowfeat inspect datasets/first
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from slowfeat.errors import SlowfeatError, UsageError
from slowfeat.files import write_whole
from slowfeat_trainer.commands.reading_flags import (
    add_bag_arguments,
    add_frame_arguments,
    reading_changes,
)

HELP = "what is in a bag, how camera and odometry line up, a verdict"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Flags of `slowfeat inspect`."""
    parser.add_argument(
        "bags",
        nargs="+",
        metavar="BAG",
        help=(
            "bag, a glob of bags in quotes, or a dataset; paths, or addresses such as "
            "s3://bucket/my_bag"
        ),
    )
    parser.add_argument("--html", type=Path, metavar="FILE", help="write a page with images")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write everything as JSON")
    parser.add_argument(
        "--all", action="store_true", help="decode all images, however long it takes"
    )
    parser.add_argument(
        "--no-frames", action="store_true", help="leave the bag's own images out of the page"
    )
    add_bag_arguments(parser)
    add_frame_arguments(parser)


def run(args: argparse.Namespace) -> int:
    """Print a report for each; 1 when one of them cannot be trained on."""
    from slowfeat_trainer.bags import expand
    from slowfeat_trainer.data.options import IngestOptions
    from slowfeat_trainer.ingest.dataset import is_dataset
    from slowfeat_trainer.inspection import dataset_survey as of_dataset
    from slowfeat_trainer.inspection import report_json as as_json
    from slowfeat_trainer.inspection import report_text as text
    from slowfeat_trainer.inspection.inspect_page import bag_section, dataset_section, page_of
    from slowfeat_trainer.inspection.survey import inspect_bag
    from slowfeat_trainer.inspection.verdict import is_trainable, judge
    from slowfeat_trainer.stores import local_paths

    options = replace(IngestOptions(), **reading_changes(args))
    options.validate()
    for file in (args.html, args.json):
        if file is not None and not file.absolute().parent.is_dir():
            raise UsageError(
                f"{file} cannot be written: its folder does not exist; create it first"
            )
    words = local_paths(args.bags)
    datasets = [Path(word) for word in words if is_dataset(Path(word))]
    rest = [word for word in words if not is_dataset(Path(word))]
    bags = expand(rest) if rest else []
    good = True
    records: dict[str, list[dict[str, Any]]] = {"bags": [], "datasets": []}
    sections: list[str] = []
    for path in bags:
        try:
            survey = inspect_bag(path, options, args.all)
        except SlowfeatError as error:
            # Of several bags one that cannot be read as asked does not keep the others from being
            # looked at.
            if isinstance(error, UsageError) and len(bags) == 1:
                raise
            good = False
            _tell(error, args.debug)
            records["bags"].append(as_json.failed(path, error))
            continue
        print(text.describe(survey), end="\n\n" if path != bags[-1] else "\n", flush=True)
        good &= is_trainable(judge(survey))
        if args.json is not None:
            records["bags"].append(as_json.record_of(survey))
        if args.html is not None:
            sections.append(bag_section(survey, not args.no_frames))
    for path in datasets:
        try:
            found = of_dataset.inspect_dataset(path)
        except SlowfeatError as error:
            good = False
            _tell(error, args.debug)
            continue
        print(of_dataset.describe_dataset(found), flush=True)
        good &= not found.damage
        records["datasets"].append(of_dataset.record_of_dataset(found))
        sections.append(dataset_section(found))
    if args.json is not None:
        content = {"schema": as_json.SCHEMA, **records}
        write_whole(args.json, json.dumps(content, indent=2, allow_nan=False) + "\n")
    if args.html is not None:
        write_whole(args.html, page_of(sections))
    return 0 if good else 1


def _tell(error: SlowfeatError, debug: bool) -> None:
    """Say what is wrong with one of them, and go on with the next."""
    if debug:
        raise error
    print(f"slowfeat inspect: {error}", file=sys.stderr, flush=True)
