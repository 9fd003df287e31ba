"""`--backbone`: which network sees, where the user says it and where not."""

from __future__ import annotations

import argparse
import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from slowfeat_trainer.config.train_config import TrainConfig

AUTO = "auto"


def add_backbone_arguments(parser: argparse.ArgumentParser) -> None:
    """`--backbone` and `--finetune`."""
    parser.add_argument(
        "--backbone",
        metavar="NAME",
        help=(
            "slowfeat: the network that sees: small (learned from the bags), efficientnet-lite0 "
            "(extra pretrained), torchvision:NAME[:WEIGHTS], timm:NAME, or "
            "onnx:FILE[:TENSOR,TENSOR...]; WEIGHTS are a name, a file or none. Default auto: "
            "efficientnet-lite0 where the extra is installed, else small"
        ),
    )
    parser.add_argument(
        "--finetune",
        action="store_const",
        const=True,
        help=(
            "slowfeat: train the backbone too, slowly. Otherwise it stays as it is and its "
            "features are computed once"
        ),
    )


def with_backbone(
    config: TrainConfig, args: argparse.Namespace, paths: Sequence[Path]
) -> TrainConfig:
    """The configuration with its backbone, and the size of images that goes with it.

    What is said counts; else what a run that is continued or started from has; else the pretrained
    network, where it is installed, its images are large enough, and there is something to train.

    Raises:
        UsageError: the backbone cannot go with the other settings.
    """
    from slowfeat_trainer.config.backbone_spec import SMALL, USUAL_SIZE, resolved
    from slowfeat_trainer.config.method_settings import WarpSettings
    from slowfeat_trainer.config.train_config import load_config
    from slowfeat_trainer.console.terminal import say
    from slowfeat_trainer.data.options import IngestOptions
    from slowfeat_trainer.ingest.dataset import is_dataset, open_dataset

    settings = config.settings
    if not isinstance(settings, WarpSettings) or args.config is not None:
        return _checked(config, args.backbone, args.finetune)
    chosen, before = args.backbone or AUTO, None
    for run in (args.out, args.init):
        if before is None and run is not None and not getattr(args, "overwrite", False):
            file = Path(run) / "config.yaml"
            before = load_config(file) if file.is_file() else None
    theirs = None if before is None else before.settings
    if args.backbone is None and isinstance(theirs, WarpSettings):
        chosen = theirs.backbone
    own_weights = settings.starter not in ("shipped", "none")
    if args.backbone is None and before is None and (config.steps == 0 or own_weights):
        chosen = SMALL
    chosen = resolved(chosen)
    size = args.size
    if any(is_dataset(path) for path in paths):
        there = open_dataset(next(p for p in paths if is_dataset(p))).options.image_size
        size = size or IngestOptions().image_size
        if args.backbone is None and before is None and chosen != SMALL and there < USUAL_SIZE:
            height, width = USUAL_SIZE
            say(
                f"  images of {there[1]}x{there[0]} are small for {chosen}: --backbone small is "
                f"trained. slowfeat ingest --size {width}x{height} makes larger ones"
            )
            chosen = SMALL
    elif size is None:
        size = USUAL_SIZE if chosen != SMALL else IngestOptions().image_size
        if before is not None and isinstance(theirs, WarpSettings) and args.backbone is None:
            size = before.reading.image_size
    reading = dataclasses.replace(config.reading, image_size=size)
    return _checked(dataclasses.replace(config, reading=reading), chosen, args.finetune)


def _checked(config: TrainConfig, backbone: str | None, finetune: bool | None) -> TrainConfig:
    from slowfeat.errors import UsageError
    from slowfeat_trainer.config.change_settings import with_changes

    said = {"backbone": backbone or None, "finetune": finetune}
    changes = {name: value for name, value in said.items() if value is not None}
    if changes and not hasattr(config.settings, "backbone"):
        raise UsageError(
            f"--backbone is for the preset slowfeat; {config.preset} has its own network"
        )
    changed = with_changes(config, changes)
    changed.validate()
    return changed
