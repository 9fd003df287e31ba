"""The shape of the code: which way imports point, and what the robot side may lean on."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from scripts import architecture

ROOT = Path(__file__).resolve().parents[1]
ROBOT_SIDE = sorted((ROOT / "slowfeat").rglob("*.py"))
# What a robot that only imports the engine need not have.
NOT_ON_THE_ROBOT = ["torch", "torchvision", "onnx", "rosbags", "slowfeat_trainer"]
ROS = ["rclpy", "launch", "launch_ros", "sensor_msgs", "slowfeat_interfaces", "ament_index_python"]

BLOCKER = """
import importlib, sys
blocked = set(sys.argv[1].split(","))

class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in blocked:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return None

sys.meta_path.insert(0, Blocker())
for module in sys.argv[2:]:
    importlib.import_module(module)
there = blocked & {name.partition(".")[0] for name in sys.modules}
sys.exit(f"imported all the same: {there}" if there else 0)
"""


def module_name(path: Path) -> str:
    """Dotted name of a module of the repository."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def import_blocked(blocked: list[str], modules: list[str]) -> subprocess.CompletedProcess[str]:
    """Import `modules` in a new interpreter that finds none of `blocked`."""
    return subprocess.run(
        [sys.executable, "-c", BLOCKER, ",".join(blocked), *modules],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )


def imported_names(path: Path) -> set[str]:
    """Top-level packages that a file imports anywhere in it, functions included."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            names.add(node.module.partition(".")[0])
    return names


def test_robot_side_imports_without_torch_and_ros() -> None:
    modules = [module_name(path) for path in ROBOT_SIDE if path.name != "__main__.py"]
    outside_nodes = [name for name in modules if not name.startswith("slowfeat.nodes")]
    done = import_blocked(NOT_ON_THE_ROBOT + ROS, ["slowfeat", *outside_nodes])
    assert done.returncode == 0, done.stderr


@pytest.mark.ros
def test_nodes_import_without_what_the_trainer_needs() -> None:
    modules = [module_name(path) for path in ROBOT_SIDE if "nodes" in path.parts]
    done = import_blocked(NOT_ON_THE_ROBOT, modules)
    assert done.returncode == 0, done.stderr


def test_blocker_notices_a_blocked_import() -> None:
    done = import_blocked(["numpy"], ["slowfeat.geometry"])
    assert done.returncode == 1
    assert "No module named 'numpy'" in done.stderr


@pytest.mark.parametrize("path", ROBOT_SIDE, ids=module_name)
def test_robot_side_knows_nothing_of_the_trainer(path: Path) -> None:
    assert not imported_names(path) & set(NOT_ON_THE_ROBOT)


@pytest.mark.parametrize(
    "path", [path for path in ROBOT_SIDE if "nodes" not in path.parts], ids=module_name
)
def test_ros_is_imported_under_nodes_only(path: Path) -> None:
    # slowfeat run starts the node, so it may import it once it runs; test 1 shows it does not
    # before.
    assert not imported_names(path) & set(ROS)


@pytest.mark.parametrize("path", ROBOT_SIDE, ids=module_name)
def test_robot_side_parses_on_python_3_10(path: Path) -> None:
    ast.parse(path.read_text(encoding="utf-8"), feature_version=(3, 10))


def vermin(path: Path) -> subprocess.CompletedProcess[str]:
    """Look for language and library newer than Python 3.10."""
    program = str(Path(sys.executable).with_name("vermin"))
    return subprocess.run(
        [program, "--no-tips", "--target=3.10-", "--violations", str(path)],
        capture_output=True,
        text=True,
        check=False,
    )


def test_robot_side_uses_no_library_newer_than_python_3_10() -> None:
    done = vermin(ROOT / "slowfeat")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    "source", ["import tomllib", "from typing import Self", "from datetime import UTC"]
)
def test_newer_library_is_noticed(tmp_path: Path, source: str) -> None:
    (tmp_path / "newer.py").write_text(source + "\n", encoding="utf-8")
    assert "Minimum required versions: 3.11" in vermin(tmp_path).stdout


def test_every_package_stands_in_a_storey() -> None:
    for module in architecture.modules():
        architecture.package_of(module)
    there = {architecture.package_of(module) for module in architecture.modules()}
    assert there >= architecture.FLOOR.keys()


def test_packages_import_lower_storeys_only() -> None:
    assert architecture.running_back() == []
    assert architecture.circles() == []


def test_an_import_that_runs_back_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    lowest, highest = "slowfeat.geometry", "slowfeat_trainer.commands.train"

    def imports_of(path: Path) -> set[str]:
        return {highest} if path == architecture.modules()[lowest] else {lowest}

    monkeypatch.setattr(architecture, "imports_of", imports_of)
    assert architecture.running_back() == [f"{lowest} imports {highest}"]
    assert architecture.circles() == [["slowfeat", "slowfeat_trainer.commands"]]


def test_a_stranger_finds_few_places_at_the_trainers_top() -> None:
    places = architecture.places_at_top()
    assert len(places) <= 30
    assert [name for name in places if name.endswith(".py")] == ["runs.py"]


def test_hardly_two_files_have_one_name() -> None:
    names = Counter(path.name for path in architecture.modules().values())
    twice = [name for name, count in names.items() if count > 1 and name != "__init__.py"]
    assert len(twice) <= 10, twice


def test_the_page_shows_the_storeys_as_they_are() -> None:
    page = architecture.PAGE.read_text(encoding="utf-8")
    assert architecture.with_storeys(page) == page, (
        "python scripts/architecture.py --write renews docs/architecture.md"
    )


def test_tests_stand_beside_their_modules() -> None:
    have, lack = architecture.tested()
    assert len(have) >= 0.9 * (len(have) + len(lack)), lack
