"""Pairs of several robots in one batch, each seen through its own robot's camera."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import Tensor

from slowfeat_trainer.data.pairs import Index
from slowfeat_trainer.geometry.camera_geometry import CameraGeometry


class CameraRig:
    """Moves and looks as CameraGeometry does, each row by the geometry of its own camera."""

    def __init__(self, geometries: Sequence[CameraGeometry], which: Index) -> None:
        """
        Args:
            geometries: of the cameras.
            which: (N,) number of each row's.
        """
        rows = [(geometry, np.flatnonzero(which == k)) for k, geometry in enumerate(geometries)]
        self._rows = [(geometry, torch.from_numpy(index)) for geometry, index in rows if len(index)]
        self._back = torch.argsort(torch.cat([index for _, index in self._rows]))

    def camera_motion(self, motion: Tensor) -> Tensor:
        """Motions (N, 6) of the cameras, in optical axes, of motions (N, 6) of their bodies."""
        return self._each(lambda geometry, index: (geometry.camera_motion(motion[index]),))[0]

    def __call__(
        self,
        camera_motion: Tensor,
        rows: int,
        columns: int,
        log_depth: Tensor | None = None,
        zoom: Tensor | None = None,
    ) -> tuple[Tensor, Tensor]:
        """Where to look (N, rows, columns, 2), and what is in view (N, 1, rows,
        columns): see CameraGeometry.
        """

        def look(geometry: CameraGeometry, index: Tensor) -> tuple[Tensor, ...]:
            depth, focal = (None if x is None else x[index] for x in (log_depth, zoom))
            found: tuple[Tensor, Tensor] = geometry(
                camera_motion[index], rows, columns, depth, focal
            )
            return found

        where, inside = self._each(look)
        return where, inside

    def _each(
        self, work: Callable[[CameraGeometry, Tensor], tuple[Tensor, ...]]
    ) -> tuple[Tensor, ...]:
        found = [work(geometry, index) for geometry, index in self._rows]
        return tuple(torch.cat(parts)[self._back] for parts in zip(*found, strict=True))
