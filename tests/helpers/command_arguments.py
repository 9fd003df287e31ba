"""Flags of one command, parsed as the program parses them."""

from __future__ import annotations

import argparse
from typing import Protocol

from slowfeat.cli import Parser


class Command(Protocol):
    """A module of a commands package."""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the command's flags."""


def parsed(command: Command, *words: object) -> argparse.Namespace:
    """What a command is run with; `debug` is a flag of the program itself."""
    parser = Parser(prog="slowfeat")
    command.add_arguments(parser)
    return parser.parse_args([str(word) for word in words], argparse.Namespace(debug=False))
