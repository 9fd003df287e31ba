"""colcon and CMake as a robot's owner calls them, against the ROS 2 that the tests run on."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_BIN = Path(sys.executable).parent
# colcon stands beside the interpreter when make setup installed it, else on PATH.
COLCON = shutil.which("colcon", path=f"{_BIN}:{os.environ['PATH']}")
CMAKE = shutil.which("cmake", path=f"{_BIN}:{os.environ['PATH']}")


def prefix() -> str:
    """Where ROS 2 and our messages are: a sourced install's prefixes, else the environment."""
    return os.environ.get("AMENT_PREFIX_PATH") or str(_BIN.parent)


def ros_environment() -> dict[str, str]:
    """The environment in which packages are built here."""
    changed = {"CMAKE_PREFIX_PATH": prefix(), "AMENT_PREFIX_PATH": prefix()}
    return os.environ | changed | {"PATH": f"{_BIN}:{os.environ['PATH']}"}


def without_messages(folder: Path) -> str:
    """A prefix with everything of ROS 2 but slowfeat_interfaces: links, made in an empty folder."""
    index = Path("share/ament_index/resource_index/packages")
    for one in reversed(prefix().split(":")):
        for part in ("share", str(index)):
            (folder / part).mkdir(parents=True, exist_ok=True)
            for entry in (Path(one) / part).iterdir():
                link = folder / part / entry.name
                if entry.name not in ("slowfeat_interfaces", "ament_index") and not link.exists():
                    link.symlink_to(entry)
    return str(folder)


def configure(package: Path, build: Path, prefixes: str) -> str:
    """CMake's configure step of a package; its error in one line, or nothing."""
    environment = ros_environment() | {
        "CMAKE_PREFIX_PATH": prefixes,
        "AMENT_PREFIX_PATH": prefixes,
    }
    python = f"-DPython3_EXECUTABLE={sys.executable}"
    words = [str(CMAKE), "-S", str(package), "-B", str(build), "-DBUILD_TESTING=OFF", python]
    done = subprocess.run(words, env=environment, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return ""
    found = re.search(r"CMake Error at .*?:\n\n?(.*?)\n\n\n", done.stderr, re.S)
    return " ".join((found.group(1) if found else done.stderr).split())
