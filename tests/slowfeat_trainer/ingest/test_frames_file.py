"""Frames files: grown row by row, read back as plain .npy."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest

from slowfeat_trainer.ingest.frames_file import BLOCK, FramesFile, array_sha256, rows_of


def write(path: Path, frames: np.ndarray, step: int) -> None:
    with FramesFile(path, frames.shape[1:3]) as file:
        for start in range(0, len(frames), step):
            file.append(frames[start : start + step])
        digest = file.close()
    assert digest == hashlib.sha256(frames.tobytes()).hexdigest() == array_sha256(path)


@pytest.mark.parametrize("count", [0, 1, 7, 1234])
def test_what_was_appended_is_a_plain_npy(tmp_path: Path, count: int) -> None:
    frames = np.random.default_rng(0).integers(0, 256, (count, 4, 6, 3), dtype=np.uint8)
    write(tmp_path / "grown.npy", frames, 5)
    np.save(tmp_path / "saved.npy", frames)
    assert (tmp_path / "grown.npy").read_bytes() == (tmp_path / "saved.npy").read_bytes()
    mapped = np.load(tmp_path / "grown.npy", mmap_mode="r", allow_pickle=False)
    np.testing.assert_array_equal(mapped, frames)


def test_slices_of_larger_frames_are_written_whole(tmp_path: Path) -> None:
    large = np.random.default_rng(0).integers(0, 256, (3, 8, 8, 3), dtype=np.uint8)
    write(tmp_path / "cut.npy", large[:, 2:5, 1:7], 2)
    np.testing.assert_array_equal(np.load(tmp_path / "cut.npy"), large[:, 2:5, 1:7])


def test_rows_come_back_in_the_order_asked_for(tmp_path: Path) -> None:
    frames = np.random.default_rng(0).integers(0, 256, (2 * BLOCK + 9, 2, 2, 3), dtype=np.uint8)
    write(tmp_path / "frames.npy", frames, 100)
    index = np.random.default_rng(1).permutation(len(frames))[: BLOCK + 50]
    blocks = list(rows_of(tmp_path / "frames.npy", index))
    assert [len(block) for block in blocks] == [BLOCK, 50]
    np.testing.assert_array_equal(np.concatenate(blocks), frames[index])
