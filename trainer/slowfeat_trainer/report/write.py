"""From runs to the file on disk."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from slowfeat.errors import UsageError
from slowfeat.files import write_whole
from slowfeat_trainer.console.terminal import say
from slowfeat_trainer.report.report_data import gather
from slowfeat_trainer.report.report_page import make_page


def write_report(paths: Sequence[Path], out: Path, on: Path | None, frames: bool) -> str:
    """Measure, draw and write; returns a sentence for the user.

    Args:
        paths: runs or bundles.
        out: the file; a page that stands there is replaced.
        on: a bag or dataset; None for what each run held out.
        frames: whether the bags' own frames are shown.

    Raises:
        UsageError: a path is wrong.
        MachineError: the page cannot be written.
    """
    if out.is_dir() or not out.parent.is_dir():
        raise UsageError(f"--out {out}: give a file in a folder that is there, such as report.html")
    subjects = gather(paths, on)
    say("drawing")
    page = make_page(subjects, frames)
    write_whole(out, page)
    return f"{out}: {len(page) / 1e6:.1f} MB, open it in any browser"
