"""The Fast DDS profile that lets large images through, for a process that no launch file started.

Frames over 512 KB (640x480 rgb8 is 921 KB) do not fit Fast DDS's default shared-memory segment and
are mostly lost between processes. The segment is the sender's: the camera's process needs the
profile too.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

PROFILE = "fastdds_large_data.xml"
SHM = Path("/dev/shm")  # noqa: S108 (where Fast DDS keeps its segments)
# The profile's segment is 64 MB for each participant: leave room for this one and a camera's.
NEEDED_BYTES = 160 * 1024 * 1024


def _config_folders() -> Iterator[Path]:
    yield Path(__file__).resolve().parents[2] / "config"
    for prefix in os.environ.get("AMENT_PREFIX_PATH", "").split(os.pathsep):
        if prefix:
            yield Path(prefix) / "share" / "slowfeat" / "config"
    yield Path(sys.prefix) / "share" / "slowfeat" / "config"


def find_profile() -> Path | None:
    """The profile of the source tree, of the workspace or of the pip install."""
    return next((f / PROFILE for f in _config_folders() if (f / PROFILE).is_file()), None)


def variable() -> str:
    """The environment variable that this distribution's Fast DDS reads without complaint."""
    vendor = "FASTRTPS" if os.environ.get("ROS_DISTRO") == "humble" else "FASTDDS"
    return f"{vendor}_DEFAULT_PROFILES_FILE"


def use_profile() -> str | None:
    """Set the profile for this process, before rclpy.init; returns a warning, or None.

    A profile that the user set stays. Where /dev/shm is too small (a container's default is 64 MB)
    ours is left out, because Fast DDS would fill it and fail.
    """
    name = variable()
    given = os.environ.get(name)
    if given and Path(given).name != PROFILE:
        return None
    free = shutil.disk_usage(SHM).free if SHM.is_dir() else 0
    if free < NEEDED_BYTES:
        os.environ.pop(name, None)
        return (
            f"{SHM} has {free >> 20} MB free, too little for the profile that lets large images "
            "through; give the container more (docker run --shm-size=512m)"
        )
    profile = find_profile()
    if not given and profile is not None:
        os.environ[name] = str(profile)
    return None
