"""colcon finds both packages in each layout that the documentation names."""

from __future__ import annotations

import os
import re
import subprocess
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from tests.helpers.colcon import COLCON, ROOT, configure, prefix, without_messages
from tests.scripts.test_containers import FILES, copy_as_it_says

BOTH = {"slowfeat", "slowfeat_interfaces"}

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


def test_copy_without_the_trainer_as_the_page_says(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "deploy.md").read_text(encoding="utf-8")
    section = page.partition("A copy without the trainer")[2].partition("\n## ")[0]
    lines = [line[4:] for line in section.splitlines() if line.startswith("    ")]
    assert lines[-1] == "cd ~/ws && colcon build"
    script = "\n".join(lines[:-1]).replace("~/slowfeat", str(ROOT)).replace("~", str(tmp_path))
    subprocess.run(["bash", "-euc", script], check=True)
    assert colcon_list(tmp_path / "ws") == BOTH
    assert configure(tmp_path / "ws/src/slowfeat", tmp_path / "build", prefix()) == ""


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.name)
def test_copies_of_the_container_files(path: Path, tmp_path: Path) -> None:
    copy_as_it_says(path, tmp_path)
    assert colcon_list(tmp_path) == BOTH


def test_a_plain_clone_stops_at_configure_time_with_one_sentence(tmp_path: Path) -> None:
    alone = without_messages(tmp_path / "ros")
    assert configure(ROOT, tmp_path / "build", alone) == (
        "slowfeat_interfaces is not built: name its folder too, colcon build --base-paths src "
        "src/slowfeat/ros2_ws/src (docs/ros2_workspace.md shows other layouts)"
    )


def test_both_packages_say_who_keeps_them_and_what_changed() -> None:
    for folder in (ROOT, ROOT / "ros2_ws" / "src" / "slowfeat_interfaces"):
        package = ET.parse(folder / "package.xml").getroot()  # noqa: S314  our own file
        for field in ("name", "version", "description", "maintainer", "license", "url", "author"):
            assert package.findtext(field, "").strip(), field
        title = f"Changelog for package {package.findtext('name')}"
        lines = (folder / "CHANGELOG.rst").read_text(encoding="utf-8").splitlines()
        assert lines[:3] == ["^" * len(title), title, "^" * len(title)]


def test_every_ros_package_that_is_imported_is_declared() -> None:
    package = ET.parse(ROOT / "package.xml").getroot()  # noqa: S314  our own file
    declared = {item.text for item in package if item.tag.endswith("depend")}
    sources = "\n".join(
        path.read_text(encoding="utf-8")
        for folder in ("slowfeat", "launch")
        for path in (ROOT / folder).rglob("*.py")
    )
    imported = set(re.findall(r"^\s*(?:from|import) (\w+(?:_msgs|_interfaces))\b", sources, re.M))
    assert "rcl_interfaces" in imported
    assert imported <= declared
