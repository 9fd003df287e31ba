"""A dataset on disk: nothing unpickled, changes found, opened without reading it."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest

from slowfeat_trainer.ingest.dataset import (
    BAGS,
    DATASET,
    DatasetError,
    open_dataset,
    write_json,
)
from tests.helpers.bag_factory import BagRecipe, make_bag
from tests.helpers.made_dataset import take


def test_arrays_of_objects_are_never_loaded(bags: list[Path], tmp_path: Path) -> None:
    out = take(bags[:1], tmp_path / "data").path
    np.save(next(out.glob("bags/*/stamps.npy")), np.array([{}] * 120))
    with pytest.raises(DatasetError, match="damaged"):
        open_dataset(out).recordings()


def test_a_changed_byte_is_found_by_verify(bags: list[Path], tmp_path: Path) -> None:
    dataset = take(bags, tmp_path / "data")
    file = next(dataset.path.glob("bags/b-*/frames.npy"))
    data = bytearray(file.read_bytes())
    data[5000] ^= 1
    file.write_bytes(data)
    assert [line.split(" has ")[0] for line in dataset.verify()] == [str(file)]


def test_a_million_frames_open_without_reading_them(tmp_path: Path) -> None:
    """Opening reads one small file; the frames of this one do not even fit in memory twice."""
    out = tmp_path / "data"
    bag = make_bag(tmp_path / "bag", BagRecipe(frames=30))
    take([bag], out, min_pairs=1)
    folder = next((out / BAGS).iterdir())
    count, size = 1_000_000, open_dataset(out).options.image_size
    frames = np.lib.format.open_memmap(
        folder / "frames.npy", mode="w+", dtype=np.uint8, shape=(count, *size, 3)
    )
    del frames  # gigabytes, all of it a hole in the file
    np.save(folder / "stamps.npy", np.arange(1, count + 1) * 10**8)
    for name, kind, shape in (("poses", np.float64, (4, 4)), ("episode", np.int32, ())):
        array = np.lib.format.open_memmap(
            folder / f"{name}.npy", mode="w+", dtype=kind, shape=(count, *shape)
        )
        if name == "poses":
            array[:] = np.eye(4)
        del array
    state = json.loads((out / DATASET).read_text())
    state["bags"][0]["frames"] = count
    write_json(out / DATASET, state)
    before = _resident_mb()
    recordings = open_dataset(out).recordings()
    assert len(recordings[0]) == count
    assert not recordings[0].frames[-1].any()
    assert _resident_mb() - before < 20


def _resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGESIZE") / 1e6
