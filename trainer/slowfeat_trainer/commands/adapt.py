"""Fit a bundle to another robot from a minute of its driving: seconds, and no network is trained.

The encoder stays as it is, so embeddings, memories and goal images keep their meaning. Fitted are
what the predictions need to hold there: how late the odometry's clock is, how much it over- or
under-reports turns and distances, and gain and bias of each coordinate of what is predicted. The
end of the drive fits nothing and measures what it was worth.

    slowfeat adapt runs/first my_bag --out adapted
    slowfeat adapt runs/first my_bag --out adapted --odom-offset 0.2
    ros2 launch slowfeat encoder.launch.py model:=adapted

No drive yet? Then say what the camera is: its data sheet, or a bag with camera_info and /tf_static.
Nothing is fitted; it is worth less than a drive and much more than another robot's lens.

    slowfeat adapt runs/first --out described --fov 90 --extrinsic '0.1 0 0.3 -0.5 0.5 -0.5 0.5'
    slowfeat adapt runs/first --out described --fov 180 --fisheye
    slowfeat adapt runs/first my_bag --out described --camera-only
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from slowfeat.errors import UsageError
from slowfeat.flags import number
from slowfeat_trainer.commands.gain_gate import add_gate_argument, exit_code
from slowfeat_trainer.commands.reading_flags import add_bag_arguments, numbers, reading_changes

if TYPE_CHECKING:
    from slowfeat_trainer.geometry.camera_spec import DataSheet

HELP = (
    "fit a bundle to another robot from a minute of driving, or from its camera, without training"
)
# Of the flags that say how a bag is read, those that mean something without one.
WITHOUT_BAG = {"extrinsic", "body_frame"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Flags of `slowfeat adapt`."""
    parser.add_argument(
        "bundle", type=Path, metavar="RUN|BUNDLE", help="what was learned elsewhere"
    )
    parser.add_argument(
        "bag",
        metavar="BAG",
        nargs="?",
        help="a minute or more of this robot; with --fov it may be left out",
    )
    parser.add_argument(
        "--out", type=Path, required=True, metavar="BUNDLE", help="folder of the new bundle"
    )
    add_gate_argument(parser)
    parser.add_argument(
        "--overwrite", action="store_true", help="replace a bundle that stands at --out"
    )
    parser.add_argument(
        "--test-fraction",
        type=number(0.01, 0.99),
        metavar="N",
        default=0.4,
        help="share of the bag, its end, that figures are taken on (default 0.4)",
    )
    _add_camera_arguments(parser)
    add_bag_arguments(parser)


def _add_camera_arguments(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("the camera, where it is known without a drive")
    group.add_argument(
        "--camera-only",
        action="store_true",
        help="take the camera's description from BAG, and fit nothing",
    )
    group.add_argument(
        "--fov",
        type=number(1, 360),
        metavar="DEG",
        help=(
            "horizontal field of view, degrees; overrides camera_info. Without BAG it describes "
            "the camera together with --extrinsic; with BAG the calibration starts from it"
        ),
    )
    group.add_argument(
        "--fisheye",
        action="store_true",
        help="the lens is a fisheye (stereographic), no pinhole; with --fov",
    )
    group.add_argument(
        "--aspect",
        metavar="W:H",
        type=numbers(2, ":"),
        help="width to height of the images, without BAG (default 4:3)",
    )


def run(args: argparse.Namespace) -> int:
    """Adapt and say what it was worth."""
    from slowfeat.bundle import load_bundle
    from slowfeat_trainer.stores import local_path

    changes = reading_changes(args)
    sheet = _data_sheet(args, changes)
    bundle = load_bundle(args.bundle)
    on = None if args.bag is None else local_path(args.bag)
    if on is None or args.camera_only:
        from slowfeat_trainer.adaptation.from_camera_spec import tell_of_camera
        from slowfeat_trainer.console.terminal import say

        told, warnings = tell_of_camera(bundle, on, sheet, args.out, changes, args.overwrite)
        for warning in warnings:
            say(f"  warning: {warning}")
        print(told)
        return exit_code(args, [None])
    from slowfeat_trainer.adaptation.adapt_bundle import adapt

    adapted = adapt(bundle, on, args.out, changes, args.test_fraction, args.overwrite, sheet)
    print(adapted)
    return exit_code(args, [adapted.bundle.info.verdict])


def _data_sheet(args: argparse.Namespace, changes: dict[str, Any]) -> DataSheet | None:
    """What was said of the lens.

    Raises:
        UsageError: too little was said, or what goes with something else.
    """
    from slowfeat_trainer.geometry.camera_spec import USUAL_ASPECT, DataSheet

    if args.bag is None and args.camera_only:
        raise UsageError("--camera-only reads a BAG's camera; give the bag, or say --fov instead")
    if args.fov is None:
        for flag, said in (("--fisheye", args.fisheye), ("--aspect", args.aspect)):
            if said:
                raise UsageError(
                    f"{flag} says what kind of lens --fov is of; say --fov DEGREES too"
                )
        if args.bag is None:
            raise UsageError(
                "give a BAG of this robot's driving; before there is one, its camera: --fov "
                "DEGREES and --extrinsic"
            )
        return None
    if args.bag is None and set(changes) - WITHOUT_BAG:
        raise UsageError(
            "of the flags that say how a bag is read only --extrinsic and --body-frame go without "
            "a BAG"
        )
    if args.bag is not None and args.aspect is not None:
        raise UsageError("--aspect is for a camera without a BAG; a BAG's images have their own")
    return DataSheet(args.fov, args.fisheye, args.aspect or USUAL_ASPECT)
