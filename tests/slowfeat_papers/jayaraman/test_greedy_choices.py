"""Margins that grow with the motion of each pattern."""

from __future__ import annotations

import pytest

from slowfeat_papers.jayaraman import networks
from slowfeat_papers.jayaraman.greedy_choices import with_margins


def test_margins_by_motion_are_one_on_average_and_change_the_loss(setting):
    config = networks.configuration(setting, "equiv", 0, False)
    data = networks.prepared(setting.part, setting.camera, config, None)
    term = with_margins(data, config).terms["equivariance"]
    share = term.get_buffer("share")
    assert float(share.mean()) == pytest.approx(1.0)
    # All atomic motions are of one size but for their different spread.
    assert float(share.max() / share.min()) < 3
