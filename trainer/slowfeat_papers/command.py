"""Repeat the experiments of the two papers on data that anyone has, and set the figures beside the
published ones.

Rendered objects and simulated drives are made here; CIFAR-10, scene images, a turntable set and
bags of yours are used where you give them, and the nearest that exists where you do not. Each
experiment's result is kept as soon as it is there: stopped, the same command continues.

    slowfeat reproduce goroshin2015 --quick --out runs/reproduce
    slowfeat reproduce jayaraman2017 --quick --out runs/reproduce --page results.md
    slowfeat reproduce jayaraman2017 --evening --seeds 3 --only grid-of-views next-best-view
    slowfeat reproduce goroshin2015 --list
    slowfeat reproduce goroshin2015 --full --only toy-manifold --out runs/reproduce
"""

from __future__ import annotations

import argparse
from pathlib import Path

from slowfeat.flags import whole

HELP = "repeat the experiments of the two papers, figures beside the published ones"
PAPERS = ("goroshin2015", "jayaraman2017")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Flags of `slowfeat reproduce`."""
    parser.add_argument("paper", choices=PAPERS, help="which paper")
    size = parser.add_mutually_exclusive_group()
    size.add_argument(
        "--quick",
        action="store_true",
        help="every row, small: under ten minutes on two cores (default)",
    )
    size.add_argument(
        "--evening",
        action="store_true",
        help="halfway to --full, by factors: an hour or two on two cores",
    )
    size.add_argument("--full", action="store_true", help="for a GPU or a night; three seeds")
    parser.add_argument(
        "--seeds",
        type=whole(1, 100),
        metavar="N",
        help="repeats behind each figure (default 1, with --full 3)",
    )
    parser.add_argument(
        "--out",
        type=Path,
        default=Path("runs/reproduce"),
        metavar="FOLDER",
        help="results, and what is needed to continue (default runs/reproduce)",
    )
    parser.add_argument(
        "--page", type=Path, metavar="FILE", help="also write the tables into this Markdown page"
    )
    parser.add_argument(
        "--only",
        nargs="+",
        default=[],
        metavar="NAME",
        help="experiments, or rows of the checklist such as G2",
    )
    parser.add_argument(
        "--overwrite",
        action="store_true",
        help="run experiments again that have a result; networks that are trained are kept",
    )
    parser.add_argument(
        "--list", action="store_true", help="print the checklist with a command for each row"
    )
    group = parser.add_argument_group("data of yours")
    group.add_argument(
        "--cifar",
        type=Path,
        metavar="FILE|FOLDER",
        help=(
            "CIFAR-10: a .npz of JPEGs (train_jpg, train_off, train_y, test_..., classes) or a "
            "folder of torchvision's CIFAR10"
        ),
    )
    group.add_argument(
        "--scenes",
        type=Path,
        metavar="FILE|FOLDER",
        help="scene categories: a .npz of JPEGs or train/CLASS/IMAGE and test/CLASS/IMAGE",
    )
    group.add_argument(
        "--turntable",
        type=Path,
        metavar="FILE",
        help="objects on a turntable: a .npz with images, object_id and azimuth_deg (COIL-20)",
    )
    group.add_argument("--bags", nargs="+", type=Path, default=[], metavar="BAG", help="drives")
    group.add_argument(
        "--mesh", type=Path, metavar="FILE", help="the rotating object (default: one of ours)"
    )


def run(args: argparse.Namespace) -> int:
    """Run, or list."""
    from slowfeat.errors import UsageError
    from slowfeat_papers.material.part import Size, Sources
    from slowfeat_papers.papers import PAPERS as BY_NAME
    from slowfeat_papers.results_page import checklist, write_page
    from slowfeat_papers.run_parts import choose, finished, run_parts

    paper = BY_NAME[args.paper]
    size = Size.FULL if args.full else Size.EVENING if args.evening else Size.QUICK
    choose(paper, args.only)
    if args.seeds is not None and args.seeds < 1:
        raise UsageError(f"--seeds is {args.seeds}; give at least 1")
    if args.list:
        print(checklist(paper, finished(paper, args.out, size), size))
        return 0
    sources = Sources(args.cifar, args.scenes, args.turntable, tuple(args.bags), args.mesh)
    for path in (args.cifar, args.scenes, args.turntable, args.mesh, *args.bags):
        if path is not None and not path.exists():
            raise UsageError(f"{path} does not exist")

    def write() -> None:
        if args.page is not None:
            write_page(args.page, paper, finished(paper, args.out, size), size)

    run_parts(paper, args.out, sources, size, args.only, args.overwrite, args.seeds, after=write)
    print(checklist(paper, finished(paper, args.out, size), size))
    return 0
