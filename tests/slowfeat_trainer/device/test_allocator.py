"""Memory that is freed is kept, where the C library can be told to."""

from __future__ import annotations

import ctypes
import subprocess
import sys

import pytest

from slowfeat_trainer.device.allocator import keep_freed_memory

# A process of its own: the setting cannot be taken back.
SCRIPT = """
import resource, sys
import numpy as np
from slowfeat_trainer.device.allocator import keep_freed_memory
if sys.argv[1] == "kept":
    assert keep_freed_memory()
for k in range(12):
    if k == 2:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    np.ones(2_000_000)
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def page_faults(how: str) -> int:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, how], capture_output=True, text=True, check=True
    )
    return int(done.stdout)


@pytest.mark.skipif(
    not hasattr(ctypes.CDLL(None), "gnu_get_libc_version"), reason="the C library is not glibc"
)
def test_arrays_made_again_fault_in_no_new_pages() -> None:
    assert page_faults("kept") < 0.1 * page_faults("given back") + 50


def test_another_c_library_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ctypes, "CDLL", lambda _: object())
    assert keep_freed_memory() is False
