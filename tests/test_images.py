"""Every supported encoding gives the picture it was made from; everything else one clear error."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from slowfeat.errors import ImageError
from slowfeat.images import decode_compressed, decode_image, resize_for_encoder

RGB = np.random.default_rng(0).integers(0, 256, (5, 7, 3), dtype=np.uint8)
GREY = RGB[:, :, 0]


@pytest.mark.parametrize(
    ("encoding", "pixels", "expected"),
    [
        ("rgb8", RGB, RGB),
        ("bgr8", RGB[:, :, ::-1], RGB),
        ("8UC3", RGB[:, :, ::-1], RGB),
        ("rgba8", np.dstack([RGB, GREY]), RGB),
        ("bgra8", np.dstack([RGB[:, :, ::-1], GREY]), RGB),
        ("mono8", GREY, np.dstack([GREY] * 3)),
        ("8UC1", GREY, np.dstack([GREY] * 3)),
        ("mono16", (GREY.astype("<u2") << 8) + 17, np.dstack([GREY] * 3)),
    ],
)
@pytest.mark.parametrize("padding", [0, 3])
def test_encodings_with_and_without_padded_rows(
    encoding: str, pixels: np.ndarray, expected: np.ndarray, padding: int
) -> None:
    rows = np.ascontiguousarray(pixels).view(np.uint8).reshape(5, -1)
    data = np.pad(rows, ((0, 0), (0, padding)), constant_values=99)
    got = decode_image(encoding, 5, 7, data.shape[1], False, data.tobytes())
    np.testing.assert_array_equal(got, expected)


def test_byte_order_of_16_bits_is_honoured() -> None:
    data = (GREY.astype(np.uint16) << 8).astype(">u2")
    got = decode_image("mono16", 5, 7, 14, True, data.tobytes())
    np.testing.assert_array_equal(got[:, :, 0], GREY)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("yuv9", 5, 7, 21, False, b""), "not supported"),
        (("rgb8", 0, 7, 21, False, b""), "makes no sense"),
        (("rgb8", 5, 10**6, 21, False, b""), "makes no sense"),
        (("rgb8", 5, 7, 20, False, bytes(105)), "needs 105 bytes"),
        (("rgb8", 5, 7, 21, False, bytes(104)), "holds 104"),
    ],
)
def test_contradictions_are_named(arguments: tuple, says: str) -> None:
    with pytest.raises(ImageError, match=says):
        decode_image(*arguments)


@pytest.mark.parametrize("extension", [".png", ".webp"])
def test_lossless_pictures_come_back(extension: str) -> None:
    flags = [cv2.IMWRITE_WEBP_QUALITY, 101] if extension == ".webp" else []
    data = cv2.imencode(extension, RGB[:, :, ::-1], flags)[1].tobytes()
    np.testing.assert_array_equal(decode_compressed(extension, data), RGB)


def test_grey_jpeg_becomes_rgb() -> None:
    data = cv2.imencode(".jpg", np.full((8, 8), 100, np.uint8))[1].tobytes()
    got = decode_compressed("jpeg", data)
    assert got.shape == (8, 8, 3)
    assert abs(int(got.mean()) - 100) <= 1


@pytest.mark.parametrize("data", [b"", b"no picture at all", bytes([0xFF, 0xD8, 0xFF, 0xE0, 0, 0])])
def test_bytes_that_are_no_picture_are_refused(data: bytes) -> None:
    with pytest.raises(ImageError, match=r"not a jpeg, png or webp|broken"):
        decode_compressed("jpeg", data)


def test_frames_are_stretched_by_area_when_they_shrink() -> None:
    image = np.zeros((4, 8, 3), np.uint8)
    image[:, ::2] = 200
    shrunk = resize_for_encoder(image, (2, 4))
    assert shrunk.shape == (2, 4, 3)
    assert np.all(shrunk == 100)  # the mean of each block: linear would keep stripes at other sizes
    assert resize_for_encoder(image, (4, 8)) is image
    assert resize_for_encoder(image, (9, 16)).shape == (9, 16, 3)
