"""The one program ``slowfeat``: finds its subcommands, parses, reports errors in one line.

A subcommand is a module named in the entry-point group ``slowfeat.commands``. It is cheap to import
(what is heavy is imported inside ``run``) and has three names:

- ``HELP``: one line for the list of commands;
- ``add_arguments(parser)``: declares its flags;
- ``run(args) -> int``: does the work and returns the exit code.

Exit codes: 0 done, 1 the work failed, 2 wrong use, 130 interrupted, 143 terminated (docker stop,
systemd, Slurm): what is unfinished is cleared away as after Ctrl-C. No name of a bag or file brings
control characters to the terminal.
"""

from __future__ import annotations

import argparse
import errno
import importlib
import os
import re
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import metadata
from types import FrameType
from typing import NoReturn, Protocol, cast

from slowfeat import __version__
from slowfeat.errors import SlowfeatError, UsageError
from slowfeat.printable import printable, printable_output

GROUP = "slowfeat.commands"
# Known without package metadata, so that a bare source tree or a colcon install has them too.
BUILT_IN = {"remember": "slowfeat.commands.remember", "run": "slowfeat.commands.run"}
# What to install when a command's imports are missing, by the package that is missing.
EXTRA_OF_PACKAGE = {
    "optuna": "train",
    "safetensors": "train",
    "torch": "train",
    "torchvision": "train",
    "onnx": "train",
    "rosbags": "train",
    "tqdm": "train",
    "yaml": "train",
    "vizdoom": "sim",
    "onnxruntime": "cpu",
    "fsspec": "cloud",
}

# How a system says that nothing more fits.
FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class Command(Protocol):
    """What a subcommand's module offers."""

    HELP: str
    __doc__: str | None

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the command's flags."""

    def run(self, args: argparse.Namespace) -> int:
        """Do the work; returns the exit code."""


class Parser(argparse.ArgumentParser):
    """Says what is wrong with the words of a command in one line."""

    def error(self, message: str) -> NoReturn:
        """Refuse wrong words; a `type` says "is X; it must be Y", and the flag is put before it.

        Raises:
            UsageError: naming the flag, and where all flags are explained.
        """
        said = re.sub(r"^argument (\S+): ", r"\1 ", message)
        raise UsageError(f"{said} ({self.prog} --help)")


def find_commands() -> dict[str, str]:
    """Names of the installed subcommands and the modules that hold them."""
    found = dict(BUILT_IN)
    found.update({point.name: point.value for point in metadata.entry_points(group=GROUP)})
    return dict(sorted(found.items()))


def load_command(module: str) -> Command:
    """Import a subcommand's module."""
    return cast("Command", importlib.import_module(module))


def build_parser(modules: dict[str, str], only: str | None = None) -> argparse.ArgumentParser:
    """The parser of the whole program; with `only`, of that one subcommand (faster to start).

    Args:
        modules: what find_commands() has found; the search reads a file of every installed package.
        only: a name in it.
    """
    parser = Parser(
        prog="slowfeat",
        description=(
            "Teach a robot to see from its own recordings: bags in, features out, no labels."
        ),
        epilog="A first try: slowfeat demo. Your own bag: slowfeat inspect BAG, "
        "then slowfeat train BAG --out RUN, then slowfeat run --model RUN.",
    )
    parser.add_argument("--version", action="version", version=f"slowfeat {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, module in modules.items():
        if only is not None and name != only:
            continue
        try:
            command = load_command(module)
        except ModuleNotFoundError:
            if only is not None:
                raise
            continue  # a part of slowfeat that is not on this machine does not spoil the list
        sub = commands.add_parser(
            name,
            help=command.HELP,
            description=command.__doc__,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        command.add_arguments(sub)
        sub.add_argument("--debug", action="store_true", help="show the traceback of an error")
        sub.set_defaults(run=command.run)
    return parser


def explain(error: BaseException) -> str:
    """One line for an error that is not ours: missing extras and full disks get their advice."""
    if isinstance(error, ModuleNotFoundError):
        missing = (error.name or "").partition(".")[0]
        extra = EXTRA_OF_PACKAGE.get(missing)
        if extra is not None:
            return f"{missing} is not installed: pip install 'slowfeat[{extra}]'"
        if missing in {"rclpy", "slowfeat_interfaces"}:
            return (
                f"{missing} is not installed: source a ROS 2 workspace with slowfeat, or run make "
                "setup"
            )
    if isinstance(error, MemoryError):
        return (
            "this machine has not enough memory; give it more, or smaller images, bags or batches"
        )
    if isinstance(error, OSError) and error.strerror:
        advice = (
            "make room there" if error.errno in FULL else "look at the path and its permissions"
        )
        return (
            f"{error.filename or 'a file'}: {error.strerror}; {advice}, then the same command again"
        )
    text = str(error).strip().splitlines()
    return f"{type(error).__name__}: {text[0] if text else 'no message'} (--debug shows where)"


class Terminated(KeyboardInterrupt):
    """SIGTERM or SIGHUP: the machine wants the program to end."""


@contextmanager
def ended_by_signals() -> Iterator[None]:
    """A block that SIGTERM and SIGHUP end as Ctrl-C does, with what is unfinished cleared away."""

    def end(number: int, _: FrameType | None) -> None:
        signal.signal(
            number, signal.SIG_IGN
        )  # once is enough: the clearing away is not interrupted
        raise Terminated

    before = {}
    try:
        for number in (signal.SIGTERM, signal.SIGHUP):
            if signal.getsignal(number) is signal.SIG_DFL:  # nohup has it ignored
                before[number] = signal.signal(number, end)
    except ValueError:  # not in the main thread
        pass
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def main(argv: list[str] | None = None) -> int:
    """Run the program `slowfeat`; returns the exit code."""
    with printable_output(), ended_by_signals():
        return _main(sys.argv[1:] if argv is None else argv)


def _main(words: list[str]) -> int:
    modules = find_commands()
    only = words[0] if words and words[0] in modules else None
    try:
        parser = build_parser(modules, only)
    except ModuleNotFoundError as error:
        print(f"slowfeat {only}: {explain(error)}", file=sys.stderr)
        return 1
    try:
        args = parser.parse_args(words)
    except UsageError as error:
        print(f"slowfeat{f' {only}' * bool(only)}: {printable(str(error))}", file=sys.stderr)
        return error.exit_code
    try:
        return int(args.run(args))
    except Terminated:
        print("slowfeat: terminated", file=sys.stderr)
        return 143
    except KeyboardInterrupt:
        print("slowfeat: interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:
        # The reader (head, less) has gone: nothing is wrong. Keep Python from complaining at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except SlowfeatError as error:
        if args.debug:
            raise
        print(f"slowfeat {args.command}: {printable(str(error))}", file=sys.stderr)
        return error.exit_code
    except Exception as error:
        if args.debug:
            raise
        print(f"slowfeat {args.command}: {printable(explain(error))}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
