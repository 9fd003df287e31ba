"""The methods that can be trained, by their names in the papers.

Prints a line each; with a name, all settings of that preset as they stand in a run's config.yaml.

    slowfeat presets
    slowfeat presets equiv_drlim
"""

from __future__ import annotations

import argparse

HELP = "the methods that slowfeat train knows, or all settings of one"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Flags of `slowfeat presets`."""
    parser.add_argument("name", nargs="?", metavar="NAME", help="show all settings of this one")


def run(args: argparse.Namespace) -> int:
    """Print the list, or one preset's settings."""
    from slowfeat_trainer.config.preset_table import PRESETS
    from slowfeat_trainer.config.train_config import config_of_preset, to_yaml

    if args.name is not None:
        print(to_yaml(config_of_preset(args.name)), end="")
        return 0
    width = max(map(len, PRESETS))
    for name, preset in PRESETS.items():
        print(f"{name:{width}}  {preset.about}")
    return 0
