"""Every raw encoding gives the image it was made from; everything else one clear error."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from slowfeat.encodings import ENCODINGS
from slowfeat.errors import ImageError
from slowfeat.images import decode_image

RGB = np.random.default_rng(0).integers(0, 256, (5, 7, 3), dtype=np.uint8)
BGR = RGB[:, :, ::-1]
GREY = RGB[:, :, 0]
# Four large fields of colour: red, green, blue, and a mixture in which each channel differs.
COLOURS = {
    (0, 0): (230, 20, 30),
    (0, 1): (25, 210, 15),
    (1, 0): (10, 35, 220),
    (1, 1): (200, 120, 40),
}
FIELDS = np.zeros((32, 48, 3), np.uint8)
for (down, right), colour in COLOURS.items():
    FIELDS[16 * down : 16 * down + 16, 24 * right : 24 * right + 24] = colour


def assert_fields(got: np.ndarray, tolerance: int) -> None:
    """The middle of each field has its colour."""
    for (down, right), colour in COLOURS.items():
        middle = got[16 * down + 8, 24 * right + 12].astype(int)
        assert np.all(abs(middle - np.array(colour)) <= tolerance), (down, right, middle)


def bytes_of(pixels: np.ndarray, padding: int, lines: int) -> tuple[bytes, int]:
    """The message's data with padded rows, and its step."""
    rows = np.ascontiguousarray(pixels).view(np.uint8).reshape(lines, -1)
    data = np.pad(rows, ((0, 0), (0, padding)), constant_values=99)
    return data.tobytes(), data.shape[1]


def wide(pixels: np.ndarray, order: str) -> np.ndarray:
    """8-bit pixels as the high bytes of 16 bits; the low bytes hold something else."""
    return ((pixels.astype(np.uint16) << 8) + 17).astype(f"{order}u2")


PLAIN = [
    ("rgb8", RGB, RGB),
    ("bgr8", BGR, RGB),
    ("8UC3", BGR, RGB),
    ("rgba8", np.dstack([RGB, GREY]), RGB),
    ("bgra8", np.dstack([BGR, GREY]), RGB),
    ("8UC4", np.dstack([BGR, GREY]), RGB),
    ("mono8", GREY, np.dstack([GREY] * 3)),
    ("8UC1", GREY, np.dstack([GREY] * 3)),
]
WIDE = [
    ("mono16", GREY, np.dstack([GREY] * 3)),
    ("rgb16", RGB, RGB),
    ("bgr16", BGR, RGB),
    ("rgba16", np.dstack([RGB, GREY]), RGB),
    ("bgra16", np.dstack([BGR, GREY]), RGB),
]


@pytest.mark.parametrize(("encoding", "pixels", "expected"), PLAIN)
@pytest.mark.parametrize("padding", [0, 3])
def test_8_bits_with_and_without_padded_rows(
    encoding: str, pixels: np.ndarray, expected: np.ndarray, padding: int
) -> None:
    data, step = bytes_of(pixels, padding, 5)
    np.testing.assert_array_equal(decode_image(encoding, 5, 7, step, False, data), expected)


@pytest.mark.parametrize(("encoding", "pixels", "expected"), WIDE)
@pytest.mark.parametrize("padding", [0, 3])
@pytest.mark.parametrize("order", ["<", ">"])
def test_16_bits_keep_the_high_byte_in_either_order(
    encoding: str, pixels: np.ndarray, expected: np.ndarray, padding: int, order: str
) -> None:
    data, step = bytes_of(wide(pixels, order), padding, 5)
    np.testing.assert_array_equal(decode_image(encoding, 5, 7, step, order == ">", data), expected)


@pytest.mark.parametrize("pattern", ["rggb", "bggr", "gbrg", "grbg"])
@pytest.mark.parametrize("bits", [8, 16])
def test_mosaics_are_named_by_their_first_row(pattern: str, bits: int) -> None:
    mosaic = np.zeros(FIELDS.shape[:2], np.uint8)
    for at, channel in enumerate(pattern):
        mosaic[at // 2 :: 2, at % 2 :: 2] = FIELDS[at // 2 :: 2, at % 2 :: 2, "rgb".index(channel)]
    pixels = mosaic if bits == 8 else wide(mosaic, "<")
    data, step = bytes_of(pixels, 5, 32)
    assert_fields(decode_image(f"bayer_{pattern}{bits}", 32, 48, step, False, data), tolerance=1)


def planes() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Y (32, 48), U and V (16, 24) of the coloured fields, BT.601 as video has it."""
    i420 = cv2.cvtColor(FIELDS, cv2.COLOR_RGB2YUV_I420)
    return i420[:32], i420[32:40].reshape(16, 24), i420[40:].reshape(16, 24)


@pytest.mark.parametrize("padding", [0, 6])
@pytest.mark.parametrize(
    ("encoding", "order"),
    [("yuv422", "uyvy"), ("uyvy", "uyvy"), ("yuv422_yuy2", "yuyv"), ("yuyv", "yuyv")],
)
def test_packed_yuv(encoding: str, order: str, padding: int) -> None:
    y, u, v = planes()
    u, v = u.repeat(2, axis=0), v.repeat(2, axis=0)
    parts = {"uyvy": (u, y[:, ::2], v, y[:, 1::2]), "yuyv": (y[:, ::2], u, y[:, 1::2], v)}[order]
    data, step = bytes_of(np.stack(parts, axis=-1), padding, 32)
    assert_fields(decode_image(encoding, 32, 48, step, False, data), tolerance=3)


@pytest.mark.parametrize("padding", [0, 16])
@pytest.mark.parametrize("encoding", ["nv12", "nv21"])
def test_planar_yuv_has_the_step_of_its_y_plane(encoding: str, padding: int) -> None:
    y, u, v = planes()
    chroma = np.stack([u, v] if encoding == "nv12" else [v, u], axis=-1).reshape(16, 48)
    data, step = bytes_of(np.vstack([y, chroma]), padding, 48)
    assert step == 48 + padding
    got = decode_image(encoding, 32, 48, step, False, data)
    assert got.shape == (32, 48, 3)
    assert_fields(got, tolerance=3)


@pytest.mark.parametrize("encoding", sorted(ENCODINGS))
def test_every_encoding_is_refused_when_one_byte_is_missing(encoding: str) -> None:
    layout = ENCODINGS[encoding]
    step = 8 * layout.channels * layout.item
    size = step * (12 if layout.full_chroma else 6 if layout.planar else 4)
    assert decode_image(encoding, 4, 8, step, False, bytes(size)).shape == (4, 8, 3)
    with pytest.raises(ImageError, match=f"needs {size} bytes, the message holds {size - 1}"):
        decode_image(encoding, 4, 8, step, False, bytes(size - 1))


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("yuv9", 5, 7, 21, False, b""), "not supported; supported are 8UC1, "),
        (("16UC1", 5, 7, 14, False, bytes(70)), "is depth, not a camera image"),
        (("32FC1", 5, 7, 28, False, bytes(140)), "is depth, not a camera image"),
        (("rgb8", 0, 7, 21, False, b""), "makes no sense"),
        (("rgb8", 5, 10**6, 21, False, b""), "makes no sense"),
        (("mono8", 16000, 16000, 16000, False, b""), "makes no sense"),
        (("mono8", -5, 7, 7, False, bytes(70)), "makes no sense"),
        (("rgb8", 5, 7, 20, False, bytes(105)), "needs 105 bytes"),
        (("rgb8", 5, 7, -21, False, bytes(105)), "needs 105 bytes"),
        (("uyvy", 4, 7, 14, False, bytes(56)), "odd side"),
        (("nv12", 5, 8, 8, False, bytes(60)), "odd side"),
        (("rgb8", 5, 7, 21, False, None), "are not bytes"),
        (("rgb8", 5, 7, 21, False, np.zeros(105)), "float64, not bytes"),
        (("rgb8", "5", 7, 21, False, bytes(105)), "malformed field"),
        ((["rgb8"], 5, 7, 21, False, bytes(105)), "malformed field"),
    ],
)
def test_contradictions_are_named(arguments: tuple, says: str) -> None:
    with pytest.raises(ImageError, match=says):
        decode_image(*arguments)
