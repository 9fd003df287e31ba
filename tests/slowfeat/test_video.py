"""Packets of video become the images they were made from, each with its own packet's key."""

from __future__ import annotations

import sys
from fractions import Fraction

import numpy as np
import pytest

from slowfeat.errors import ImageError, UsageError
from slowfeat.video import VideoDecoder, codec_of

av = pytest.importorskip("av")
COUNT = 40
KEYFRAME_EVERY = 10
OPTIONS = {
    "libx264": {"x264-params": "log-level=none"},
    "libx265": {"x265-params": "log-level=none:keyint=10:min-keyint=10"},
}
CODECS = ["libx264", "libx265", "libvpx-vp9", "libsvtav1", "libvpx", "mpeg4"]


def colour(k: int) -> np.ndarray:
    return np.array([5 * k, 90, 200 - 3 * k])


def packets(codec: str) -> list[tuple[int, bytes]]:
    """(image number, packet) in the order of decoding; each image has one colour of its own."""
    if codec not in av.codecs_available:
        pytest.skip(f"this PyAV cannot encode {codec}")
    context = av.CodecContext.create(codec, "w")
    context.width, context.height, context.pix_fmt = 64, 48, "yuv420p"
    context.time_base = Fraction(1, 30)
    context.gop_size = KEYFRAME_EVERY
    context.options = OPTIONS.get(codec, {})
    if codec == "libx264":
        context.max_b_frames = 2
    out = []
    for k in range(COUNT):
        pixels = np.full((48, 64, 3), colour(k), np.uint8)
        frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
        frame.pts = k
        out += context.encode(frame)
    out += context.encode(None)
    return [(packet.pts, bytes(packet)) for packet in out]


def decoded(codec: str, stream: list[tuple[int, bytes]]) -> tuple[dict[int, np.ndarray], int]:
    """Images by key, and how many are lost by either way of counting."""
    decoder = VideoDecoder(codec)
    got: list[tuple[int, np.ndarray]] = []
    refused = 0
    for key, data in stream:
        try:
            got += decoder.decode(key, data)
        except ImageError:
            refused += 1
    got += decoder.flush()
    assert len(dict(got)) == len(got), "no image comes twice"
    assert len(got) + refused + len(decoder.waiting) == len(stream), "every packet is accounted for"
    return dict(got), refused + len(decoder.waiting)


def assert_right(pictures: dict[int, np.ndarray]) -> None:
    for key, picture in pictures.items():
        assert picture.shape == (48, 64, 3)
        assert picture.dtype == np.uint8
        assert np.all(abs(picture[24, 32].astype(int) - colour(key)) <= 14), key


@pytest.mark.parametrize("codec", CODECS)
def test_every_picture_comes_with_the_key_of_its_packet(codec: str) -> None:
    pictures, lost = decoded(codec, packets(codec))
    assert sorted(pictures) == list(range(COUNT))
    assert lost == 0
    assert_right(pictures)


def test_pictures_that_come_late_and_out_of_order_keep_their_keys() -> None:
    stream = packets("libx264")
    assert [key for key, _ in stream] != sorted(key for key, _ in stream)  # it has B-frames
    late = [(1000 - key, data) for key, data in stream]
    pictures, _ = decoded("h264", late)
    assert_right({1000 - key: picture for key, picture in pictures.items()})


# mpeg4 is left out: its encoder puts further keyframes where it likes.
@pytest.mark.parametrize("codec", CODECS[:-1])
def test_packets_before_the_first_keyframe_are_lost_and_counted(codec: str) -> None:
    pictures, lost = decoded(codec, packets(codec)[3:])
    assert set(pictures) >= set(range(KEYFRAME_EVERY + 3, COUNT))
    # A B-frame just before the keyframe may lean on it alone.
    assert min(pictures) >= KEYFRAME_EVERY - 2
    assert 5 <= lost <= KEYFRAME_EVERY
    assert_right(pictures)


@pytest.mark.parametrize("codec", CODECS)
def test_broken_packets_do_not_stop_the_rest(codec: str) -> None:
    rng = np.random.default_rng(1)
    stream = packets(codec)
    for at in (2, 5, 13, 14):
        stream[at] = (stream[at][0], rng.bytes(len(stream[at][1])))
    pictures, _ = decoded(codec, stream)
    # From the keyframe after the last broken packet on, all is well again.
    after = {key: pictures[key] for key in range(2 * KEYFRAME_EVERY + 3, COUNT)}
    assert_right(after)


@pytest.mark.parametrize("codec", ["h264", "h265", "vp9", "av1"])
def test_noise_only_ever_raises_image_error(codec: str) -> None:
    rng = np.random.default_rng(2)
    decoder = VideoDecoder(codec)
    for key in range(200):
        data = bytearray(rng.bytes(int(rng.integers(0, 400))))
        if key % 2:
            data[:5] = b"\x00\x00\x00\x01\x67"
        try:
            pictures = decoder.decode(key, bytes(data))
        except ImageError:
            continue
        assert all(picture.shape[2] == 3 for _, picture in pictures)
    decoder.flush()


@pytest.mark.parametrize(
    ("name", "codec"),
    [
        ("h264", "h264"),
        ("libx264", "h264"),
        ("h264_nvenc", "h264"),
        ("H265", "hevc"),
        ("hevc;yuv420p;bgr8;bgr8", "hevc"),
        ("libx264rgb;rgb24;bgr8;rgb8", "h264"),
        ("libvpx-vp9", "vp9"),
        ("libsvtav1", "av1"),
    ],
)
def test_names_of_codecs_and_encoders(name: str, codec: str) -> None:
    assert codec_of(name) == codec


def test_unknown_codec_is_named() -> None:
    with pytest.raises(ImageError, match="'theora' is not supported; supported are av1, h264"):
        VideoDecoder("theora")


def test_without_pyav_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(UsageError, match=r"pip install 'slowfeat\[video\]'"):
        VideoDecoder("h264")
