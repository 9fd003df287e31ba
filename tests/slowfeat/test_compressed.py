"""Compressed images come back as they were; hostile, cut and foreign ones are refused."""

from __future__ import annotations

import struct
import zlib
from array import array

import cv2
import numpy as np
import pytest

from slowfeat import compressed
from slowfeat.errors import ImageError
from slowfeat.images import decode_compressed

RGB = np.random.default_rng(0).integers(0, 256, (5, 7, 3), dtype=np.uint8)
BGR = np.ascontiguousarray(RGB[:, :, ::-1])
SMOOTH = cv2.resize(RGB, (64, 48), interpolation=cv2.INTER_LINEAR)


def encoded(extension: str, pixels: np.ndarray, *flags: int) -> bytes:
    return cv2.imencode(extension, pixels, list(flags))[1].tobytes()


@pytest.mark.parametrize("extension", [".png", ".webp"])
def test_lossless_pictures_come_back(extension: str) -> None:
    flags = [cv2.IMWRITE_WEBP_QUALITY, 101] if extension == ".webp" else []
    data = encoded(extension, BGR, *flags)
    np.testing.assert_array_equal(decode_compressed(extension, data), RGB)


@pytest.mark.parametrize("quality", [80, 101])
@pytest.mark.parametrize("channels", [3, 4])
def test_every_kind_of_webp_tells_its_size(quality: int, channels: int) -> None:
    pixels = np.full((48, 65, channels), 90, np.uint8)
    data = encoded(".webp", pixels, cv2.IMWRITE_WEBP_QUALITY, quality)
    got = decode_compressed("webp", data)
    assert got.shape == (48, 65, 3)
    assert compressed.stored_size(np.frombuffer(data, np.uint8)) == (65, 48)


@pytest.mark.parametrize(
    ("pixels", "expected"),
    [
        (BGR.astype(np.uint16) * 256 + 9, RGB),
        (np.dstack([BGR, RGB[:, :, :1]]), RGB),
        (np.dstack([BGR, RGB[:, :, :1]]).astype(np.uint16) * 256, RGB),
        (RGB[:, :, 0], np.dstack([RGB[:, :, 0]] * 3)),
        (RGB[:, :, 0].astype(np.uint16) * 256, np.dstack([RGB[:, :, 0]] * 3)),
    ],
    ids=["colour 16", "alpha 8", "alpha 16", "grey 8", "grey 16"],
)
def test_pngs_of_every_depth_become_8_bit_rgb(pixels: np.ndarray, expected: np.ndarray) -> None:
    got = decode_compressed("png", encoded(".png", np.ascontiguousarray(pixels)))
    np.testing.assert_array_equal(got, expected)


def test_grey_jpeg_becomes_rgb() -> None:
    got = decode_compressed("jpeg", encoded(".jpg", np.full((8, 8), 100, np.uint8)))
    assert got.shape == (8, 8, 3)
    assert abs(int(got.mean()) - 100) <= 1


@pytest.mark.parametrize("extension", [".jpg", ".png", ".webp"])
def test_both_ways_to_rgb_give_equal_pixels(
    extension: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = encoded(extension, cv2.cvtColor(SMOOTH, cv2.COLOR_RGB2BGR))
    at_once = decode_compressed("jpeg", data)
    monkeypatch.setattr(compressed, "_RGB_AT_ONCE", 0)
    np.testing.assert_array_equal(decode_compressed("jpeg", data), at_once)


@pytest.mark.parametrize(
    "image_format",
    [
        "jpeg",
        "png",
        "",
        "bgr8; jpeg compressed bgr8",
        "rgb8; jpeg compressed bgr8",
        "rgb8; png compressed",
        "bgra8; png compressed bgr8",
        "mono8; jpeg compressed ",
    ],
)
def test_formats_of_image_transport_hold_ordinary_files(image_format: str) -> None:
    np.testing.assert_array_equal(decode_compressed(image_format, encoded(".png", BGR)), RGB)


@pytest.mark.parametrize(
    "image_format", ["rgb8; jpeg compressed rgb8", "bgr8; png compressed rgb8"]
)
def test_pictures_compressed_as_rgb_are_turned_back(image_format: str) -> None:
    # What the publisher wrote: red and blue exchanged, because the encoder takes BGR.
    np.testing.assert_array_equal(decode_compressed(image_format, encoded(".png", RGB)), RGB)


@pytest.mark.parametrize(
    ("image_format", "says"),
    [
        ("16UC1; compressedDepth png", "depth, not a camera image"),
        ("32FC1; compressedDepth", "depth, not a camera image"),
        ("16UC1; png compressed ", "depth, not a camera image"),
        ("h264", "a packet of video"),
        (None, "malformed format"),
        ([], "malformed format"),
    ],
)
def test_what_is_no_camera_picture_is_refused(image_format: str, says: str) -> None:
    with pytest.raises(ImageError, match=says):
        decode_compressed(image_format, encoded(".png", BGR))


@pytest.mark.parametrize(
    "data",
    [b"", b"no picture at all", bytes([0xFF, 0xD8, 0xFF, 0xE0, 0, 0]), b"\xff\xd8\xff",
     b"RIFF\x30\x00\x00\x00WEBPVP9 " + bytes(20), encoded(".bmp", BGR), b"\x89PNG\r\n\x1a\n"],
)  # fmt: skip
def test_bytes_that_are_no_picture_are_refused(data: bytes) -> None:
    with pytest.raises(ImageError, match=r"not a jpeg, png, webp or tiff|broken"):
        decode_compressed("jpeg", data)


def with_exif_orientation(jpeg: bytes, orientation: int) -> bytes:
    tiff = b"MM\x00*" + struct.pack(">IHHHIHHI", 8, 1, 0x0112, 3, 1, orientation, 0, 0)
    segment = b"Exif\x00\x00" + tiff
    return jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(segment) + 2) + segment + jpeg[2:]


def test_pictures_are_not_turned_by_exif() -> None:
    data = with_exif_orientation(encoded(".jpg", SMOOTH), 6)
    turned = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    assert turned.shape == (64, 48, 3)  # so OpenCV does see the orientation
    assert decode_compressed("jpeg", data).shape == (48, 64, 3)


def test_cut_jpeg_is_refused_rather_than_filled_with_grey() -> None:
    data = encoded(".jpg", SMOOTH)
    assert decode_compressed("jpeg", data).shape == (48, 64, 3)
    with pytest.raises(ImageError, match="cut off"):
        decode_compressed("jpeg", data[:-40])


def test_png_whose_chunk_claims_a_gigabyte_is_refused_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    data = bytearray(encoded(".png", BGR))
    at = data.index(b"IDAT") - 4
    data[at : at + 4] = struct.pack(">I", 1 << 30)
    monkeypatch.setattr(cv2, "imdecode", None)  # OpenCV is not asked
    with pytest.raises(ImageError, match="broken or cut off"):
        decode_compressed("png", bytes(data))


def test_padding_and_stray_bytes_of_cameras_do_no_harm() -> None:
    data = encoded(".jpg", SMOOTH)
    expected = decode_compressed("jpeg", data)
    for other in (data + bytes(500), data[:2] + b"\xff\xff" + data[2:]):
        np.testing.assert_array_equal(decode_compressed("jpeg", other), expected)


def huge_png() -> bytes:
    data = bytearray(encoded(".png", BGR))
    data[16:24] = struct.pack(">II", 30000, 30000)
    data[29:33] = struct.pack(">I", zlib.crc32(data[12:29]))
    return bytes(data)


def huge_jpeg() -> bytes:
    data = bytearray(encoded(".jpg", BGR))
    at = data.index(b"\xff\xc0") + 5
    data[at : at + 4] = struct.pack(">HH", 65000, 65000)
    return bytes(data)


def huge_webp() -> bytes:
    return b"RIFF\x40\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00" + bytes(4) + b"\xff" * 6 + bytes(40)


@pytest.mark.parametrize("make", [huge_png, huge_jpeg, huge_webp])
def test_headers_that_lie_are_refused_before_memory_is_spent(
    make: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    def imdecode(*_: object) -> None:
        raise AssertionError("OpenCV was asked")

    monkeypatch.setattr(cv2, "imdecode", imdecode)
    with pytest.raises(ImageError, match="makes no sense"):
        decode_compressed("jpeg", make())  # type: ignore[operator]


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview, lambda b: array("B", b)])
def test_every_buffer_that_a_message_may_hold(kind: object) -> None:
    data = kind(encoded(".png", BGR))  # type: ignore[operator]
    np.testing.assert_array_equal(decode_compressed("png", data), RGB)
