"""The times of the topics of a bag."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from slowfeat_trainer.data.options import IngestOptions
from slowfeat_trainer.inspection.survey import inspect_bag
from tests.helpers.bag_factory import HORIZONTAL_FOV, BagRecipe, make_bag

DEFAULT = IngestOptions()


def test_times_are_those_of_the_recipe(tmp_path: Path) -> None:
    recipe = BagRecipe(rate=8.0, odom_rate=40.0, with_camera_info=True, with_tf_static=True)
    survey = inspect_bag(make_bag(tmp_path / "bag", recipe), DEFAULT)
    times = {t.topic.name: t for t in survey.topics}
    assert times["/camera/image/compressed"].rate_hz == pytest.approx(8.0)
    assert times["/odom"].rate_hz == pytest.approx(40.0)
    assert times["/odom"].longest_gap_s == pytest.approx(1 / 40)
    assert times["/odom"].interval_sd_s == pytest.approx(0.0, abs=1e-6)
    assert times["/tf_static"].rate_hz is None
    assert times["/tf_static"].header_ns is None
    assert survey.field_of_view == pytest.approx(HORIZONTAL_FOV)
    assert survey.extrinsic is not None
    np.testing.assert_allclose(survey.extrinsic[:3], [0.1, 0, 0.2], atol=1e-9)
    assert survey.extrinsic_from == "from /tf_static"


def test_delay_is_receipt_minus_header(tmp_path: Path) -> None:
    # A repeated stamp is one period old when it is received.
    survey = inspect_bag(make_bag(tmp_path / "bag", BagRecipe(repeated_stamp={9, 10})), DEFAULT)
    images = next(t for t in survey.topics if "image" in t.topic.name)
    assert sorted(images.delays_s)[-3:] == pytest.approx([0.0, 0.1, 0.1])
