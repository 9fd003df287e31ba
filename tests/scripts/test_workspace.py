"""colcon finds both packages in each layout that the documentation names."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BOTH = {"slowfeat", "slowfeat_interfaces"}
# colcon stands beside the interpreter when make setup installed it, else on PATH.
COLCON = shutil.which("colcon", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")

pytestmark = [
    pytest.mark.ros,
    pytest.mark.skipif(COLCON is None, reason="needs colcon (make setup installs it)"),
]


def colcon_list(workspace: Path, *arguments: str) -> set[str]:
    """Names of the packages that colcon finds in `workspace`."""
    command = [str(COLCON), "--log-base", os.devnull, "list", "--names-only", *arguments]
    done = subprocess.run(command, cwd=workspace, capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_our_own_workspace() -> None:
    assert colcon_list(ROOT / "ros2_ws") == BOTH


def test_clone_in_somebodys_workspace(tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "slowfeat").symlink_to(ROOT)
    # colcon stops at the first package it meets, the root one: hence the second base path.
    assert colcon_list(tmp_path) == {"slowfeat"}
    both = colcon_list(tmp_path, "--base-paths", "src", "src/slowfeat/ros2_ws/src")
    assert both == BOTH


def test_two_links_in_somebodys_workspace(tmp_path: Path) -> None:
    # A clone elsewhere, and what the workspace needs linked (or copied) side by side.
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "slowfeat").symlink_to(ROOT)
    interfaces = ROOT / "ros2_ws" / "src" / "slowfeat_interfaces"
    (tmp_path / "src" / "slowfeat_interfaces").symlink_to(interfaces)
    assert colcon_list(tmp_path) == BOTH


def test_copy_without_the_trainer_as_in_the_container_files(tmp_path: Path) -> None:
    copy = tmp_path / "src" / "slowfeat"
    copy.mkdir(parents=True)
    for name in ("package.xml", "CMakeLists.txt"):
        shutil.copy(ROOT / name, copy)
    for name in ("slowfeat", "launch", "config"):
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    interfaces = ROOT / "ros2_ws" / "src" / "slowfeat_interfaces"
    shutil.copytree(interfaces, tmp_path / "src" / "slowfeat_interfaces")
    assert colcon_list(tmp_path) == BOTH
