"""What of an estimate is sure enough to be applied."""

import math

import pytest

from slowfeat.odometry_model import OdometryModel
from slowfeat_trainer.data.odometry_estimate import OdometryEstimate, is_sure


def estimated(**values: float) -> OdometryEstimate:
    return OdometryEstimate(model=OdometryModel(**values), unknown="", lens_is_known=True)


@pytest.mark.parametrize(("errors", "applied"), [(1.5, False), (2.5, True)])
def test_a_bias_beyond_two_standard_errors_is_removed(errors: float, applied: bool) -> None:
    bias = math.radians(3.0)
    found = estimated(yaw_bias_rad_s=bias, yaw_bias_rad_s_se=bias / errors)
    assert found.to_apply().yaw_bias_rad_s == (bias if applied else 0.0)


def test_a_small_bias_is_left_however_sure_it_is() -> None:
    bias = math.radians(0.5)
    assert estimated(yaw_bias_rad_s=bias, yaw_bias_rad_s_se=1e-4).to_apply().yaw_bias_rad_s == 0.0


def test_a_delay_takes_three_standard_errors() -> None:
    assert estimated(delay_s=0.1, delay_s_se=0.04).to_apply().delay_s == 0.0
    assert estimated(delay_s=0.1, delay_s_se=0.03).to_apply().delay_s == 0.1


def test_what_has_no_standard_error_is_never_sure() -> None:
    assert not is_sure(1.0, None, 0.1)
