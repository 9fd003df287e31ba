"""Images from files are what their owner sees, no larger than is needed."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from slowfeat.image_files import read_image_file

TURNED_BY_A_RIGHT_ANGLE = 6


def exif(orientation: int) -> bytes:
    """The APP1 segment of a JPEG with nothing but an orientation."""
    entry = b"\x01\x12\x00\x03\x00\x00\x00\x01" + orientation.to_bytes(2, "big") + b"\x00\x00"
    body = b"Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x01" + entry + b"\x00\x00\x00\x00"
    return b"\xff\xe1" + (len(body) + 2).to_bytes(2, "big") + body


@pytest.mark.parametrize(("ending", "expected"), [(".png", (480, 640)), (".jpg", (120, 160))])
def test_only_a_jpeg_is_reduced(tmp_path: Path, ending: str, expected: tuple[int, int]) -> None:
    image = np.zeros((480, 640, 3), np.uint8)
    image[..., 0] = 180
    cv2.imwrite(str(tmp_path / f"a{ending}"), image[:, :, ::-1])
    whole = read_image_file(tmp_path / f"a{ending}")
    reduced = read_image_file(tmp_path / f"a{ending}", (64, 64))
    assert whole is not None
    assert reduced is not None
    assert (whole.shape[:2], reduced.shape[:2]) == ((480, 640), expected)
    for found in (whole, reduced):
        np.testing.assert_allclose(found.mean(axis=(0, 1)), [180, 0, 0], atol=3)


def test_a_photograph_on_its_side_is_turned_and_stays_large_enough(tmp_path: Path) -> None:
    data = cv2.imencode(".jpg", np.zeros((400, 1600, 3), np.uint8))[1].tobytes()
    file = tmp_path / "a.jpg"
    file.write_bytes(data[:2] + exif(TURNED_BY_A_RIGHT_ANGLE) + data[2:])
    found = read_image_file(file, (32, 128))
    assert found is not None
    height, width = found.shape[:2]
    assert height > width
    assert width >= 1.5 * 128


@pytest.mark.parametrize("content", [b"", b"no image", b"\xff\xd8\xff\xe0 cut"])
def test_what_is_no_image_is_none(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.jpg").write_bytes(content)
    assert read_image_file(tmp_path / "a.jpg", (64, 64)) is None
    assert read_image_file(tmp_path / "missing.jpg", (64, 64)) is None
