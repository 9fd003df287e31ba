"""Measure bundles on a bag, beside what any method must beat.

Takes bundles or runs. With several, as of one method trained with several seeds, each row is their
mean and spread (standard deviation over the bundles). Of a bag that a run has learned from, only
the end that was held out counts, and the bag is read as it was for the training. All figures are
taken on the exported files, beside copy, blind map, pixels (raw, ZCA), tiny images, SFA, an
untrained network, the mean of the bag, an image merely shifted by the yaw, and any ONNX model.

    slowfeat evaluate runs/first --on my_bag
    slowfeat evaluate runs/seed0 runs/seed1 runs/seed2 --on my_bag --json table.json
    slowfeat evaluate runs/first --on my_bag --images rooms
    slowfeat evaluate runs/first --on my_bag --peer lite0.onnx --peer-mean 127 --peer-std 128
    --peer-output feat
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from slowfeat.flags import SHOWN, number, whole
from slowfeat_trainer.commands.device_flag import add_device_argument, at_work_on
from slowfeat_trainer.commands.gain_gate import add_gate_argument, exit_code
from slowfeat_trainer.commands.reading_flags import add_bag_arguments, reading_changes, size

HELP = "measure bundles on a bag, beside every baseline"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Flags of `slowfeat evaluate`."""
    parser.add_argument(
        "bundles", nargs="+", type=Path, metavar="RUN|BUNDLE", help="what to measure"
    )
    parser.add_argument(
        "--on",
        required=True,
        metavar="BAG|DATASET",
        help="bag or dataset to measure on; a path, or an address such as s3://bucket/my_bag",
    )
    add_bag_arguments(parser)
    parser.add_argument(
        "--test-fraction",
        metavar="N",
        type=number(0, 1),
        help=(
            "share of the bag, its end, that figures are taken on; the rest fits the refitted "
            "maps (default 0.4, or what the training held out)"
        ),
    )
    parser.add_argument(
        "--repeats",
        metavar="N",
        type=whole(1, 1000),
        default=1,
        help=(
            "how often what is random (untrained network, motion patterns of the refitted maps) "
            "is drawn again for each bundle; the few labels of --images are drawn 5 times at least "
            "(default 1)"
        ),
    )
    parser.add_argument(
        "--images",
        metavar="FOLDER",
        type=Path,
        help=(
            "also recognise labelled images, FOLDER/CLASS/IMAGE or FOLDER/train and FOLDER/test "
            "with such folders"
        ),
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write all figures here")
    # Figures are those of the CPU, wherever they are taken, unless a GPU is asked for.
    add_device_argument(parser, default="cpu")
    add_gate_argument(parser)
    add_peer_arguments(parser)


def add_peer_arguments(parser: argparse.ArgumentParser) -> None:
    """Flags of a foreign ONNX model."""
    group = parser.add_argument_group("any ONNX model as a peer")
    group.add_argument(
        "--peer", metavar="FILE", type=Path, help="a model: one image in, a code out"
    )
    group.add_argument(
        "--peer-size", metavar="WxH", type=size, help="size of its input (default: what it says)"
    )
    group.add_argument(
        "--peer-layout", choices=("nchw", "nhwc"), default="nchw", help="(default nchw)"
    )
    group.add_argument(
        "--peer-mean",
        metavar="R,G,B",
        type=channels,
        default=(0.0,),
        help="subtracted from RGB in 0 to 255, one number or three (default 0)",
    )
    group.add_argument(
        "--peer-std",
        metavar="R,G,B",
        type=channels,
        default=(255.0,),
        help="and divided by this (default 255); uint8 inputs get the pixels as they are",
    )
    group.add_argument(
        "--peer-output",
        metavar="NAME",
        default="",
        help="its output that is the code (default: the first)",
    )


def channels(text: str) -> tuple[float, ...]:
    """One number for all channels or three."""
    values = tuple(number(-1e6, 1e6)(word) for word in text.split(","))
    if len(values) not in (1, 3):
        raise argparse.ArgumentTypeError(f"is {text[:SHOWN]!r}; give one number or three")
    return values


def run(args: argparse.Namespace) -> int:
    """Print the table."""
    from slowfeat_trainer.evaluation.evaluate_bundles import EvaluationRequest, evaluate_bundles
    from slowfeat_trainer.evaluation.reference_model import ReferenceInput, ReferenceModel
    from slowfeat_trainer.stores import local_path

    peer = None
    if args.peer is not None:
        takes = ReferenceInput(
            args.peer_size, args.peer_layout, args.peer_mean, args.peer_std, args.peer_output
        )
        peer = ReferenceModel(args.peer, takes)
    request = EvaluationRequest(
        bundles=args.bundles,
        on=local_path(args.on),
        reading_changes=reading_changes(args),
        held_out_fraction=args.test_fraction,
        repeats=args.repeats,
        images=args.images,
        peer=peer,
        json=args.json,
    )
    with at_work_on(args, "measuring") as device:
        provider = "cuda" if device.type == "cuda" else "cpu"
        text, verdicts = evaluate_bundles(replace(request, provider=provider))
    print(text)
    return exit_code(args, verdicts)
