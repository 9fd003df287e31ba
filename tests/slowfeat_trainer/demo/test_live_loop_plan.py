"""The plan of a closed loop, seen from above."""

from __future__ import annotations

import re

import numpy as np

from tests.helpers.live_drives import made_drive


def test_the_plan_shows_the_walls_of_its_map_and_fits_its_path():
    from slowfeat_trainer.demo.live_loop_plan import plan

    drive = made_drive()
    unknown = plan(drive, np.zeros(0, np.int64), 0.25)
    assert 'class="wall"' not in unknown
    assert "animate" not in unknown
    drive.map_name = "MAP01"
    known = plan(drive, np.array([0, 10**9]), 0.25)
    assert 'class="wall"' in known
    assert "animate" in known
    width, height = map(float, re.search(r'viewBox="0 0 (\d+) (\d+)"', known).groups())
    assert 0.4 < height / width < 0.7  # of a path along x
    ends = [float(v) for v in re.findall(r'<circle class="after" c[xy]="([\d.-]+)"', known)]
    assert all(0 <= v <= width for v in ends)
