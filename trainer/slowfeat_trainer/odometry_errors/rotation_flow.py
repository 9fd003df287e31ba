"""The rotation of a camera between two images, from dense optical flow on small images.

Flow is OpenCV's DIS (Kroeger et al., ECCV 2016), started from a coarse turn so that large ones are
found too. At the points of a grid it is split by robust least squares into what a rotation does
through the lens, which does not depend on depth, and what driving ahead does: flow away from the
middle, its strength linear over the image.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from slowfeat.geometry import R_BODY_OPTICAL, Array
from slowfeat_trainer.data.clock_offset import shifts_between
from slowfeat_trainer.odometry_errors.lens import Lens, project, unproject

Index = npt.NDArray[np.int64]

# Sides of the images on which flow is computed; pixels between the points at which it is used, and
# from the outermost of them to the edge, the same on all sides (see `symmetric_grid`).
SIZE, GRID, EDGE = 64, 5, 4
# Pixels of DIS's patches and from one to the next.
PATCH, PATCH_STRIDE = 8, 4
# Rounds of reweighting, and pixels that a residual has at least.
ROUNDS, LEAST_RESIDUAL = 6, 0.03
# Pairs that a thread works on at a time.
CHUNK = 64


@dataclass(frozen=True)
class Rotations:
    """Rotations of the body between pairs of images."""

    # (P,) about its z, radians, to the left positive.
    yaw: Array
    # (P,) typical residual of the flow, pixels; large where the images cannot be matched.
    residual: Array
    # (P,) mean length of the flow, pixels: near 0 where the image does not move.
    flow: Array
    # (P,) flow away from the middle, pixels at the edge: what driving ahead does.
    ahead: Array

    @classmethod
    def joined(cls, parts: list[Rotations]) -> Rotations:
        """Those of several blocks of pairs as one."""
        return cls(
            *(
                np.concatenate([getattr(part, name) for part in parts])
                for name in cls.__dataclass_fields__
            )
        )


def rotation_flow(lens: Lens, mount: Array, points: Array) -> Array:
    """Flow (..., 2, 3), pixels a radian, of turns about the body's three axes.

    Args:
        lens: of the camera.
        mount: (3, 3) rotation of the camera's optical axes in the body.
        points: (..., 2) in [-1, 1], x right and y down.
    """
    rays = unproject(points, lens)
    here, step, columns = project(rays, lens), 1e-4, []
    for axis in range(3):
        turn = np.zeros(3)
        turn[axis] = -step
        # The scene turns against the body.
        moved = rays + np.cross(mount.T @ turn, rays)
        columns.append((project(moved, lens) - here) / step * SIZE / 2)
    return np.stack(columns, axis=-1)


def grid_points(columns: Array) -> Array:
    """Points (C, C, 2) in [-1, 1] of pixels in the rows and columns `columns` (C,)."""
    at = (2 * columns + 1) / SIZE - 1
    u, v = np.meshgrid(at, at)
    return np.stack([u, v], axis=-1)


def symmetric_grid() -> Index:
    """Rows and columns at which flow is used, as far from one edge as from the other.

    Flow of driving ahead fits its model loosely. Points that reach half a pixel further to one side
    turned that into a drift of the yaw, half a degree a second and more, always to the same side.
    """
    return np.arange(EDGE, SIZE - EDGE, GRID)


def small_grey(frames: npt.NDArray[np.uint8], which: Index) -> npt.NDArray[np.uint8]:
    """Some (K,) of the frames (N, H, W, 3) as grey images (K, SIZE, SIZE)."""
    grey = np.empty((len(which), SIZE, SIZE), np.uint8)
    for number, index in enumerate(which):
        image = cv2.cvtColor(np.asarray(frames[index]), cv2.COLOR_RGB2GRAY)
        if image.shape != (SIZE, SIZE):
            image = cv2.resize(image, (SIZE, SIZE), interpolation=cv2.INTER_AREA)
        grey[number] = image
    return grey


def rotations_between(
    grey: npt.NDArray[np.uint8], before: Index, after: Index, lens: Lens, mount: Array | None = None
) -> Rotations:
    """Rotations between images `before` (P,) and `after` (P,) of grey ones (N, SIZE, SIZE)."""
    mount = R_BODY_OPTICAL if mount is None else mount
    grid = symmetric_grid()
    everywhere = rotation_flow(lens, mount, grid_points(np.arange(SIZE, dtype=np.float64)))
    of_yaw = everywhere[..., 2].astype(np.float32)
    middle = SIZE // 2
    # Pixels a radian that profiles shift by, along the middle rows.
    gain = float(of_yaw[middle - 8 : middle + 8, :, 0].mean())

    def of_chunk(start: int) -> npt.NDArray[np.float32]:
        i, j = before[start : start + CHUNK], after[start : start + CHUNK]
        guess = shifts_between(grey[i], grey[j]) / gain if abs(gain) > 1 else np.zeros(len(i))
        dis = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_ULTRAFAST)
        dis.setFinestScale(0)
        dis.setPatchSize(PATCH)
        dis.setPatchStride(PATCH_STRIDE)
        found = np.empty((len(i), len(grid), len(grid), 2), np.float32)
        for k, (a, b) in enumerate(zip(i, j, strict=True)):
            begin = of_yaw * np.float32(guess[k])
            # Every other pair in a mirror, against a side that DIS itself might prefer.
            if (start + k) % 2:
                flow = _mirrored(dis.calc(_flipped(grey[a]), _flipped(grey[b]), _mirrored(begin)))
            else:
                flow = dis.calc(grey[a], grey[b], np.ascontiguousarray(begin))
            found[k] = flow[np.ix_(grid, grid)]
        return found

    starts = range(0, len(before), CHUNK)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        flow = (
            np.concatenate([*pool.map(of_chunk, starts)]) if len(before) else np.zeros((0, 1, 1, 2))
        )
    points = grid_points(grid.astype(np.float64))
    away = points[..., None]
    columns = [
        everywhere[np.ix_(grid, grid)],
        away,
        away * points[..., 1:, None],
        away * points[..., :1, None],
    ]
    fitted, residual = _robust_fit(np.concatenate(columns, axis=-1), flow)
    length = np.linalg.norm(flow, axis=-1).reshape(len(flow), -1).mean(axis=1)
    return Rotations(fitted[:, 2], residual, length.astype(np.float64), fitted[:, 3])


def _flipped(image: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    return np.ascontiguousarray(image[:, ::-1])


def _mirrored(flow: npt.NDArray[np.floating]) -> npt.NDArray[np.float32]:
    """Flow (H, W, 2) as it is in a mirror that swaps left and right."""
    return np.ascontiguousarray(flow[:, ::-1] * np.array([-1, 1]), dtype=np.float32)


def _robust_fit(columns: Array, flow: npt.NDArray[np.floating]) -> tuple[Array, Array]:
    """Coefficients (P, K) and residuals (P,) of flows (P, R, C, 2) in terms of columns (R, C, 2,
    K).

    Iteratively reweighted least squares with Cauchy's weights: what moves otherwise, and flow that
    failed, hardly counts.
    """
    count = columns.shape[-1]
    matrix = columns.reshape(-1, count)
    values = flow.reshape(len(flow), len(matrix)).astype(np.float64)
    products = (matrix[:, :, None] * matrix[:, None, :]).reshape(len(matrix), -1)
    weights = np.ones_like(values)
    ridge = 1e-6 * np.eye(count)
    for _ in range(ROUNDS):
        normal = (weights @ products).reshape(-1, count, count) + ridge
        fitted = np.linalg.solve(normal, ((weights * values) @ matrix)[..., None])[..., 0]
        left = values - fitted @ matrix.T
        residual = 1.48 * np.median(np.abs(left), axis=1) + LEAST_RESIDUAL
        weights = 1 / (1 + (left / (2 * residual[:, None])) ** 2)
    return np.asarray(fitted), np.asarray(residual, dtype=np.float64)
