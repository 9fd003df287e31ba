"""Write a run's bundle to a folder of its own: what travels to the robot, in smaller numbers where
that pays.

Without --quantise it is the bundle that slowfeat train left in RUN/bundle. With it the encoder
computes in int8 (robots with a CPU) or float16 (GPUs); what that loses is measured on frames that
were held out of the training and written into the bundle, and too large a loss is refused.

    slowfeat export runs/first --out robot_bundle
    slowfeat export runs/first --out robot_bundle --quantise int8
    slowfeat export runs/first --out robot_bundle --quantise int8 --on my_bag --max-loss 0.01
"""

from __future__ import annotations

import argparse
from pathlib import Path

from slowfeat.flags import number
from slowfeat_trainer.commands.gain_gate import add_gate_argument, exit_code

HELP = "write a run's bundle to a folder of its own, quantised where wanted"
DATA = "dataset"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Flags of `slowfeat export`."""
    parser.add_argument("bundle", type=Path, metavar="RUN|BUNDLE", help="what slowfeat train left")
    add_gate_argument(parser)
    parser.add_argument(
        "--out", type=Path, required=True, metavar="BUNDLE", help="folder of the bundle"
    )
    parser.add_argument(
        "--overwrite", action="store_true", help="replace a bundle that stands at --out"
    )
    group = parser.add_argument_group("smaller numbers")
    group.add_argument(
        "--quantise",
        "--quantize",
        dest="quantise",
        choices=("int8", "float16"),
        help="numbers that the encoder computes in",
    )
    group.add_argument(
        "--on",
        type=Path,
        metavar="BAG|DATASET",
        help=(
            "frames to find ranges and to measure the loss on (default: what the run was trained "
            "on)"
        ),
    )
    group.add_argument(
        "--max-loss",
        type=number(-2, 2),
        default=0.02,
        metavar="N",
        help="refuse where the retrieval MRR falls by more (default 0.02)",
    )


def run(args: argparse.Namespace) -> int:
    """Copy, or quantise and say what it cost."""
    from slowfeat.bundle import BUNDLE_FOLDER, load_bundle, write_bundle
    from slowfeat.errors import UsageError
    from slowfeat.ownership import check_free

    bundle = load_bundle(args.bundle)
    inputs = [bundle.path] if args.on is None else [bundle.path, args.on]
    check_free(args.out, BUNDLE_FOLDER, args.overwrite, inputs)
    if args.quantise is None:
        models = bundle.encoder, bundle.transform
        write_bundle(args.out, bundle.info, *models, args.overwrite, inputs)
        if bundle.info.verdict is not None:
            print(f"verdict: {bundle.info.verdict}")
        print(f"bundle: {args.out}")
        return exit_code(args, [bundle.info.verdict])
    if "quantised" in bundle.info.metrics:
        raise UsageError(
            f"{args.bundle} is quantised already; quantise the bundle that it was made of"
        )
    on = args.on if args.on is not None else args.bundle / DATA
    if not on.exists():
        raise UsageError(
            f"{args.bundle} holds no frames to quantise with; name the bag or dataset of its "
            "training with --on"
        )
    from slowfeat_trainer.bags import bag_sha256
    from slowfeat_trainer.bundling.quantise import quantise
    from slowfeat_trainer.evaluation.evaluate_bundles import views_for
    from slowfeat_trainer.ingest.dataset import is_dataset

    digest = "" if is_dataset(on) else bag_sha256(on)
    split, _ = views_for(bundle, on, digest, None, {}).read()
    print(quantise(bundle, split, args.quantise, args.out, args.max_loss, args.overwrite))
    verdict = load_bundle(args.out).info.verdict
    if verdict is not None:
        print(f"verdict: {verdict}")
    print(f"bundle: {args.out}")
    return exit_code(args, [verdict])
