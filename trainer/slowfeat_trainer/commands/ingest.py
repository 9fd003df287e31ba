"""Read bags once into a dataset that training opens at once.

Reads every BAG (rosbag2 folder or file, sqlite3 or MCAP, split or compressed, or ROS 1 .bag; globs
are expanded), decodes its images on all cores, lays the poses beside them, and says what was
dropped and why. Bags are finished one by one: the same command continues an ingest that was
stopped, and adds bags to a dataset that is there. slowfeat inspect BAG says which flags fit.

    slowfeat ingest my_bag --out datasets/first
    slowfeat ingest 'bags/2026-*' --out datasets/fleet --rate 10 --split bag
    slowfeat ingest 'bags/*' --out datasets/fleet --engine ray
    slowfeat ingest 's3://bucket/bags/*' --out s3://bucket/datasets/fleet
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from slowfeat.flags import whole
from slowfeat_trainer.commands.reading_flags import (
    add_bag_arguments,
    add_frame_arguments,
    add_split_arguments,
    reading_changes,
    split_changes,
)

HELP = "bags to a dataset on disk: BAG... --out DATASET"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Flags of `slowfeat ingest`."""
    parser.add_argument(
        "bags",
        nargs="+",
        metavar="BAG",
        help="bag, or a glob of bags in quotes; or an address such as s3://",
    )
    parser.add_argument(
        "--out",
        required=True,
        metavar="DATASET",
        help=(
            "folder of the dataset, or an address such as s3://bucket/fleet (sent whole at the end)"
        ),
    )
    add_bag_arguments(parser)
    add_frame_arguments(parser)
    add_split_arguments(parser)
    group = parser.add_argument_group("how the work is done")
    group.add_argument(
        "--min-pairs",
        type=whole(0, 10**9),
        default=100,
        metavar="N",
        help="fewer pairs of frames 0.5 s apart than this are an error (default %(default)s)",
    )
    group.add_argument(
        "--skip-unusable", action="store_true", help="continue without bags that cannot be used"
    )
    group.add_argument(
        "--engine",
        choices=("threads", "ray"),
        default="threads",
        help="all cores of this machine, or a Ray cluster (RAY_ADDRESS, else one started here)",
    )
    group.add_argument(
        "--workers",
        type=whole(1, 1024),
        metavar="N",
        help="chunks decoded at once (default: all cores)",
    )


def run(args: argparse.Namespace) -> int:
    """Ingest, and say what stands in the dataset."""
    from slowfeat_trainer.bags import expand
    from slowfeat_trainer.data.options import IngestOptions, SplitRule
    from slowfeat_trainer.ingest.engines import open_engine
    from slowfeat_trainer.ingest.ingest_bags import ingest
    from slowfeat_trainer.stores import DatasetInStore, is_address, local_paths
    from slowfeat_trainer.stores.addresses import path_of

    is_remote = is_address(args.out) and path_of(args.out) is None
    store = DatasetInStore(args.out) if is_remote else None
    out = store.folder if store else path_of(args.out) or Path(args.out)
    with open_engine(args.engine, args.workers) as engine:
        dataset = ingest(
            expand(local_paths(args.bags)),
            out,
            replace(IngestOptions(), **reading_changes(args)),
            engine,
            split=replace(SplitRule(), **split_changes(args)),
            min_pairs=args.min_pairs,
            skip_unusable=args.skip_unusable,
        )
    if store is not None:
        store.send(dataset)
    pairs = sum(entry.pairs for entry in dataset.entries)
    print(
        f"{args.out}: {dataset.frames} frames and {pairs} pairs of {len(dataset.entries)} bags"
        f"   next: slowfeat train {args.out} --out RUN"
    )
    return 0
