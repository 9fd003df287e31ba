"""Mend the CMake files that the ROS 2 wheels install into a virtual environment.

The wheels' exported CMake files name two folders of the machine that built them,
``/opt/python/cpXY-cpXY/include/pythonX.Y`` and ``.../site-packages/numpy/_core/include``. CMake
stops at the first of them ("includes non-existent path"). This script puts this environment's own
two folders in their place. Run it with the environment's Python; running it again changes nothing.
"""

from __future__ import annotations

import re
import sys
import sysconfig
from pathlib import Path

BUILD_MACHINE = r"/opt/python/cp\d+-cp\d+t?"
NUMPY_INCLUDE = re.compile(
    BUILD_MACHINE + r"/lib/python[\d.]+t?/site-packages/numpy/_?core/include"
)
PYTHON_INCLUDE = re.compile(BUILD_MACHINE + r"/include/python\d+\.\d+t?")


def mend(share: Path, python_include: str, numpy_include: str) -> list[Path]:
    """Replace the build machine's folders in every CMake file under
    `share`; returns what changed.
    """
    changed = []
    for path in sorted(share.rglob("*.cmake")):
        text = path.read_text(encoding="utf-8")
        # Functions, so that a backslash in a path is not read as a group reference.
        mended = NUMPY_INCLUDE.sub(lambda _: numpy_include, text)
        mended = PYTHON_INCLUDE.sub(lambda _: python_include, mended)
        if mended != text:
            # The installer may have linked the file to its cache: write a new one, leave that
            # alone.
            path.unlink()
            path.write_text(mended, encoding="utf-8")
            changed.append(path)
    return changed


def main() -> int:
    """Mend this environment; returns the exit code."""
    import numpy

    share = Path(sys.prefix) / "share"
    python_include, numpy_include = sysconfig.get_path("include"), numpy.get_include()
    changed = mend(share, python_include, numpy_include)
    if changed:
        print(f"mend_ros_wheels: mended {len(changed)} CMake files under {share}:")
        print(f"  Python's headers are in {python_include}, numpy's in {numpy_include}")
    else:
        print(f"mend_ros_wheels: nothing to mend under {share}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
