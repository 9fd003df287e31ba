"""Short drives, recorded once, and an independent measure of how far an image turned."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

pytest.importorskip("vizdoom", reason="the simulator needs slowfeat[sim]")

from slowfeat_trainer.simulation.drive import simulate
from tests.helpers.simulated_drives import SHORT, SPINNING, read_bag


@pytest.fixture(scope="session")
def short_bag(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("short") / "drive"
    simulate(out, SHORT, progress=False)
    return out


@pytest.fixture(scope="session")
def short_drive(short_bag: Path) -> dict[str, list[tuple[int, Any]]]:
    return read_bag(short_bag)


@pytest.fixture(scope="session")
def spinning_drive(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[tuple[int, Any]]]:
    out = tmp_path_factory.mktemp("spinning") / "drive"
    simulate(out, SPINNING, progress=False)
    return read_bag(out)


@pytest.fixture(scope="session")
def measured_yaw() -> Callable[[np.ndarray, np.ndarray, float], float]:
    """The turn to the left (rad) that best explains the second of two grey images."""

    def turned(picture: np.ndarray, yaw: float, focal: float) -> tuple[np.ndarray, np.ndarray]:
        """What a pinhole would see after a turn, and where that is known."""
        height, width = picture.shape
        u, v = np.meshgrid(np.arange(width), np.arange(height))
        left = ((width - 1) / 2 - u) / focal
        up = ((height - 1) / 2 - v) / focal
        # Rays of the turned camera, in the axes of the first (x forward, y left).
        ahead = np.cos(yaw) - np.sin(yaw) * left
        u0 = (width - 1) / 2 - focal * (np.sin(yaw) + np.cos(yaw) * left) / ahead
        v0 = (height - 1) / 2 - focal * up / ahead
        inside = (u0 >= 0) & (u0 <= width - 1) & (v0 >= 0) & (v0 <= height - 1)
        maps = u0.astype(np.float32), v0.astype(np.float32)
        return cv2.remap(picture, *maps, cv2.INTER_LINEAR), inside

    def measure(before: np.ndarray, after: np.ndarray, focal: float) -> float:
        candidates = np.arange(-0.3, 0.3, 0.0025)
        errors = []
        for yaw in candidates:
            predicted, inside = turned(before.astype(np.float32), yaw, focal)
            errors.append(np.abs(predicted - after)[inside].mean())
        return float(candidates[int(np.argmin(errors))])

    return measure
