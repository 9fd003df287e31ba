"""Which mount explains the turns that a camera measures, by made turns without any image."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from slowfeat.frame_names import BODY, OPTICAL
from slowfeat.geometry import R_BODY_OPTICAL, Array
from slowfeat.mount import Claim, MountTest, hypotheses_of, try_mounts

STEP_S = 0.1
NOISE = 0.01


def body_turns(seconds: float = 30.0, planar: bool = True) -> tuple[Callable[[float], Array], int]:
    """Turns (K, 3) of the body between images, by the lag of the motion's
    stamps in s, and their number.
    """
    t = np.arange(0, seconds, STEP_S)

    def at(lag_s: float) -> Array:
        u = t - lag_s
        yaw = 0.08 * np.sin(1.1 * u) + 0.04 * np.sin(0.37 * u + 1)
        rest = 0 if planar else 1
        return np.stack(
            [rest * 0.05 * np.sin(0.9 * u), rest * 0.06 * np.cos(0.7 * u), yaw], axis=-1
        )

    return at, len(t)


def measured(turns: Array, R_body_optical: Array, seed: int = 0) -> Array:
    return turns @ R_body_optical + np.random.default_rng(seed).normal(0, NOISE, turns.shape)


def tried(
    claim: Claim, truth: Array, planar: bool = True, lag_s: float = 0.0, scale: float = 1.0
) -> MountTest:
    at, count = body_turns(planar=planar)
    known = np.ones(count, dtype=bool)
    return try_mounts(claim, scale * measured(at(lag_s), truth), lambda lag: (at(lag), known))


@pytest.mark.parametrize("planar", [True, False])
@pytest.mark.parametrize("index", range(16))
def test_every_hypothesis_is_found_or_named_as_one_alike(index: int, planar: bool) -> None:
    claim = Claim("camera_optical_frame", R_BODY_OPTICAL)
    true = hypotheses_of(claim)[index]
    at, count = body_turns(planar=planar)
    seen = true.turns(at(0.0)) + np.random.default_rng(index).normal(0, NOISE, (count, 3))
    test = try_mounts(claim, seen, lambda lag: (at(lag), np.ones(count, dtype=bool)))
    assert test.can_tell
    assert true.key in [h.key for h in (test.best, *test.alike)]
    if not planar and true.axes == OPTICAL:
        # Turns about all axes leave one hypothesis, but for a camera that looks along the body's
        # pitch axis.
        assert test.best.key == true.key
        assert not test.alike


def test_the_claim_is_believed_among_those_alike() -> None:
    test = tried(Claim("camera_optical_frame", R_BODY_OPTICAL), R_BODY_OPTICAL)
    assert test.best is test.claimed
    assert test.agrees
    # A level robot cannot tell an inverted yaw from a camera upside down.
    assert any(h.mirrored and h.roll_deg == 180 for h in test.alike)


def test_an_optical_name_whose_frame_is_x_ahead_is_contradicted() -> None:
    test = tried(Claim("camera_optical_frame", np.eye(3)), R_BODY_OPTICAL)
    assert test.contradicts
    assert (test.best.axes, test.best.roll_deg, test.best.mirrored) == (BODY, 0, False)
    np.testing.assert_allclose(test.best.R_body_optical, R_BODY_OPTICAL, atol=1e-9)


def test_an_x_ahead_frame_is_taken_as_one() -> None:
    test = tried(Claim("camera_link", np.eye(3)), R_BODY_OPTICAL)
    assert test.agrees
    assert test.claimed.axes == BODY


def test_a_portrait_camera_is_found() -> None:
    c = Claim("camera_optical_frame", R_BODY_OPTICAL)
    portrait = next(h for h in hypotheses_of(c) if h.roll_deg == 90 and h.axes == OPTICAL)
    test = tried(c, portrait.R_body_optical)
    assert test.contradicts
    assert (test.best.axes, test.best.roll_deg) == (OPTICAL, 90)


def test_a_camera_that_looks_down_a_little_agrees() -> None:
    c, s = np.cos(0.3), np.sin(0.3)
    tilted = np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]]) @ R_BODY_OPTICAL
    assert tried(Claim("camera_optical_frame", R_BODY_OPTICAL), tilted).agrees


def test_clocks_that_disagree_do_not_matter_and_are_told() -> None:
    test = tried(Claim("cam0", R_BODY_OPTICAL), R_BODY_OPTICAL, lag_s=0.3)
    assert test.agrees
    assert test.lag_s == pytest.approx(0.3, abs=0.05)


def test_the_zoom_is_that_of_the_focal_length() -> None:
    test = tried(Claim("cam0", R_BODY_OPTICAL), R_BODY_OPTICAL, scale=1.8)
    assert test.zoom == pytest.approx(1.8, rel=0.05)


def test_turns_about_the_optical_axis_say_nothing_of_the_zoom() -> None:
    looks_up = np.eye(3)
    assert tried(Claim("a_optical", looks_up), looks_up).zoom is None


def test_a_straight_drive_cannot_tell() -> None:
    rng = np.random.default_rng(1)
    wobble = rng.normal(0, 2e-4, (300, 3))
    seen = rng.normal(0, NOISE, (300, 3))
    claim = Claim("camera_optical_frame", np.eye(3))
    test = try_mounts(claim, seen, lambda _: (wobble, np.ones(300, dtype=bool)))
    assert not test.can_tell
    assert not test.contradicts


def test_images_that_do_not_follow_the_turns_cannot_tell() -> None:
    at, count = body_turns()
    seen = np.random.default_rng(2).normal(0, 0.05, (count, 3))
    claim = Claim("camera_optical_frame", np.eye(3))
    assert not try_mounts(claim, seen, lambda lag: (at(lag), np.ones(count, dtype=bool))).can_tell


def test_nothing_known_is_no_error() -> None:
    nothing = np.zeros((0, 3))
    test = try_mounts(Claim(""), nothing, lambda _: (nothing, np.zeros(0, dtype=bool)))
    assert not test.can_tell
