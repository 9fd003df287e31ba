"""Model paths as ROS users write them: package://NAME/PATH beside ordinary paths."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from slowfeat.errors import UsageError

SCHEME = "package://"


def resolve_package_url(text: str) -> Path:
    """The path that `text` names; ordinary paths come back as they are.

    Raises:
        UsageError: the package is not installed where ROS looks.
    """
    if not text.startswith(SCHEME):
        return Path(text)
    name, _, rest = text[len(SCHEME) :].partition("/")
    # With ROS 2 as wheels nothing may be sourced; what is installed beside Python is found all the
    # same.
    os.environ.setdefault("AMENT_PREFIX_PATH", sys.prefix)
    from ament_index_python.packages import get_package_share_directory

    try:
        return Path(get_package_share_directory(name)) / rest
    except (LookupError, ValueError, OSError) as error:
        raise UsageError(
            f"{text}: there is no package {name!r} in this workspace; source the one that has it"
        ) from error
