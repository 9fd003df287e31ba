"""All of slowfeat in a few minutes: a bag in, a live node that predicts, and a page that shows it.

Trains on the first part of a bag, starts the encoder node in its own process, replays the rest of
the bag to it through DDS at its own pace, and asks the node what each motion of the robot would
bring. Prints a table and leaves demo.html, a page that needs nothing else, demo.json and the run in
the folder --out. It uses a ROS domain of its own, so no robot is disturbed.

    slowfeat demo                              with the bag that comes along
    slowfeat demo --bag my_bag --out my_demo   with your own
    slowfeat demo --bag other --run runs/first show a run that is there already
    slowfeat demo --live                       a simulated robot looks where it is new

With --live nothing is replayed: a simulated robot, the encoder and the view selector run for
--seconds, and live.html shows the path, the choices and a short film.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from slowfeat.flags import DAY_S, SEED, number, whole
from slowfeat_trainer.commands.reading_flags import add_bag_arguments, reading_changes

# So many that the whole demo takes less than five minutes on two cores.
STEPS = 500
# Another place than that of the bag that comes along.
LIVE_MAP = "MAP07"
HELP = "all of it, small: train, start the node, replay, predict, show"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Flags of `slowfeat demo`."""
    parser.add_argument(
        "--out", type=Path, default=Path("demo"), metavar="DIR", help="folder of the results [demo]"
    )
    parser.add_argument(
        "--bag", type=Path, metavar="BAG", help="a ROS 2 bag [the one that comes along]"
    )
    parser.add_argument(
        "--run",
        dest="trained",
        type=Path,
        metavar="RUN",
        help="show this run or bundle, do not train",
    )
    parser.add_argument(
        "--steps", type=whole(0, 10**9), default=STEPS, metavar="N", help=f"of training [{STEPS}]"
    )
    parser.add_argument(
        "--seconds",
        type=number(1, DAY_S),
        default=60.0,
        metavar="S",
        help="replay at most so much of the part that was not trained on [60]",
    )
    parser.add_argument("--seed", type=SEED, default=0, metavar="N", help="of the training [0]")
    add_bag_arguments(parser)
    parser.add_argument(
        "--no-frames",
        dest="frames",
        action="store_false",
        help="leave the bag's images out of the page, so that it can be passed on",
    )
    parser.add_argument(
        "--live",
        action="store_true",
        help="let a simulated robot choose where to look, for --seconds; leaves live.html",
    )
    parser.add_argument(
        "--map",
        default=LIVE_MAP,
        help=f"with --live, where it drives; slowfeat simulate --list-maps [{LIVE_MAP}]",
    )
    parser.add_argument(
        "--overwrite", action="store_true", help="train again where DIR holds a run already"
    )


def run(args: argparse.Namespace) -> int:
    """Run the demo and print its table."""
    from slowfeat_trainer.demo.demo_pipeline import DemoOptions, run_demo

    options = DemoOptions(
        out=args.out,
        bag=args.bag,
        run=args.trained,
        steps=args.steps,
        seed=args.seed,
        seconds=args.seconds,
        reading=reading_changes(args),
        frames=args.frames,
        overwrite=args.overwrite,
    )
    if args.live:
        # Before minutes of training, not after them.
        import vizdoom

        from slowfeat_trainer.demo.live_loop import run_live_loop

        del vizdoom
        print(run_live_loop(options, args.map))
    else:
        print(run_demo(options))
    return 0
