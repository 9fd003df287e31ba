"""How the robot drove."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from slowfeat_trainer.data.options import IngestOptions
from slowfeat_trainer.inspection.survey import inspect_bag
from tests.helpers.bag_factory import BagRecipe, make_bag

DEFAULT = IngestOptions()


def test_driving_is_that_of_the_recipe(tmp_path: Path) -> None:
    survey = inspect_bag(make_bag(tmp_path / "bag", BagRecipe(frames=400)), DEFAULT)
    assert survey.motion is not None
    drive = survey.motion.driving
    assert drive is not None
    assert drive.distance_m == pytest.approx(0.4 * 40, rel=0.02)
    assert drive.mean_speed_m_s == pytest.approx(0.4, rel=0.01)
    assert drive.max_speed_m_s == pytest.approx(0.4, rel=0.01)
    assert drive.still_share == 0.0
    # It swings by 0.8 rad to either side about every 4.8 s.
    assert drive.left_deg == pytest.approx(np.rad2deg(1.6 * 40 / 4.83), rel=0.1)
    assert drive.left_deg == pytest.approx(drive.right_deg, rel=0.1)
    assert drive.turned_deg == pytest.approx(drive.left_deg + drive.right_deg, rel=1e-6)


def test_standing_still_is_told(tmp_path: Path) -> None:
    survey = inspect_bag(make_bag(tmp_path / "bag", BagRecipe(still=True)), DEFAULT)
    assert survey.motion is not None
    assert survey.motion.driving is not None
    assert survey.motion.driving.still_share == 1.0
    assert survey.motion.driving.distance_m == pytest.approx(0.0)
