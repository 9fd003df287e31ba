"""A minute at 60 Hz; `benchmarks/soak.py --minutes 30` is the long one."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

SOAK = Path(__file__).resolve().parents[3] / "benchmarks" / "soak.py"


@pytest.mark.slow
def test_a_minute_at_60_hz_leaves_memory_threads_and_handles_as_they_were() -> None:
    command = [sys.executable, str(SOAK), "--minutes", "1", "--hz", "60"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=180, check=False)
    numbers = re.search(
        r"(\d+) of (\d+) frames, own memory ([+-][\d.]+) MB .*"
        r"threads ([+-]\d+), file handles ([+-]\d+)",
        done.stdout,
    )
    assert numbers, done.stdout + done.stderr
    received, sent = int(numbers[1]), int(numbers[2])
    assert sent > 2000
    assert received > 0.9 * sent  # a busy machine may drop some
    assert float(numbers[3]) < 8.0
    assert int(numbers[4]) <= 3
    assert int(numbers[5]) <= 3
