"""The arrays of a bag in a dataset: opened without believing what their headers say."""

from __future__ import annotations

import math
import os
import stat
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from slowfeat.geometry import Array
from slowfeat.odometry import Stamps

# How far a rotation's rows may be from orthonormal.
TOLERANCE = 1e-3
# Rows that are looked at together.
BLOCK = 1 << 15


def open_array(path: Path) -> npt.NDArray[Any]:
    """An .npy file, memory-mapped for reading; nothing in it is unpickled.

    Raises:
        OSError: it cannot be read.
        ValueError: it is no array of numbers, or its length is not what its header says.
    """
    if not stat.S_ISREG(path.stat().st_mode):
        raise ValueError(f"{path.name} is no file")
    try:
        with path.open("rb") as stream:
            np.lib.format.read_magic(stream)
            shape, fortran, dtype = np.lib.format.read_array_header_1_0(stream)
            begin, end = stream.tell(), os.fstat(stream.fileno()).st_size
    except (ValueError, OSError):
        raise
    except Exception as error:  # the header is a Python expression, read by its parser
        raise ValueError(f"{path.name} has a damaged header") from error
    if dtype.hasobject or dtype.kind not in "iufb" or fortran or min(shape, default=0) < 0:
        raise ValueError(f"{path.name} holds {dtype} {shape}, no numbers in rows")
    count = 1
    for size in shape:
        count *= int(size)
    if begin + count * dtype.itemsize != end:
        raise ValueError(f"{path.name} is {end} bytes long, not what its header says")
    if not count or not shape:
        raise ValueError(f"{path.name} is empty")
    return np.memmap(path, dtype, "r", begin, shape)


def check_arrays(
    frames: npt.NDArray[np.uint8], stamps: Stamps, poses: Array, episode: npt.NDArray[np.int32]
) -> None:
    """Refuse arrays that do not belong together, or hold what no bag gives.

    Raises:
        ValueError: saying what is wrong with which.
    """
    count = len(stamps)
    wanted: list[tuple[str, npt.NDArray[Any], str, tuple[int, ...]]] = [
        ("frames", frames, "uint8", (count, *frames.shape[1:3], 3)),
        ("stamps", stamps, "int64", (count,)),
        ("poses", poses, "float64", (count, 4, 4)),
        ("episode", episode, "int32", (count,)),
    ]
    for name, array, numbers, shape in wanted:
        if array.dtype != numbers or array.shape != shape:
            raise ValueError(
                f"{name}.npy is {array.dtype} {array.shape}, for {count} stamps it is {numbers} "
                f"{shape}"
            )
    # The last row of the block before.
    stamp_before, episode_before = stamps[:0], episode[:0]
    for start in range(0, count, BLOCK):
        some_stamps, some_episodes = _rows(stamps, start), _rows(episode, start)
        if (np.diff(some_stamps, prepend=stamp_before) <= 0).any():
            raise ValueError("stamps.npy does not increase")
        if (np.diff(some_episodes, prepend=episode_before) < 0).any():
            raise ValueError("episode.npy decreases")
        is_pose = are_poses(_rows(poses, start))
        if not is_pose.all():
            raise ValueError(f"poses.npy holds no pose in row {start + int(np.argmin(is_pose))}")
        stamp_before, episode_before = some_stamps[-1:], some_episodes[-1:]


def are_poses(matrices: Array) -> npt.NDArray[np.bool_]:
    """Whether each (N, 4, 4) is a rigid transform."""
    turns = matrices[:, :3, :3]
    with np.errstate(all="ignore"):
        skew = np.abs(turns @ turns.transpose(0, 2, 1) - np.eye(3)).max(axis=(1, 2))
        good = np.isfinite(matrices).all(axis=(1, 2)) & (skew < TOLERANCE)
        good &= (matrices[:, 3] == (0, 0, 0, 1)).all(axis=1) & (np.linalg.det(turns) > 0)
    return np.asarray(good)


def _rows(array: npt.NDArray[Any], start: int) -> npt.NDArray[Any]:
    """Some rows, read rather than mapped: pages of a map that were read
    count as memory of this process.
    """
    if not isinstance(array, np.memmap) or array.filename is None:
        return np.asarray(array[start : start + BLOCK])
    row = array.dtype.itemsize * math.prod(array.shape[1:])
    count = min(BLOCK, len(array) - start) * math.prod(array.shape[1:])
    flat = np.fromfile(array.filename, array.dtype, count, offset=array.offset + start * row)
    return flat.reshape(-1, *array.shape[1:])
