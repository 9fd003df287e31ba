"""The arrays of a bag are opened without believing their headers, and
refused where no bag gives such.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from slowfeat_trainer.ingest import arrays
from slowfeat_trainer.ingest.arrays import check_arrays, open_array

COUNT = 20


def npy(
    shape: tuple[int, ...], descr: str = "|u1", data: bytes = b"", fortran: bool = False
) -> bytes:
    """An .npy file whose header says what is asked for, whatever follows."""
    header = repr({"descr": descr, "fortran_order": fortran, "shape": shape}).encode()
    header += b" " * (63 - (10 + len(header)) % 64) + b"\n"
    return b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header + data


@pytest.mark.parametrize(
    "data",
    [
        b"",
        bytes(500),
        npy((-1, 4, 4, 3)),
        npy((10**9, 96, 128, 3)),
        npy((2**40, 2**40)),
        npy((3,), "|u1", b"\0" * 2),
        npy((3,), "|u1", b"\0" * 4),
        npy((), "<i8", bytes(8)),
        npy((0, 4)),
        npy((4,), "<U1", bytes(16)),
        npy((4,), "|O", bytes(32)),
        npy((2, 2), "|u1", bytes(4), fortran=True),
        b"\x93NUMPY\x02\x00" + b"\xff" * 4,
        b"\x93NUMPY\x01\x00" + (60).to_bytes(2, "little") + b"__import__('os').abort()".ljust(60),
    ],
)
def test_a_file_that_is_no_array_of_numbers_is_refused(data: bytes, tmp_path: Path) -> None:
    file = tmp_path / "a.npy"
    file.write_bytes(data)
    with pytest.raises((ValueError, OSError)):
        open_array(file)


def test_devices_and_folders_are_refused(tmp_path: Path) -> None:
    for place in ("/dev/zero", "/dev/null", tmp_path):
        with pytest.raises(ValueError, match="is no file"):
            open_array(Path(place))


def test_an_array_is_mapped(tmp_path: Path) -> None:
    array = np.arange(12, dtype=np.int64).reshape(3, 4)
    np.save(tmp_path / "a.npy", array)
    opened = open_array(tmp_path / "a.npy")
    assert isinstance(opened, np.memmap)
    np.testing.assert_array_equal(opened, array)


def good() -> dict[str, Any]:
    return {
        "frames": np.zeros((COUNT, 4, 6, 3), np.uint8),
        "stamps": np.arange(COUNT, dtype=np.int64) * 10**8,
        "poses": np.tile(np.eye(4), (COUNT, 1, 1)),
        "episode": np.repeat(np.arange(2, dtype=np.int32), COUNT // 2),
    }


@pytest.mark.parametrize(
    ("name", "change", "says"),
    [
        ("poses", lambda a: np.full_like(a, np.nan), "no pose in row 0"),
        ("poses", np.zeros_like, "no pose in row 0"),
        ("poses", lambda a: a * [[[2]], *[[[1]]] * (COUNT - 1)], "no pose in row 0"),
        ("poses", lambda a: a * np.array([-1, 1, 1, 1])[:, None], "no pose in row 0"),
        ("poses", lambda a: a[:, :3, :3].copy(), "poses.npy is float64"),
        ("poses", lambda a: a.astype(int), "poses.npy is int64"),
        ("stamps", lambda a: a[::-1].copy(), "does not increase"),
        ("stamps", np.zeros_like, "does not increase"),
        ("stamps", lambda a: a.astype(float), "stamps.npy is float64"),
        ("stamps", lambda a: a[:, None], "stamps.npy is int64"),
        ("stamps", lambda a: a[:5], "frames.npy is uint8"),
        ("frames", lambda a: a[..., :1], "frames.npy is uint8"),
        ("frames", lambda a: a.reshape(COUNT, -1), "frames.npy is uint8"),
        ("episode", lambda a: a[::-1].copy(), "decreases"),
        ("episode", lambda a: a.astype(float), "episode.npy is float64"),
    ],
)
@pytest.mark.parametrize("block", [7, arrays.BLOCK])
def test_what_no_bag_gives_is_refused(
    name: str,
    change: Callable[[Any], Any],
    says: str,
    block: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(arrays, "BLOCK", block)
    check_arrays(**good())
    with pytest.raises(ValueError, match=says):
        check_arrays(**(good() | {name: change(good()[name])}))


def test_a_fault_in_the_last_row_is_found_across_blocks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(arrays, "BLOCK", 6)
    files = good()
    files["poses"][-1, 0, 3] = np.inf
    for name, array in files.items():
        np.save(tmp_path / f"{name}.npy", array)
    with pytest.raises(ValueError, match=f"no pose in row {COUNT - 1}"):
        check_arrays(**{name: open_array(tmp_path / f"{name}.npy") for name in files})
