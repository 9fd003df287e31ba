"""The examples in the documentation run as they stand, and its links lead somewhere."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import cv2
import numpy as np
import pytest

ROOT = Path(__file__).parents[1]
PAGES = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "bags" / "README.md",
    *sorted((ROOT / "docs").rglob("*.md")),
]


def python_examples(page: Path) -> list[str]:
    """Indented blocks of a page that import something."""
    blocks = re.findall(
        r"(?:^    .*\n|^\n(?=    ))+", page.read_text(encoding="utf-8"), re.MULTILINE
    )
    return [
        textwrap.dedent(b).strip()
        for b in blocks
        if re.search(r"^    (import|from) ", b, re.MULTILINE)
    ]


EXAMPLES = [(page.name, code) for page in PAGES for code in python_examples(page)]


def test_there_are_examples() -> None:
    assert {name for name, _ in EXAMPLES} >= {"README.md", "bundle.md"}


@pytest.mark.parametrize(("page", "code"), EXAMPLES)
def test_examples_run_in_a_folder_with_a_run_and_a_frame(
    page: str, code: str, tiny_bundle: Path, tmp_path: Path
) -> None:
    bundle = tmp_path / "my_run" / "bundle"
    shutil.copytree(tiny_bundle, bundle)
    # The default's embedding has named parts; that of the tiny bundle gets them.
    info = json.loads((bundle / "bundle.json").read_text())
    whole = info["dimension"]
    info["slices"] = {
        name: {"start": start, "stop": stop, "share_of_norm": 0.5}
        for name, start, stop in (("map", 0, whole - 1), ("slow", whole - 1, whole))
    }
    (bundle / "bundle.json").write_text(json.dumps(info))
    cv2.imwrite(str(tmp_path / "frame.png"), np.zeros((48, 64, 3), np.uint8))
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_to_files_that_are_there(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8")):
        if "://" not in target:
            assert (page.parent / target).exists(), target
