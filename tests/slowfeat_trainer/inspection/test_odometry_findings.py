"""What is said of an odometry that errs."""

from __future__ import annotations

import math

import pytest

from slowfeat.odometry_model import OdometryModel
from slowfeat_trainer.data.odometry_estimate import OdometryEstimate, Slip
from slowfeat_trainer.inspection.finding import HINT, WARN
from slowfeat_trainer.inspection.odometry_findings import odometry_findings


def estimate(model: OdometryModel, **more: object) -> OdometryEstimate:
    """What sure images say of an odometry, through a lens that is known."""
    given = {"unknown": "", "lens_is_known": True, "correlation": 0.9, **more}
    return OdometryEstimate(model=model, **given)  # type: ignore[arg-type]


def codes(found: OdometryEstimate, offset_s: float = 0.0, motion: str = "auto") -> dict[str, str]:
    return {f.code: f.level for f in odometry_findings(found, offset_s, motion)}


def test_a_sound_odometry_and_one_of_which_nothing_is_known_have_none() -> None:
    assert codes(estimate(OdometryModel())) == {}
    wrong = OdometryModel(yaw_scale=-2.0, yaw_scale_se=0.01)
    assert codes(OdometryEstimate(model=wrong, unknown="too few turns")) == {}


@pytest.mark.parametrize(
    ("model", "offset_s", "code", "says"),
    [
        (OdometryModel(delay_s=0.3, delay_s_se=0.01), 0.3, "clocks_disagree", "+0.30 s after"),
        (OdometryModel(yaw_scale=-1.0, yaw_scale_se=0.01), 0.0, "yaw_inverted", "wrong sign"),
        (OdometryModel(yaw_scale=0.5, yaw_scale_se=0.005), 0.0, "yaw_scale", "2.00 times the"),
        (
            # What is added is to the right: the odometry turns to the left.
            OdometryModel(yaw_bias_rad_s=-math.radians(5), yaw_bias_rad_s_se=0.001),
            0.0,
            "yaw_bias",
            "turns 5.0 degrees a second to the left",
        ),
        (
            OdometryModel(yaw_bias_rad_m=math.radians(4), yaw_bias_rad_m_se=0.001),
            0.0,
            "yaw_bias",
            "turns 4.0 degrees a metre to the right",
        ),
    ],
)
def test_what_is_removed_is_a_hint(
    model: OdometryModel, offset_s: float, code: str, says: str
) -> None:
    (finding,) = odometry_findings(estimate(model), offset_s, "auto")
    assert (finding.code, finding.level) == (code, HINT)
    assert says in finding.text
    assert "ingest removes it" in finding.text


@pytest.mark.parametrize(
    ("motion", "says"),
    [
        ("auto", "are fused with it"),
        ("odometry", "--motion fused would take"),
        ("pictures", "the turns of the images are used"),
    ],
)
def test_noise_is_a_warning_that_says_what_becomes_of_it(motion: str, says: str) -> None:
    noisy = estimate(OdometryModel(noise_rad_sqrt_s=math.radians(20)), share_of_odometry=0.9)
    (finding,) = odometry_findings(noisy, 0.0, motion)
    assert (finding.code, finding.level) == ("yaw_noise", WARN)
    assert "the odometry is noisy" in finding.text
    assert says in finding.text


def test_the_first_slips_are_named_and_the_others_counted() -> None:
    slips = tuple(Slip(10.0 * k, 10.0 * k + 1, 0.5) for k in range(1, 6))
    (finding,) = odometry_findings(estimate(OdometryModel(), slips=slips), 0.0, "auto")
    assert finding.code == "slip"
    assert "at 10.0 to 11.0 s, 20.0 to 21.0 s, 30.0 to 31.0 s and 2 more" in finding.text
