"""Memory that is free in the process goes back to the system. Knows no ROS."""

from __future__ import annotations

import ctypes
from typing import Any


def give_back(library: Any = None) -> bool:
    """Return freed memory to the system; whether the C library has a call for it (glibc's has).

    A bundle is tens of megabytes in many pieces, which the allocator would keep for the process.
    """
    try:
        library = library or ctypes.CDLL(None)
        library.malloc_trim(0)
    except (OSError, AttributeError, TypeError):
        return False
    return True
