"""Messages of any content give an image or an ImageError; frames fit the encoder."""

from __future__ import annotations

import os
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import cv2
import numpy as np
import pytest

from slowfeat.encodings import ENCODINGS
from slowfeat.errors import ImageError
from slowfeat.images import decode_message, resize_for_encoder

BGR = cv2.resize(np.random.default_rng(0).integers(0, 256, (6, 8, 3), dtype=np.uint8), (32, 24))
WHOLE = [
    cv2.imencode(extension, pixels)[1].tobytes()
    for extension in (".jpg", ".png", ".webp")
    for pixels in (BGR, BGR[:, :, 0])
]
FORMATS = [
    "jpeg",
    "png",
    "webp",
    "rgb8; jpeg compressed bgr8",
    "16UC1; compressedDepth",
    "",
    None,
    7,
]
NO_BYTES = [None, "text", 5, [1, 2, 3], {}, np.zeros(64), np.array(None), b""]
SIDES = [0, 1, 2, 3, 4, 5, 8, 31, 16384, 16385, 2**31, 2**32 - 1, -1, -8, None, 2.5, "3"]


def pick(rng: np.random.Generator, choices: list[Any]) -> Any:
    return choices[int(rng.integers(len(choices)))]


def damaged(rng: np.random.Generator, data: bytes) -> bytes:
    """The bytes with bits flipped, cut short, or with a piece exchanged."""
    out = bytearray(data)
    for _ in range(int(rng.integers(0, 6))):
        out[int(rng.integers(len(out)))] ^= 1 << int(rng.integers(8))
    if rng.random() < 0.3:
        at = int(rng.integers(len(out)))
        out[at : at + 8] = rng.bytes(8)
    if rng.random() < 0.3:
        del out[int(rng.integers(len(out))) :]
    return bytes(out)


def compressed_message(rng: np.random.Generator) -> SimpleNamespace:
    data = damaged(rng, pick(rng, WHOLE)) if rng.random() < 0.9 else pick(rng, NO_BYTES)
    return SimpleNamespace(format=pick(rng, FORMATS), data=data)


def raw_message(rng: np.random.Generator) -> SimpleNamespace:
    encoding = pick(rng, [*ENCODINGS, "16UC1", "yuv444", "", None, 3])
    small = rng.random() < 0.7
    height, width = (int(rng.integers(1, 9)) if small else pick(rng, SIDES) for _ in range(2))
    layout = ENCODINGS.get(encoding) if isinstance(encoding, str) else None
    step = pick(rng, SIDES)
    if layout and small and rng.random() < 0.8:
        step = width * layout.channels * layout.item + int(rng.integers(-1, 4))
    data: Any = rng.bytes(int(rng.integers(0, 700)))
    if rng.random() < 0.1:
        data = pick(rng, NO_BYTES)
    message = SimpleNamespace(
        encoding=encoding, height=height, width=width, step=step, data=data,
        is_bigendian=pick(rng, [0, 1, True, None, 255]),
    )  # fmt: skip
    if rng.random() < 0.02:
        del message.step
    return message


def resident_bytes() -> int:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="needs Linux")
def test_ten_thousand_malformed_messages_give_pictures_or_image_errors() -> None:
    rng = np.random.default_rng(3)
    pictures = errors = slowest = 0
    before = 0
    for k in range(10_000):
        message = compressed_message(rng) if k % 2 else raw_message(rng)
        started = time.monotonic()
        try:
            picture = decode_message(message)
        except ImageError as error:
            errors += "\n" not in str(error)
        else:
            assert picture.dtype == np.uint8
            assert picture.ndim == 3
            assert picture.shape[2] == 3
            assert picture.size
            pictures += 1
        slowest = max(slowest, time.monotonic() - started)
        if k == 2000:
            before = resident_bytes()
    # Both ways out were tried often.
    assert pictures > 1000
    assert errors > 1000
    assert pictures + errors == 10_000  # and each error is one line
    assert slowest < 5
    assert resident_bytes() - before < 50e6


@pytest.mark.parametrize("message", [None, object(), SimpleNamespace(format="jpeg"), 7])
def test_what_is_no_image_message_is_refused(message: object) -> None:
    with pytest.raises(ImageError, match="not an image message"):
        decode_message(message)


def test_frames_are_stretched_by_area_when_they_shrink() -> None:
    image = np.zeros((4, 8, 3), np.uint8)
    image[:, ::2] = 200
    shrunk = resize_for_encoder(image, (2, 4))
    assert shrunk.shape == (2, 4, 3)
    assert np.all(shrunk == 100)  # the mean of each block: linear would keep stripes at other sizes
    assert resize_for_encoder(image, (4, 8)) is image
    assert resize_for_encoder(image, (9, 16)).shape == (9, 16, 3)


@pytest.mark.parametrize("size", [(16, 24), (31, 17), (48, 64)])
def test_shrinking_is_the_mean_over_areas_at_any_ratio(size: tuple[int, int]) -> None:
    picture = np.random.default_rng(0).integers(0, 256, (50, 70, 3), dtype=np.uint8)
    height, width = size
    # Every pixel height x width times, so that each new pixel is a mean over whole ones.
    fine = picture.repeat(height, axis=0).repeat(width, axis=1)
    areas = fine.reshape(height, 50, width, 70, 3).mean(axis=(1, 3))
    got = resize_for_encoder(picture, size)
    assert got.dtype == np.uint8
    np.testing.assert_allclose(got, areas, atol=1.0)
