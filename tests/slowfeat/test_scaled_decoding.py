"""A JPEG is decoded no larger than what it becomes needs, by one rule for trainer and robot."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from types import SimpleNamespace

import cv2
import numpy as np
import pytest

from slowfeat import compressed
from slowfeat.bundle import load_bundle
from slowfeat.encoder import Encoder
from slowfeat.errors import ImageError
from slowfeat.images import decode_compressed, decode_message, full_size, resize_for_encoder
from slowfeat.live.preparation import Preparation
from slowfeat.scaled_decoding import FLAGS, LEAST_SIDE, MOST_EXCESS, reduction, wanted_of


def scene(height: int, width: int, seed: int = 0) -> np.ndarray:
    """Blurred noise with edges, uint8 (H, W, 3) RGB: what a camera may see."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 256, (9, 12, 3), dtype=np.uint8)
    image = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
    cv2.rectangle(image, (width // 5, height // 4), (width // 2, height // 2), (250, 20, 90), -1)
    return image


def jpeg(image: np.ndarray) -> np.ndarray:
    return cv2.imencode(".jpg", image[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, 95])[1].ravel()


@pytest.mark.parametrize(
    ("size", "wanted", "expected"),
    [
        ((1080, 1920), (64, 64), 8),
        ((1080, 1920), (224, 224), 2),
        ((480, 640), (64, 64), 4),
        ((480, 640), (224, 224), 1),
        ((120, 160), (64, 64), 1),
        ((120, 160), (32, 32), 2),
        # A side too short, a last block that would be decoded far beyond the image, nothing asked.
        ((96, 4000), (64, 64), 1),
        ((376, 1241), (64, 64), 2),
        ((479, 639), (64, 64), 4),
        ((1082, 1922), (64, 64), 4),
        ((1080, 1920), None, 1),
    ],
)
def test_the_largest_reduction_that_leaves_enough(
    size: tuple[int, int], wanted: tuple[int, int] | None, expected: int
) -> None:
    assert reduction(*size, wanted) == expected


def test_what_is_left_is_always_enough() -> None:
    rng = np.random.default_rng(0)
    seen = set()
    for _ in range(3000):
        size, wanted = rng.integers(8, 2200, 2), rng.integers(8, 300, 2)
        factor = reduction(*map(int, size), tuple(map(int, wanted)))
        seen.add(factor)
        left = size / factor
        assert factor == 1 or left.prod() >= 4 * wanted.prod()
        assert factor == 1 or (left >= LEAST_SIDE * wanted).all()
        excess = np.ceil(left) / left * wanted - wanted
        assert (excess <= MOST_EXCESS + 1e-9).all()
    assert seen == {1, 2, 4, 8}


@pytest.mark.parametrize("size", [(480, 640), (1080, 1920), (376, 1241)])
def test_a_reduced_image_becomes_nearly_the_same_frame(size: tuple[int, int]) -> None:
    data = jpeg(scene(*size))
    whole = decode_compressed("jpeg", data)
    reduced = decode_compressed("jpeg", data, wanted=(64, 64))
    factor = reduction(*size, (64, 64))
    assert factor > 1
    assert reduced.shape[:2] == tuple(-(-side // factor) for side in size)
    first, second = (resize_for_encoder(image, (64, 64)).astype(int) for image in (whole, reduced))
    difference = np.abs(first - second)
    assert difference.mean() < 1.0
    # Not moved: a shift by a pixel differs by more.
    assert difference.mean() < 0.5 * np.abs(first - np.roll(first, 1, axis=1)).mean()


@pytest.mark.parametrize("image_format", ["jpeg", "rgb8; jpeg compressed bgr8"])
@pytest.mark.parametrize("at_once", [True, False])
def test_colours_stay_where_they_are(
    image_format: str, at_once: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not at_once:
        monkeypatch.setattr(compressed, "_RGB_AT_ONCE", 0)
    image = np.zeros((256, 256, 3), np.uint8)
    image[..., 0], image[..., 2] = 200, 40
    found = decode_compressed(image_format, jpeg(image), wanted=(16, 16))
    assert found.shape == (32, 32, 3)
    np.testing.assert_allclose(found.mean(axis=(0, 1)), [200, 0, 40], atol=3)
    exchanged = decode_compressed("rgb8; jpeg compressed rgb8", jpeg(image), wanted=(16, 16))
    np.testing.assert_allclose(exchanged.mean(axis=(0, 1)), [40, 0, 200], atol=3)


def test_a_grey_jpeg_is_reduced_too() -> None:
    data = cv2.imencode(".jpg", scene(256, 256)[:, :, 1])[1].ravel()
    assert decode_compressed("mono8; jpeg compressed ", data, wanted=(16, 16)).shape == (32, 32, 3)


@pytest.mark.parametrize("ending", [".png", ".webp", ".tiff"])
def test_other_formats_and_mosaics_are_decoded_whole(ending: str) -> None:
    data = cv2.imencode(ending, scene(256, 320))[1].ravel()
    assert decode_compressed("x", data, wanted=(16, 16)).shape == (256, 320, 3)
    mosaic = cv2.imencode(".jpg", scene(256, 320)[:, :, 1])[1].ravel()
    found = decode_compressed("bayer_rggb8; jpeg compressed ", mosaic, wanted=(16, 16))
    assert found.shape == (256, 320, 3)


def test_a_reduced_jpeg_that_is_cut_off_is_refused_as_ever() -> None:
    data = jpeg(scene(480, 640))
    with pytest.raises(ImageError, match="cut off"):
        decode_compressed("jpeg", data[: len(data) // 2], wanted=(64, 64))


def test_its_size_is_still_that_of_the_camera() -> None:
    message = SimpleNamespace(format="jpeg", data=jpeg(scene(480, 640)))
    image = decode_message(message, wanted=(64, 64))
    assert image.shape == (120, 160, 3)
    assert full_size(message, image) == (640, 480)
    raw = SimpleNamespace(data=b"")
    assert full_size(raw, np.zeros((3, 5, 3), np.uint8)) == (5, 3)


def test_the_robot_reduces_as_the_bundle_says_and_never_what_it_rectifies(
    tiny_bundle: Path,
) -> None:
    encoder = Encoder(load_bundle(tiny_bundle))
    height, width = encoder.image_size
    for rule, mode, expected in (
        ("whole", "none", None),
        ("scaled", "none", (height, width)),
        ("scaled", "undistort", None),
        ("scaled", "match", None),
    ):
        encoder.info = dataclasses.replace(encoder.info, image_decoding=rule)
        assert Preparation(mode, lambda: None).wanted(encoder) == expected
    assert wanted_of("scaled", (3, 4)) == (3, 4)


def test_every_reduction_has_its_flag() -> None:
    data = jpeg(scene(256, 256))
    for factor, flag in FLAGS.items():
        found = cv2.imdecode(data, cv2.IMREAD_COLOR | flag)
        assert found.shape == (256 // factor, 256 // factor, 3)


def test_the_flags_are_those_of_opencv() -> None:
    named = {k: getattr(cv2, f"IMREAD_REDUCED_GRAYSCALE_{k}") for k in (2, 4, 8)}
    assert {1: 0, **named} == FLAGS
