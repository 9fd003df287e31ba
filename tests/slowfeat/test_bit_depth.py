"""Images of fewer bits than their container, and encodings that are
spelled or laid out unusually.
"""

from __future__ import annotations

from types import SimpleNamespace

import cv2
import numpy as np
import pytest

from slowfeat.bit_depth import bits_for, to_8_bits
from slowfeat.errors import ImageError
from slowfeat.images import decode_compressed, decode_image, decode_message, largest_value

RNG = np.random.default_rng(0)
GREY = cv2.GaussianBlur(RNG.integers(0, 256, (12, 16), dtype=np.uint8), (0, 0), 2)
RGB = np.dstack([GREY, 255 - GREY, GREY // 2])


def deep(bits: int) -> np.ndarray:
    """GREY as a sensor of so many bits gives it, in 16."""
    return np.asarray(GREY.astype(np.uint16) << (bits - 8))


@pytest.mark.parametrize(
    ("largest", "bits"),
    [(0, 8), (255, 8), (256, 10), (1023, 10), (4095, 12), (4096, 14), (16383, 14), (65535, 16)],
)
def test_bits_are_the_fewest_that_hold_the_largest(largest: int, bits: int) -> None:
    assert bits_for(largest) == bits


@pytest.mark.parametrize("bits", [8, 10, 12, 14, 16])
@pytest.mark.parametrize("big", [False, True])
def test_the_highest_8_of_the_bits_in_use_are_kept(bits: int, big: bool) -> None:
    pixels = deep(bits).astype(">u2" if big else "<u2")
    data = pixels.tobytes()
    found = decode_image("mono16", 12, 16, 32, big, data, bits)
    np.testing.assert_array_equal(found[..., 0], GREY)
    message = SimpleNamespace(
        encoding="mono16", height=12, width=16, step=32, is_bigendian=big, data=data
    )
    np.testing.assert_array_equal(decode_message(message, bits), found)
    assert largest_value(message) == int(pixels.max())


def test_what_is_larger_than_the_bits_is_white() -> None:
    rows = np.array([[5000, 4095, 16]], dtype="<u2").view(np.uint8)
    np.testing.assert_array_equal(to_8_bits(rows, False, 12), [[255, 255, 1]])


def test_deep_pngs_scale_alike() -> None:
    data = cv2.imencode(".png", deep(12))[1].ravel()
    found = decode_compressed("mono16; png compressed mono16", data, 12)
    np.testing.assert_array_equal(found[..., 1], GREY)
    message = SimpleNamespace(format="mono16; png compressed mono16", data=data)
    assert largest_value(message) == int(deep(12).max())
    # Files of 8 bits are left as they are.
    jpeg = cv2.imencode(".png", RGB[..., ::-1])[1].ravel()
    np.testing.assert_array_equal(decode_compressed("png", jpeg, 12), RGB)
    assert largest_value(SimpleNamespace(format="png", data=jpeg)) is None


@pytest.mark.parametrize("encoding", ["RGB8", "Rgb8", "rgb8"])
def test_encodings_are_known_in_any_case(encoding: str) -> None:
    np.testing.assert_array_equal(decode_image(encoding, 12, 16, 48, 0, RGB.tobytes()), RGB)


def test_depth_is_refused_in_any_case() -> None:
    with pytest.raises(ImageError, match="is depth"):
        decode_image("32fc1", 12, 16, 64, 0, bytes(64 * 12))


@pytest.mark.parametrize("extension", [".tiff"])
def test_tiffs_are_read(extension: str) -> None:
    data = cv2.imencode(extension, RGB[..., ::-1])[1].ravel()
    np.testing.assert_array_equal(decode_compressed("rgb8; tiff compressed bgr8", data), RGB)


@pytest.mark.parametrize("cut", [5, 20, 60])
def test_tiffs_that_are_cut_off_are_refused(cut: int) -> None:
    data = cv2.imencode(".tiff", RGB)[1].ravel()
    with pytest.raises(ImageError):
        decode_compressed("tiff", data[:cut])


def test_a_tiff_that_lies_about_its_size_is_refused() -> None:
    data = cv2.imencode(".tiff", RGB)[1].ravel().copy()
    raw = data.tobytes()
    at = int.from_bytes(raw[4:8], "little") + 2
    entry = next(
        at + 12 * k for k in range(20) if raw[at + 12 * k : at + 12 * k + 2] == b"\x00\x01"
    )
    data[entry + 2 : entry + 4] = [4, 0]
    data[entry + 8 : entry + 12] = [255, 255, 255, 0]
    with pytest.raises(ImageError, match="makes no sense"):
        decode_compressed("tiff", data)


def mosaic() -> np.ndarray:
    """An even colour (200, 100, 50) through an rggb filter."""
    pixels = np.empty((12, 16), np.uint8)
    pixels[::2, ::2], pixels[1::2, 1::2] = 200, 50
    pixels[::2, 1::2] = pixels[1::2, ::2] = 100
    return pixels


@pytest.mark.parametrize("target", ["", "bayer_rggb8"])
def test_compressed_mosaics_become_colours(target: str) -> None:
    data = cv2.imencode(".png", mosaic())[1].ravel()
    found = decode_compressed(f"bayer_rggb8; png compressed {target}", data)
    np.testing.assert_array_equal(found[6, 8], [200, 100, 50])


def test_a_mosaic_that_was_turned_into_colours_before_is_an_ordinary_file() -> None:
    data = cv2.imencode(".png", RGB[..., ::-1])[1].ravel()
    found = decode_compressed("bayer_rggb8; png compressed bgr8", data)
    np.testing.assert_array_equal(found, RGB)


@pytest.mark.parametrize(
    ("yuv", "rgb"),
    [((235, 128, 128), (255, 255, 255)), ((16, 128, 128), (0, 0, 0)), ((81, 90, 240), (255, 0, 0))],
)
def test_nv24_has_chroma_of_its_own_for_every_pixel(
    yuv: tuple[int, int, int], rgb: tuple[int, int, int]
) -> None:
    y, u, v = yuv
    data = bytes([y] * 5 * 3) + bytes([u, v] * 5 * 3)
    found = decode_image("nv24", 3, 5, 5, 0, data)
    assert found.shape == (3, 5, 3)
    np.testing.assert_allclose(found[1, 2], rgb, atol=2)
    with pytest.raises(ImageError, match="nv24"):
        decode_image("nv24", 3, 5, 5, 0, data[:-1])
