"""The slow slice: its norm, what cannot move it, how it is carried
through a motion, and its share.
"""

from __future__ import annotations

import numpy as np
import torch

from slowfeat_trainer.geometry.camera_geometry import CameraGeometry
from slowfeat_trainer.models.convnet import Normalise
from slowfeat_trainer.models.mapnet import MapNet
from slowfeat_trainer.models.slow_head import SlowHead, SlowStep, statistics
from slowfeat_trainer.models.warp_transform import WarpTransform

SHAPE, SLOW = (3, 4, 8), 5


def test_every_code_has_the_same_norm() -> None:
    head = SlowHead((3, 6, 5), SLOW)
    head.norm.fill_(0.2)
    with torch.no_grad():
        code = head(torch.randn(7, 3, 16, 16), [torch.randn(7, 6, 8, 8), torch.randn(7, 5, 4, 4)])
    np.testing.assert_allclose(code.norm(dim=1), 0.2, rtol=1e-5)


def test_a_statistic_is_told_by_quarters_and_not_by_places_within_them() -> None:
    torch.manual_seed(0)
    layer = torch.randn(1, 3, 4, 4)
    within = layer.clone()
    within[:, :, :2, :2] = layer[:, :, :2, :2].flip(2).flip(3)
    for same, statistic in zip(statistics(within), statistics(layer), strict=True):
        assert statistic.shape == (1, 12)
        np.testing.assert_allclose(same, statistic, atol=1e-5)
    assert not torch.allclose(statistics(layer.flip(3))[0], statistics(layer)[0], atol=1e-3)


def test_statistics_are_means_and_deviations_of_each_quarter() -> None:
    layer = torch.tensor([[[0.0, 2.0], [1.0, 1.0]], [[4.0, 4.0], [0.0, 8.0]]])
    # Each row twice: a quarter of channel 0 is (0, 2 / 0, 2), and so on.
    layer = layer.repeat_interleave(2, dim=1).repeat(1, 1, 2)[None]
    mean, deviation = statistics(layer)
    expected = np.array([1.0, 1, 1, 1, 4, 4, 4, 4])
    np.testing.assert_allclose(mean[0], (expected - 2.5) / 1.5, rtol=1e-3)
    expected = np.array([1.0, 1, 0, 0, 0, 0, 4, 4])
    np.testing.assert_allclose(
        deviation[0], (expected - expected.mean()) / expected.std(), atol=0.01
    )


def test_colours_are_told_by_patches_whatever_the_contrast() -> None:
    torch.manual_seed(0)
    head = SlowHead((3, 2), SLOW)
    picture, layers = torch.randn(1, 3, 8, 8), [torch.randn(1, 2, 4, 4)]
    within = picture.clone()
    within[:, :, :2, :2] = picture[:, :, :2, :2].flip(3)
    with torch.no_grad():
        code = head(picture, layers)
        np.testing.assert_allclose(head(within, layers), code, atol=1e-5)
        np.testing.assert_allclose(head(3 * picture + 1, layers), code, atol=1e-2)
        assert not torch.allclose(head(picture.flip(1), layers), code, atol=1e-2)


def test_slowness_teaches_the_slow_code_and_no_layer_of_the_map() -> None:
    torch.manual_seed(0)
    net = MapNet(Normalise([120.0] * 3, [50.0] * 3), SHAPE, 2.0, SLOW)
    net(torch.randint(0, 256, (2, 32, 32, 3), dtype=torch.uint8))[:, 96:].sum().backward()
    taught = {name for name, p in net.named_parameters() if p.grad is not None and p.grad.any()}
    assert taught == {"slow.head.weight", "slow.head.bias"}


def test_an_untrained_step_stands_still_and_never_changes_the_norm() -> None:
    step = SlowStep(SLOW)
    step.norm.fill_(3.0)
    code = 3.0 * torch.nn.functional.normalize(torch.randn(4, SLOW), dim=1)
    with torch.no_grad():
        np.testing.assert_allclose(step(code, torch.randn(4, 6)), code, rtol=1e-5)
        for parameter in step.parameters():
            parameter += 0.3 * torch.randn_like(parameter)
        moved = step(code, torch.randn(4, 6))
    assert not torch.allclose(moved, code)
    np.testing.assert_allclose(moved.norm(dim=1), 3.0, rtol=1e-5)


def test_the_map_comes_first_and_is_the_one_without_a_slow_code() -> None:
    torch.manual_seed(0)
    net = MapNet(Normalise([120.0] * 3, [50.0] * 3), SHAPE, 2.0, SLOW)
    frames = torch.randint(0, 256, (2, 32, 32, 3), dtype=torch.uint8)
    with torch.no_grad():
        both = net(frames)
        net.slow = None
        alone = net(frames)
    assert both.shape == (2, 96 + SLOW)
    np.testing.assert_array_equal(both[:, :96], alone)


def test_a_motion_moves_both_parts_each_by_its_own_rule() -> None:
    torch.manual_seed(0)
    warp = WarpTransform(CameraGeometry((1.0, 1.0), None), SHAPE, np.ones((1, 6)), slow=SLOW)
    z, motion = torch.randn(3, 96 + SLOW), 0.2 * torch.randn(3, 6)
    camera = warp.geometry.camera_motion(motion)
    with torch.no_grad():
        after = warp(z, motion)
        np.testing.assert_array_equal(after[:, :96], warp.move_map(z[:, :96], camera))
        np.testing.assert_array_equal(after[:, 96:], warp.move_slow(z[:, 96:], camera))
