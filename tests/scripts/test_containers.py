"""The container files, as far as they can be checked without building them."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted((ROOT / "docker").glob("Containerfile.*"))
INSTRUCTIONS = {"ARG", "FROM", "RUN", "COPY", "WORKDIR", "USER", "ENTRYPOINT"}
# What CMakeLists.txt installs from or configures: without it the package does not build.
NEEDED = {
    "package.xml",
    "CMakeLists.txt",
    "slowfeat",
    "launch",
    "config",
    "scripts/encoder_node.in",
}


def instructions(path: Path) -> list[tuple[str, str]]:
    """Name and argument of each instruction; continued lines are joined, comments left out."""
    lines = [x for x in path.read_text(encoding="utf-8").splitlines() if not x.startswith("#")]
    joined = re.sub(r"\\\n\s*", " ", "\n".join(lines))
    found = [line.partition(" ") for line in joined.splitlines() if line.strip()]
    return [(name, argument.strip()) for name, _, argument in found]


def arguments(path: Path, name: str) -> list[str]:
    return [argument for found, argument in instructions(path) if found == name]


def test_both_machines_have_one() -> None:
    assert [path.suffix for path in FILES] == [".jazzy", ".jetson"]


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.name)
def test_instructions_are_known_and_it_says_that_it_is_untested(path: Path) -> None:
    assert {name for name, _ in instructions(path)} <= INSTRUCTIONS
    assert "UNTESTED" in path.read_text(encoding="utf-8").splitlines()[0]


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.name)
def test_images_are_named_plainly(path: Path) -> None:
    images = arguments(path, "FROM") + [a.partition("=")[2] for a in arguments(path, "ARG")]
    plain = [image for image in images if image != "${BASE}"]
    assert plain
    assert all(re.fullmatch(r"ros:[a-z]+-ros-base", image) for image in plain)
    assert "://" not in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.name)
def test_everything_that_is_copied_is_there_and_enough_to_build(path: Path) -> None:
    sources = [word for a in arguments(path, "COPY") for word in a.split()[:-1]]
    for source in sources:
        assert "*" in source or (ROOT / source).exists(), source
    assert set(sources) >= NEEDED
    assert "ros2_ws/src/slowfeat_interfaces" in sources
    interfaces = next(a for a in arguments(path, "COPY") if "interfaces" in a)
    # Beside the root package, not below it: colcon stops at the first package that it meets.
    assert interfaces.split()[-1] == "src/slowfeat_interfaces"


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.name)
def test_pip_keeps_the_systems_numpy_and_the_node_is_not_root(path: Path) -> None:
    (pip,) = [a for a in arguments(path, "RUN") if "pip3 install" in a]
    assert "--constraint" in pip
    assert "numpy==" in pip
    assert arguments(path, "USER") == ["robot"]


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.name)
def test_entry_point_launches_the_node_and_hands_signals_on(path: Path) -> None:
    (entry,) = arguments(path, "ENTRYPOINT")
    words = json.loads(entry)
    assert words[:3] == ["/ros_entrypoint.sh", "bash", "-c"]
    assert "exec ros2 launch slowfeat encoder.launch.py" in words[3]
    assert (ROOT / "launch" / "encoder.launch.py").exists()
    (distribution,) = {
        m for a in arguments(path, "RUN") for m in re.findall("/opt/ros/([a-z]+)", a)
    }
    bases = arguments(path, "FROM") + arguments(path, "ARG")
    assert any(f"ros:{distribution}-" in base for base in bases)
