"""The flag --require-gain: exit code 1 where a bundle does not predict."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable

from slowfeat.verdict import NOT, Verdict


def add_gate_argument(parser: argparse.ArgumentParser) -> None:
    """Declare the flag."""
    parser.add_argument(
        "--require-gain",
        action="store_true",
        help=(
            "exit with 1 where the bundle gains nothing from the motion: its gain lies within 3 "
            "standard errors of 0"
        ),
    )


def exit_code(args: argparse.Namespace, verdicts: Iterable[Verdict | None]) -> int:
    """0, or 1 where a gain was required and one of some bundles has none; says so."""
    if not args.require_gain:
        return 0
    failed = [v for v in verdicts if v is None or v.predicts == NOT]
    for verdict in failed:
        why = "nothing was held out to measure it on" if verdict is None else str(verdict)
        print(f"slowfeat: --require-gain is not met: {why}", file=sys.stderr)
    return 1 if failed else 0
