"""scripts/mend_ros_wheels.py: the build machine's folders go, everything else stays."""

from __future__ import annotations

import importlib.util
from pathlib import Path

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "mend_ros_wheels.py"
SPEC = importlib.util.spec_from_file_location("mend_ros_wheels", SCRIPT)
assert SPEC is not None
assert SPEC.loader is not None
mend_ros_wheels = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(mend_ros_wheels)

BROKEN = (
    'INTERFACE_INCLUDE_DIRECTORIES "${_IMPORT_PREFIX}/include/x;'
    "/opt/python/cp312-cp312/include/python3.12;"
    '/opt/python/cp312-cp312/lib/python3.12/site-packages/numpy/_core/include"\n'
)


def broken_tree(tmp_path: Path) -> Path:
    folder = tmp_path / "share" / "x_msgs" / "cmake"
    folder.mkdir(parents=True)
    (folder / "export.cmake").write_text(BROKEN, encoding="utf-8")
    (folder / "other.cmake").write_text("set(x 1)\n", encoding="utf-8")
    return tmp_path / "share"


def test_both_folders_are_replaced(tmp_path: Path) -> None:
    share = broken_tree(tmp_path)
    changed = mend_ros_wheels.mend(share, "/here/include", "/here/numpy")
    assert [path.name for path in changed] == ["export.cmake"]
    assert changed[0].read_text(encoding="utf-8") == (
        'INTERFACE_INCLUDE_DIRECTORIES "${_IMPORT_PREFIX}/include/x;/here/include;/here/numpy"\n'
    )


def test_second_time_changes_nothing(tmp_path: Path) -> None:
    share = broken_tree(tmp_path)
    mend_ros_wheels.mend(share, "/here/include", "/here/numpy")
    assert mend_ros_wheels.mend(share, "/here/include", "/here/numpy") == []


def test_installers_cached_copy_stays_as_it_was(tmp_path: Path) -> None:
    share = broken_tree(tmp_path)
    cached = tmp_path / "cached.cmake"
    cached.hardlink_to(share / "x_msgs" / "cmake" / "export.cmake")
    mend_ros_wheels.mend(share, "/here/include", "/here/numpy")
    assert cached.read_text(encoding="utf-8") == BROKEN
