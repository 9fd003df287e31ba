"""Frames of several arrays read as one, by slices and indices."""

from __future__ import annotations

import numpy as np
import pytest

from slowfeat_trainer.data.frames import FrameStack


def test_a_stack_reads_as_one_array() -> None:
    rng = np.random.default_rng(0)
    pieces = [rng.integers(0, 256, (n, 2, 3, 3), dtype=np.uint8) for n in (5, 0, 7, 1)]
    whole, stack = np.concatenate(pieces), FrameStack(pieces)
    assert (len(stack), stack.shape) == (13, (13, 2, 3, 3))
    for which in (slice(None), slice(3, 9), slice(None, None, 4), slice(-2, None), slice(6, 2)):
        np.testing.assert_array_equal(stack[which], whole[which])
    index = np.array([12, 0, 0, 5, 4, -1])
    np.testing.assert_array_equal(stack[index], whole[index])
    np.testing.assert_array_equal(np.stack(list(stack)), whole)
    alone = FrameStack(pieces[:1])
    np.testing.assert_array_equal(alone[1:4], pieces[0][1:4])
    for wrong in ([13], [-14]):
        with pytest.raises(IndexError):
            stack[np.array(wrong)]


def test_a_stack_never_hands_out_what_it_stands_on() -> None:
    piece = np.zeros((4, 2, 2, 3), dtype=np.uint8)
    FrameStack([piece])[0:2][:] = 9
    FrameStack([piece])[np.array([1])][:] = 9
    assert not piece.any()


def test_a_stack_of_nothing_or_of_two_sizes_is_refused() -> None:
    for pieces in ([], [np.zeros((1, 2, 2, 3), np.uint8), np.zeros((1, 2, 3, 3), np.uint8)]):
        with pytest.raises(ValueError, match="one image size"):
            FrameStack(pieces)
