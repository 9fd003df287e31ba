"""How a camera turns from frame to frame, measured in its images alone.

Two blurred images of a camera that turned differ by a warp of three numbers, its rotation vector.
It is found by Gauss-Newton on the brightness (Lucas & Kanade, IJCAI 1981; Baker & Matthews, IJCV
2004), coarse to fine, for all pairs of frames at once. What the translation adds is smaller than
the turns that matter here, and does not follow them.

Optical axes: x right, y down, z ahead. A lens is (fx, fy, xi): focal lengths in half widths and
half heights, and the mirror parameter of the unified camera model (Mei & Rives, ICRA 2007), 0 for a
pinhole.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from slowfeat.geometry import Array

# Side in pixels of the images that are compared, and the blur of each pass, in those pixels.
SIDE, BLURS = 32, (2.5, 1.2)
STEPS = 4
# Points nearer to the image plane than this, in units of the ray, are not in view.
NEAR = 0.1
# Pairs worked on at a time, for memory.
BLOCK = 512

Lens = tuple[float, float, float]
# Of single or double precision.
Floats = npt.NDArray[np.floating]


def measured_rotations(
    before: npt.NDArray[np.uint8], after: npt.NDArray[np.uint8], lens: Lens
) -> Array:
    """Rotation vectors (K, 3) in rad of the camera after, seen from the camera before, in optical
    axes.

    Args:
        before: (K, H, W, 3) uint8 RGB.
        after: (K, H, W, 3), at most a few tenths of a second later.
        lens: of the whole image.
    """
    parts = [np.zeros((0, 3))]
    for start in range(0, len(before), BLOCK):
        pair = slice(start, start + BLOCK)
        parts.append(_aligned(_grey(before[pair]), _grey(after[pair]), lens))
    return np.concatenate(parts)


def _grey(frames: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    """Small grey images (K, SIDE, SIDE)."""
    size, area = (SIDE, SIDE), cv2.INTER_AREA
    grey = [
        cv2.cvtColor(cv2.resize(f, size, interpolation=area), cv2.COLOR_RGB2GRAY) for f in frames
    ]
    return np.stack(grey).astype(np.float32)


def _aligned(before: npt.NDArray[np.float32], after: npt.NDArray[np.float32], lens: Lens) -> Array:
    """Rotation vectors (K, 3) between grey images (K, SIDE, SIDE)."""
    rays = rays_of(lens, SIDE, SIDE)
    # Single precision halves the time and is finer than grey levels are.
    flow = _flow(rays, lens).astype(np.float32)
    rotation = np.zeros((len(before), 3))
    for sigma in BLURS:
        first, second = (
            np.stack([_normalised(g, sigma) for g in grey]) for grey in (before, after)
        )
        for _ in range(STEPS):
            rotation = _step(first, second, rotation, rays, flow, lens)
    return rotation


def _step(
    before: npt.NDArray[np.float32],
    after: npt.NDArray[np.float32],
    rotation: Array,
    rays: Array,
    flow: Floats,
    lens: Lens,
) -> Array:
    """One step of Gauss-Newton for all pairs."""
    maps, seen = _maps(rotation, rays, lens)
    warped = np.stack(
        [
            cv2.remap(
                image, m[..., 0], m[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
            )
            for image, m in zip(before, maps, strict=True)
        ]
    )
    difference = after - warped
    # Of both images, so that noise in one does not shorten the step.
    middle = (warped + after) / 2
    gy, gx = np.gradient(middle, axis=1), np.gradient(middle, axis=2)
    J = gx[..., None] * flow[..., 0, :] + gy[..., None] * flow[..., 1, :]
    off = np.abs(difference)
    scale = np.float32(1.5) * np.median(off, axis=(1, 2), keepdims=True) + np.float32(1e-3)
    weight = seen / np.maximum(off / scale, np.float32(1.0))
    # The frame is where replicated pixels come in.
    weight[:, [0, -1]] = 0.0
    weight[:, :, [0, -1]] = 0.0
    JW = (J * weight[..., None]).reshape(len(J), -1, 3)
    A = (np.swapaxes(JW, 1, 2) @ J.reshape(len(J), -1, 3)).astype(np.float64)
    b = (np.swapaxes(JW, 1, 2) @ difference.reshape(len(J), -1, 1)).astype(np.float64)
    # Regularised: of an image without texture nothing moves.
    A += 1e-3 * np.trace(A, axis1=1, axis2=2)[:, None, None] * np.eye(3) + 1e-6 * np.eye(3)
    change = np.linalg.solve(A, b)[..., 0]
    return np.asarray(np.clip(rotation + np.clip(change, -0.2, 0.2), -1.0, 1.0))


def _normalised(image: npt.NDArray[np.float32], sigma: float) -> npt.NDArray[np.float32]:
    """An image without its brightness and its large shades, so that exposure does not count."""
    fine = cv2.GaussianBlur(image, (0, 0), sigma, borderType=cv2.BORDER_REFLECT)
    coarse = cv2.GaussianBlur(image, (0, 0), 4 * sigma, borderType=cv2.BORDER_REFLECT)
    band = fine - coarse
    return np.asarray(band / (band.std() + 1.0), dtype=np.float32)


def _maps(
    rotation: Array, rays: Array, lens: Lens
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.bool_]]:
    """Where in the image before each pixel of the image after is, (M, S, S, 2),
    and whether it is in view there.
    """
    R = np.stack([cv2.Rodrigues(r)[0] for r in rotation]).astype(np.float32)
    turned = rays.reshape(-1, 3).astype(np.float32) @ np.swapaxes(R, 1, 2)
    points, in_front = project(turned.reshape(len(R), *rays.shape), lens)
    pixels = (points + 1) * np.float32(SIDE / 2) - np.float32(0.5)
    seen = in_front & (np.abs(points) <= 1).all(axis=-1)
    return pixels.astype(np.float32), seen


def _flow(rays: Array, lens: Lens) -> Array:
    """Movement (S, S, 2, 3) in pixels of the image point of each ray, by
    each part of a small rotation.
    """
    flow = np.zeros((*rays.shape[:2], 2, 3))
    tiny = 1e-4
    for k in range(3):
        axis = np.zeros(3)
        axis[k] = tiny
        moved = np.cross(axis, rays)
        ahead, _ = project(rays + moved, lens)
        behind, _ = project(rays - moved, lens)
        flow[..., k] = (ahead - behind) / (2 * tiny) * SIDE / 2
    return flow


def rays_of(lens: Lens, rows: int, columns: int) -> Array:
    """Unit rays (rows, columns, 3) of the pixels' centres."""
    fx, fy, xi = lens
    u = (((2 * np.arange(columns) + 1) / columns - 1) / fx)[None, :]
    v = (((2 * np.arange(rows) + 1) / rows - 1) / fy)[:, None]
    square = u * u + v * v
    root = np.sqrt(np.maximum(1 + (1 - xi * xi) * square, 0.01))
    onto = (xi + root) / (1 + square)
    return np.stack(np.broadcast_arrays(onto * u, onto * v, onto - xi), axis=-1)


def project(rays: Floats, lens: Lens) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """Points (..., 2) in half widths and half heights of rays (..., 3), and
    whether they can be seen (...).
    """
    fx, fy, xi = lens
    depth = rays[..., 2] + xi * np.linalg.norm(rays, axis=-1)
    safe = np.maximum(depth, NEAR)
    return np.stack([fx * rays[..., 0] / safe, fy * rays[..., 1] / safe], axis=-1), depth > NEAR
