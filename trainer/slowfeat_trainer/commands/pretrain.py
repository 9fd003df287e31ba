"""Make starter weights from simulated drives alone.

Drives robots of different temper through many maps of the simulator, trains the preset slowfeat on
all of them, and writes what does not depend on the robot as a file of weights. `slowfeat train`
starts from such weights: by default from those that come with slowfeat.

    slowfeat pretrain --out starter.safetensors                  all maps: half an hour on two cores
    slowfeat pretrain --out small.safetensors --maps 8 --drives 1 --steps 300
    slowfeat train my_bag --starter starter.safetensors --out runs/first

The same command continues where it was stopped. Twelve maps are held out, and the figures that are
printed come from there.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from slowfeat.errors import UsageError
from slowfeat.flags import DAY_S, SEED, number, whole

HELP = "starter weights from simulated drives alone: --out FILE"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Flags of `slowfeat pretrain`."""
    parser.add_argument(
        "--out", required=True, type=Path, metavar="FILE", help="the weights, a .safetensors file"
    )
    parser.add_argument(
        "--work",
        type=Path,
        metavar="FOLDER",
        help=(
            "folder for drives, dataset and run, about 1 GB (default: beside FILE, its name and "
            ".work)"
        ),
    )
    parser.add_argument(
        "--maps", type=whole(1, 1000), metavar="N", help="maps to drive in (default: all)"
    )
    parser.add_argument(
        "--drives", type=whole(1, 1000), default=1, metavar="N", help="a map (default 1)"
    )
    parser.add_argument(
        "--seconds", type=number(1, DAY_S), default=60.0, help="a drive (default 60)"
    )
    parser.add_argument(
        "--steps", type=whole(1, 10**9), default=4000, help="updates (default 4000)"
    )
    parser.add_argument(
        "--batch-size", type=whole(2, 65536), default=64, help="pairs a batch (default 64)"
    )
    parser.add_argument(
        "--trunk",
        metavar="FILE",
        default="",
        help=(
            "older weights of slowfeat pretrain whose layers below the map are gone on from "
            "(default: random ones)"
        ),
    )
    parser.add_argument("--seed", type=SEED, default=0, help="seed of everything that is drawn")


def run(args: argparse.Namespace) -> int:
    """Make the weights and print the figures on the held-out maps."""
    if args.out.suffix != ".safetensors":
        raise UsageError(f"--out {args.out}: give a file that ends with .safetensors")
    from slowfeat_trainer.evaluation.metric import text_table
    from slowfeat_trainer.evaluation.metric_table import MAP_METRICS
    from slowfeat_trainer.pretraining.pretrain_starter import Recipe, pretrain

    recipe = Recipe(
        *(args.maps, args.drives, args.seconds, args.steps, args.batch_size, args.seed, args.trunk)
    )
    work = args.work or args.out.with_suffix(".work")
    result = pretrain(recipe, work, args.out)
    print(f"held-out maps, {result.pairs} pairs 0.5 s apart:")
    print(text_table(MAP_METRICS, {name: [figures] for name, figures in result.rows.items()}))
    print(f"\nweights: {args.out}   next: slowfeat train BAG --starter {args.out} --out RUN")
    return 0
