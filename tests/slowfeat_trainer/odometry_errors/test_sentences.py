"""What was removed from the odometry, in words whose sides and numbers are right."""

from __future__ import annotations

import math

from slowfeat.odometry_model import OdometryModel
from slowfeat_trainer.data.odometry_estimate import OdometryEstimate
from slowfeat_trainer.odometry_errors.sentences import corrections, noise_in_words

NOTHING = OdometryEstimate()


def test_an_odometry_that_is_right_needs_no_word() -> None:
    assert corrections(NOTHING, OdometryModel(), "odometry") == []


def test_a_bias_is_said_as_what_the_odometry_reports_too_much() -> None:
    # Ten degrees a second to the right are added, so it reported ten to the left.
    model = OdometryModel(yaw_bias_rad_s=-math.radians(10), yaw_bias_rad_s_se=math.radians(0.5))
    (sentence,) = corrections(NOTHING, model, "odometry")
    assert "10.0 +- 0.5 degrees a second to the left" in sentence


def test_a_sign_and_a_scale_are_two_sentences() -> None:
    sentences = corrections(NOTHING, OdometryModel(yaw_scale=-0.5), "odometry")
    assert "wrong way" in sentences[0]
    assert "reports 2.00 times the turns" in sentences[1]
    assert "multiplied by 0.50" in sentences[1]


def test_noise_is_told_over_half_a_second() -> None:
    model = OdometryModel(noise_rad_sqrt_s=math.radians(10) / math.sqrt(0.5))
    assert noise_in_words(model) == "10.0 degrees rms over half a second"
    assert "fused" in corrections(NOTHING, model, "fused")[0]
