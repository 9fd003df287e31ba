"""Find the settings that suit your bags: the same training, tried with other settings, judged
without labels.

Two ways, each of one paper. --by coherence (Goroshin et al. 2015) looks for the embedding in which
frames are nearest to frames of their own scene: the area under the curve of precision and recall,
AUC_time, of the calibration block. Trials are drawn where the earlier ones were good (TPE). --by
cross-validation (Jayaraman & Grauman 2017) takes one setting after the other over a fixed grid and
keeps the best; each candidate is trained once a fold and judged on the fold left out: with --labels
by the classes that its nearest labelled neighbours name, else by how much a motion determines of
the embedding after it (refitted motion gain).

    slowfeat tune my_bag --out study
    slowfeat tune my_bag --out study --trials 40 --steps 300 --set learning_rate=1e-4:1e-2:log
    slowfeat tune my_bag --out grid --by cross-validation --preset equiv_drlim --set batch_size=32
    slowfeat train my_bag --out my_run --config study/best.yaml

The part of the bags that slowfeat train reports its figures on is never looked at. The default
settings are always trial 0, and at the end best and default are trained with other seeds: the best
of many trials is best by luck, too. The same command continues a study that was stopped; with more
--trials it goes on.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from slowfeat.flags import SEED, whole
from slowfeat_trainer.commands.device_flag import add_device_argument, at_work_on
from slowfeat_trainer.commands.reading_flags import (
    add_bag_arguments,
    add_frame_arguments,
    add_split_arguments,
    reading_changes,
    split_changes,
)

if TYPE_CHECKING:
    from slowfeat_trainer.tuning.study import Plan

HELP = "choose settings for your bags by temporal coherence or cross-validation"

TRIALS, FOLDS, REPEATS = 20, 3, 2


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Flags of `slowfeat tune`."""
    from slowfeat_trainer.config.preset_table import PRESETS
    from slowfeat_trainer.config.train_config import TrainConfig

    default = TrainConfig()
    parser.add_argument(
        "bags",
        nargs="+",
        metavar="BAG|DATASET",
        help="bags of any kind (globs are expanded), or datasets of slowfeat ingest",
    )
    parser.add_argument(
        "--out", required=True, type=Path, metavar="STUDY", help="folder of the study"
    )
    parser.add_argument(
        "--by",
        choices=("coherence", "cross-validation"),
        default="coherence",
        help="how settings are chosen (default %(default)s)",
    )
    parser.add_argument(
        "--preset",
        default=default.preset,
        metavar="NAME",
        help=f"method whose settings are sought: {', '.join(PRESETS)} (default %(default)s)",
    )
    parser.add_argument(
        "--labels",
        metavar="CSV",
        help=(
            "classes of stretches of the bags, as for slowfeat train; cross-validation then goes "
            "by them"
        ),
    )
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME=LOW:HIGH[:log]",
        help=(
            "search this setting of slowfeat presets NAME in this range (NAME=A,B,C: among these; "
            "NAME=VALUE: hold it); terms.NAME is the weight of a term. May be given several times"
        ),
    )
    numbers = [
        (
            "--trials",
            whole(1, 10**6),
            f"by coherence: trials in all, the default among them (default {TRIALS})",
        ),
        (
            "--folds",
            whole(2, 1000),
            f"by cross-validation: parts, each held out once (default {FOLDS})",
        ),
        (
            "--repeats",
            whole(0, 1000),
            f"other seeds that best and default are trained with (default {REPEATS})",
        ),
        (
            "--steps",
            whole(1, 10**9),
            "updates a trial (default: the preset's); best.yaml has the preset's",
        ),
        ("--seed", SEED, "seed of everything that is drawn (default 0)"),
    ]
    for flag, kind, text in numbers:
        parser.add_argument(flag, type=kind, metavar="N", help=text)
    add_bag_arguments(parser)
    add_frame_arguments(parser)
    add_split_arguments(parser)
    add_device_argument(parser)
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write all trials here")
    parser.add_argument("--overwrite", action="store_true", help="start an existing study again")


def run(args: argparse.Namespace) -> int:
    """Search, and print the table of the best trials."""
    import importlib.util
    import json

    from slowfeat.errors import SlowfeatError
    from slowfeat.files import write_whole

    if importlib.util.find_spec("optuna") is None:
        raise SlowfeatError("optuna is not installed: pip install 'slowfeat[train]'")
    from slowfeat_trainer.bags import expand
    from slowfeat_trainer.ingest.dataset import is_dataset
    from slowfeat_trainer.stores import local_paths
    from slowfeat_trainer.tuning.study import BEST, tune
    from slowfeat_trainer.tuning.study_result import as_json, text

    plan = plan_of(args)
    given = [Path(word) for word in local_paths(args.bags)]
    paths = given if any(is_dataset(path) for path in given) else expand(given)
    with at_work_on(args, "training"):
        result = tune(paths, args.out, plan, args.overwrite)
    print(text(result))
    if args.json is not None:
        write_whole(args.json, json.dumps(as_json(result), indent=2) + "\n")
    source = " ".join(args.bags)
    print(
        f"\nsettings: {args.out / BEST}   next: slowfeat train {source} --config "
        f"{args.out / BEST} --out RUN"
    )
    return 0


def plan_of(args: argparse.Namespace) -> Plan:
    """What the flags ask for.

    Raises:
        UsageError: a flag makes no sense, or not in this way of choosing.
    """
    from dataclasses import replace

    from slowfeat.errors import UsageError
    from slowfeat_trainer.config.train_config import config_of_preset
    from slowfeat_trainer.data.options import IngestOptions, SplitRule
    from slowfeat_trainer.tuning.spaces import space_of, with_wishes
    from slowfeat_trainer.tuning.study import COHERENCE, CROSS_VALIDATION, Plan

    for name, value, by in (
        ("trials", args.trials, COHERENCE),
        ("folds", args.folds, CROSS_VALIDATION),
    ):
        if value is not None and by != args.by:
            raise UsageError(f"--{name} belongs to --by {by}, not to --by {args.by}")
    preset = config_of_preset(
        args.preset,
        reading=replace(IngestOptions(), **reading_changes(args)),
        split=replace(SplitRule(), **split_changes(args)),
        labels=args.labels,
        seed=args.seed,
    )
    config, space = with_wishes(preset, space_of(preset), args.set)
    return Plan(
        by=args.by,
        config=replace(config, steps=args.steps or config.steps) if config.steps else config,
        space=space,
        trials=args.trials or TRIALS,
        folds=args.folds or FOLDS,
        repeats=REPEATS if args.repeats is None else args.repeats,
        steps=config.steps,
    )
