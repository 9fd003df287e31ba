"""Motions without the errors of the odometry."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from slowfeat.bundle import load_bundle
from slowfeat.bundle_info import info_from_dict, info_to_dict
from slowfeat.errors import BundleError
from slowfeat.geometry import compose_motions, motion_matrix, relative_motion
from slowfeat.odometry_model import OdometryModel, chained, correct, turned_more
from slowfeat.verdict import Verdict


def test_a_model_of_defaults_changes_nothing() -> None:
    motion = np.array([0.3, 0.1, 0.0, 0.01, 0.02, 0.4])
    np.testing.assert_array_equal(correct(motion, 0.5, OdometryModel()), motion)


def test_the_turn_is_scaled_and_loses_its_bias_by_time_and_by_distance() -> None:
    model = OdometryModel(yaw_scale=-2.0, yaw_bias_rad_s=0.3, yaw_bias_rad_m=0.1)
    motions = np.array([[0.0, 0, 0, 0, 0, 0.2], [3.0, 4.0, 0, 0, 0, 0.2]])
    found = correct(motions, np.array([0.5, 2.0]), model)
    np.testing.assert_allclose(found[:, 5], [-0.4 + 0.15, -0.4 + 0.6 + 0.5])
    # What does not turn is as it was.
    np.testing.assert_allclose(found[:, 2:5], 0.0)
    np.testing.assert_allclose(np.linalg.norm(found[:, :2], axis=1), [0.0, 5.0])


def test_translation_has_a_scale_of_its_own() -> None:
    found = correct([1.0, 0, 0, 0, 0, 0.2], 1.0, OdometryModel(translation_scale=0.5))
    np.testing.assert_allclose(found, [0.5, 0, 0, 0, 0, 0.2])


def test_an_arc_that_turns_more_is_a_sharper_arc() -> None:
    def arc(angle: float) -> np.ndarray:
        """One metre along a circle."""
        radius = 1 / angle
        return np.array([radius * math.sin(angle), radius * (1 - math.cos(angle)), 0, 0, 0, angle])

    np.testing.assert_allclose(turned_more(arc(0.1), np.array(0.1)), arc(0.2), atol=5e-3)


def test_correcting_small_steps_is_correcting_their_sum() -> None:
    model = OdometryModel(yaw_scale=0.5, yaw_bias_rad_s=0.4)
    steps = np.tile([0.01, 0, 0, 0, 0, 0.004], (50, 1))
    whole = steps[0]
    for step in steps[1:]:
        whole = compose_motions(whole, step)
    poses = chained(
        np.tile(np.eye(4), (51, 1, 1)), correct(steps, 0.02, model), np.zeros(51, np.int32)
    )
    np.testing.assert_allclose(
        relative_motion(poses[0], poses[-1]), correct(whole, 1.0, model), atol=0.01
    )


def test_a_chain_starts_anew_with_each_piece() -> None:
    poses = motion_matrix(np.arange(4)[:, None] * [1.0, 0, 0, 0, 0, 0])
    found = chained(poses, np.tile([2.0, 0, 0, 0, 0, 0], (3, 1)), np.array([0, 0, 1, 1]))
    np.testing.assert_allclose(found[:, 0, 3], [0, 2, 2, 4])


@pytest.mark.parametrize(
    ("model", "problem"),
    [
        (OdometryModel(), ""),
        (OdometryModel(yaw_scale=0.0), "yaw_scale must not be 0"),
        (OdometryModel(yaw_bias_rad_s=math.inf), "yaw_bias_rad_s is not finite"),
    ],
)
def test_numbers_that_no_odometry_has_are_named(model: OdometryModel, problem: str) -> None:
    assert model.problem().startswith(problem)
    assert bool(model.problem()) == bool(problem)


def test_noise_grows_with_the_root_of_time() -> None:
    np.testing.assert_allclose(
        OdometryModel(noise_rad_sqrt_s=0.2).yaw_noise([1.0, 4.0]), [0.2, 0.4]
    )


def test_odometry_and_verdict_come_back_from_json_and_older_bundles_have_none(
    tiny_bundle: Path,
) -> None:
    info = load_bundle(tiny_bundle).info
    assert info.odometry is None
    assert info.verdict is None
    info.odometry = OdometryModel(delay_s=0.2, delay_s_se=0.01, yaw_scale=-0.5)
    info.verdict = Verdict("not", "record more turns", 0.01, 0.02)
    again = info_from_dict(json.loads(json.dumps(info_to_dict(info))), "here")
    assert again.odometry == info.odometry
    assert again.verdict == info.verdict


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"odometry": {"yaw_scale": 0.0}}, "odometry: yaw_scale must not be 0"),
        ({"verdict": {"predicts": "x", "sentence": "", "gain": 0.0, "gain_se": 0.0}}, "verdict: "),
    ],
)
def test_a_model_or_a_verdict_that_is_none_is_refused(
    changed: dict[str, Any], message: str, tiny_bundle: Path
) -> None:
    stored = info_to_dict(load_bundle(tiny_bundle).info) | changed
    with pytest.raises(BundleError, match=message):
        info_from_dict(stored, "here")
