"""The container files: what they say is done, as far as that goes without a container."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.helpers.colcon import COLCON, configure, prefix, ros_environment

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted((ROOT / "docker").glob("Containerfile.*"))
INSTRUCTIONS = {"ARG", "FROM", "RUN", "COPY", "WORKDIR", "USER", "ENTRYPOINT"}


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
def test_messages_lie_beside_the_root_package_and_not_below_it(path: Path) -> None:
    # colcon stops at the first package that it meets.
    interfaces = next(a for a in arguments(path, "COPY") if "interfaces" in a)
    assert interfaces.split()[-1] == "src/slowfeat_interfaces"


def copy_as_it_says(path: Path, workspace: Path) -> None:
    """Do what the file's COPY lines into its workspace say."""
    for argument in arguments(path, "COPY"):
        *sources, target = argument.split()
        if target.startswith("/"):
            continue  # wheels for pip
        found = [match for source in sources for match in ROOT.glob(source)]
        assert len(found) >= len(sources), argument
        for source in found:
            if source.is_dir():
                ignored = shutil.ignore_patterns("__pycache__")
                shutil.copytree(source, workspace / target, ignore=ignored)
            else:
                # A folder is written with a slash at its end.
                assert target.endswith("/"), argument
                (workspace / target).mkdir(parents=True, exist_ok=True)
                shutil.copy(source, workspace / target)


@pytest.mark.ros
@pytest.mark.parametrize("path", FILES, ids=lambda p: p.name)
def test_what_is_copied_configures(path: Path, tmp_path: Path) -> None:
    copy_as_it_says(path, tmp_path)
    assert configure(tmp_path / "src" / "slowfeat", tmp_path / "build", prefix()) == ""
    assert {package.name for package in (tmp_path / "src").iterdir()} == {
        "slowfeat",
        "slowfeat_interfaces",
    }


@pytest.mark.ros
@pytest.mark.slow
@pytest.mark.skipif(COLCON is None, reason="needs colcon (make setup installs it)")
def test_what_is_copied_builds_with_colcon_and_its_programs_answer(tmp_path: Path) -> None:
    copy_as_it_says(FILES[0], tmp_path)
    python = f"-DPython3_EXECUTABLE={sys.executable}"
    # make setup has built the messages in the same way, and they take a minute.
    shutil.rmtree(tmp_path / "src" / "slowfeat_interfaces")
    build = [str(COLCON), "build", "--cmake-args", "-DBUILD_TESTING=OFF", python]
    done = subprocess.run(
        build, cwd=tmp_path, env=ros_environment(), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    programs = tmp_path / "install" / "slowfeat" / "lib" / "slowfeat"
    for program in ("encoder_node", "view_selector_node"):
        wrong = [str(programs / program), "--ros-args", "-p", "autostart:=7"]
        script = f". {tmp_path}/install/local_setup.sh && exec {' '.join(wrong)}"
        # Not the tree that the tests run in: what was installed.
        environment = {k: v for k, v in ros_environment().items() if k != "PYTHONPATH"}
        answer = subprocess.run(
            ["bash", "-c", script],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert answer.returncode == 2, answer.stdout + answer.stderr
        assert "autostart" in answer.stderr


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
