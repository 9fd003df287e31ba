"""Numbers that are said of dictionaries: each with what a constant,
noise and a perfect case get.
"""

from __future__ import annotations

import numpy as np
import pytest

from slowfeat_papers.measures.dictionaries import (
    amplitudes,
    mean_frequency,
    pixel_share,
    pool_similarity,
    relative_step,
)

RNG = np.random.default_rng(0)


def test_a_step_is_relative_to_the_difference_of_any_two() -> None:
    # Steps 1, 1; all pairs differ by 1, 1, 2: 1 over 4/3.
    z = np.array([[0.0], [1.0], [2.0]])
    assert relative_step(z, np.zeros(3, int)) == pytest.approx([0.75])


def test_steps_across_blocks_do_not_count() -> None:
    z = np.array([[0.0], [0.0], [9.0], [9.0]])
    assert relative_step(z, np.array([0, 0, 1, 1])) == pytest.approx([0.0])


def test_noise_steps_by_one_and_a_constant_by_definition() -> None:
    z = np.stack([RNG.normal(size=3000), np.full(3000, 4.0)], axis=1)
    noise, constant = relative_step(z, np.zeros(3000, int))
    assert noise == pytest.approx(1, abs=0.05)
    assert constant == 1


def test_a_scale_does_not_matter() -> None:
    z = np.cumsum(RNG.normal(size=(200, 3)), axis=0)
    block = np.zeros(200, int)
    assert relative_step(1e4 * z, block) == pytest.approx(relative_step(z, block))


def test_copies_in_a_pool_are_alike_and_pools_of_noise_are_not() -> None:
    one = RNG.normal(size=(8, 200))
    copies = np.repeat(one, 4, axis=0)
    pools = [list(range(4 * k, 4 * k + 4)) for k in range(8)]
    within, across = pool_similarity(copies, pools)
    assert within == pytest.approx(1)
    assert across < 0.15
    within, across = pool_similarity(RNG.normal(size=(32, 200)), pools)
    assert within == pytest.approx(across, abs=0.03)


def test_likeness_by_hand() -> None:
    vectors = np.array([[1.0, 0], [1, 1], [0, 1]])
    within, across = pool_similarity(vectors, [[0, 1], [2]])
    assert within == pytest.approx(2**-0.5)
    assert across == pytest.approx((0 + 2**-0.5) / 2)


def test_pools_that_overlap_count_a_pair_once() -> None:
    within, across = pool_similarity(np.eye(3), [[0, 1], [1, 2]])
    assert (within, across) == (0.0, 0.0)


def test_amplitudes_do_not_know_the_phase() -> None:
    place = np.arange(20)
    waves = [np.tile(np.sin(2 * np.pi * 3 * place / 20 + p), (20, 1)) for p in (0.0, 1.5)]
    kernels = np.stack(waves)[:, None]
    flat = kernels.reshape(2, -1)
    assert pool_similarity(flat, [[0, 1]])[0] < 0.2
    assert pool_similarity(amplitudes(kernels), [[0, 1]])[0] > 0.95


def test_pixels_of_a_kernel() -> None:
    kernels = np.zeros((4, 1, 4, 6))
    kernels[0] = 1
    kernels[1, 0, 2, 3] = -5
    kernels[2, 0, :, :3] = 2
    share = pixel_share(kernels)
    assert share == pytest.approx([1, 1 / 24, 0.5, 0])
    sine = np.sin(2 * np.pi * np.arange(40) / 8 + 0.2)[None, None, None].repeat(4, axis=2)
    assert pixel_share(sine) == pytest.approx([2 / 3])


def test_frequency_of_a_wave_a_chessboard_and_a_flat_kernel() -> None:
    place = np.arange(16)
    wave = np.sin(2 * np.pi * place / 4)[None].repeat(16, axis=0)
    board = (-1.0) ** (place[:, None] + place[None])
    kernels = np.stack([wave, board, np.ones((16, 16))])[:, None]
    assert mean_frequency(kernels) == pytest.approx([0.25, 0.5**0.5, 0])
