"""The error to expect is that of motions as the robot's odometry reports them."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from slowfeat.odometry_model import OdometryModel
from slowfeat_trainer.bundling.bundle_run import as_reported
from slowfeat_trainer.data.pairs import split_by_time
from tests.slowfeat_trainer.data.test_pairs import recording


def test_turns_of_images_become_as_uncertain_as_those_of_the_odometry() -> None:
    exact = recording(400, sha256="a")
    seen = dataclasses.replace(
        recording(4000, sha256="b"),
        odometry=OdometryModel(noise_rad_sqrt_s=0.2),
        motion="fused",
        motion_noise_rad_sqrt_s=0.05,
    )
    part = split_by_time([exact, seen]).train
    pairs = part.pairs_at_gap(0.5)
    changed = as_reported(pairs, part, [exact, seen])
    added = changed.motions[:, 5] - pairs.motions[:, 5]
    mine = part.source[pairs.before] == seen.key
    assert not added[~mine].any()
    assert np.std(added[mine]) == pytest.approx(np.sqrt(0.5 * (0.2**2 - 0.05**2)), rel=0.1)
    np.testing.assert_allclose(
        np.linalg.norm(changed.motions[:, :3], axis=1), np.linalg.norm(pairs.motions[:, :3], axis=1)
    )


def test_turns_of_the_odometry_stay_what_they_are() -> None:
    alone = dataclasses.replace(
        recording(400),
        odometry=OdometryModel(noise_rad_sqrt_s=0.2),
        motion_noise_rad_sqrt_s=0.2,
    )
    part = split_by_time([alone]).train
    pairs = part.pairs_at_gap(0.5)
    assert as_reported(pairs, part, [alone]) is pairs
