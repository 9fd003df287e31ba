"""Memory that is given back and asked for again at every step, kept instead.

A training step on a CPU makes the same large tensors each time. glibc gives each of them back to
the system when it is freed, and the system hands out fresh pages, one fault a page, at the next
step. Results do not change.
"""

from __future__ import annotations

import ctypes

# Of glibc's malloc.h.
_M_TRIM_THRESHOLD, _M_MMAP_MAX = -1, -4
# The most that mallopt takes: what lies free at the end of the heap, in bytes, before it is given
# back.
_MOST = 2**31 - 1


def keep_freed_memory() -> bool:
    """Let this process keep what it frees, up to 2 GiB; whether its C library can do so (glibc)."""
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):
        return False
    return bool(mallopt(_M_MMAP_MAX, 0) and mallopt(_M_TRIM_THRESHOLD, _MOST))
