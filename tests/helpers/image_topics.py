"""A drive's images as every image topic there is.

`IMAGES` maps a name to a function (images RGB, stamps in ns) -> (message type, messages); `GREY`
are the names whose images lose their colour.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import partial
from typing import Any

import cv2
import numpy as np

from slowfeat_trainer.bags import default_typestore
from tests.helpers import bag_formats
from tests.helpers.bag_factory import NS, header

Pictures = list[np.ndarray]
Topic = tuple[str, list[Any]]
FRAME = "camera_optical_frame"
STORE = default_typestore()
# Bytes that a driver may leave at the end of each row.
PADDING = 6
VIDEO = ("foxglove_msgs/msg/CompressedVideo", "ffmpeg_image_transport_msgs/msg/FFMPEGPacket")
for _store in (bag_formats.STORE, bag_formats.STORE1):
    # No distribution's common interfaces have them.
    _store.register({name: STORE.fielddefs[name] for name in VIDEO})


def _channels(rgb: np.ndarray, order: str) -> np.ndarray:
    alpha = np.full(rgb.shape[:2], 255, np.uint8)
    planes = {"r": rgb[..., 0], "g": rgb[..., 1], "b": rgb[..., 2], "a": alpha}
    return np.stack([planes[c] for c in order], axis=-1)


def _grey(rgb: np.ndarray) -> np.ndarray:
    return np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY))


def _mosaic(rgb: np.ndarray, pattern: str) -> np.ndarray:
    """What a sensor with colour filters sees; `pattern` is its first row and then its second."""
    out = np.empty(rgb.shape[:2], np.uint8)
    for k, colour in enumerate(pattern):
        out[k // 2 :: 2, k % 2 :: 2] = rgb[k // 2 :: 2, k % 2 :: 2, "rgb".index(colour)]
    return out


def _yuv(rgb: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Limited-range BT.601 planes of the whole image, as cameras send it."""
    r, g, b = (rgb[..., k].astype(np.float64) for k in range(3))
    y = 16 + 0.257 * r + 0.504 * g + 0.098 * b
    u = 128 - 0.148 * r - 0.291 * g + 0.439 * b
    v = 128 + 0.439 * r - 0.368 * g - 0.071 * b
    return tuple(np.round(p).astype(np.uint8) for p in (y, u, v))  # type: ignore[return-value]


def _packed(rgb: np.ndarray, order: str) -> np.ndarray:
    y, u, v = _yuv(rgb)
    planes = {"y": y[:, 0::2], "Y": y[:, 1::2], "u": u[:, 0::2], "v": v[:, 0::2]}
    return np.stack([planes[c] for c in order], axis=-1)


def _planar(rgb: np.ndarray, order: str) -> np.ndarray:
    y, u, v = _yuv(rgb)
    planes = {"u": u[::2, ::2], "v": v[::2, ::2]}
    chroma = np.stack([planes[c] for c in order], axis=-1).reshape(len(y) // 2, -1)
    return np.concatenate([y, chroma])


def _16(pixels: np.ndarray, big: bool) -> np.ndarray:
    wide = (pixels.astype(np.uint16) << 8) | 77
    return wide.astype(">u2" if big else "<u2")


_RAW: dict[str, tuple[Callable[[np.ndarray], np.ndarray], bool]] = {
    "rgb8": (lambda p: p, False),
    "bgr8": (lambda p: _channels(p, "bgr"), False),
    "rgba8": (lambda p: _channels(p, "rgba"), False),
    "bgra8": (lambda p: _channels(p, "bgra"), False),
    "mono8": (_grey, False),
    "8UC3": (lambda p: _channels(p, "bgr"), False),
    "mono16": (lambda p: _16(_grey(p), False), False),
    "mono16-big": (lambda p: _16(_grey(p), True), True),
    "rgb16": (lambda p: _16(p, False), False),
    "bayer_rggb8": (lambda p: _mosaic(p, "rggb"), False),
    "bayer_bggr8": (lambda p: _mosaic(p, "bggr"), False),
    "bayer_gbrg8": (lambda p: _mosaic(p, "gbrg"), False),
    "bayer_grbg8": (lambda p: _mosaic(p, "grbg"), False),
    "yuv422": (lambda p: _packed(p, "uyvY"), False),
    "yuv422_yuy2": (lambda p: _packed(p, "yuYv"), False),
    "yuyv": (lambda p: _packed(p, "yuYv"), False),
    "nv12": (lambda p: _planar(p, "uv"), False),
    "nv21": (lambda p: _planar(p, "vu"), False),
}
GREY = ("mono8", "mono16", "mono16-big", "jpeg-grey", "png-16-grey")


def _raw(name: str, pictures: Pictures, stamps: list[int]) -> Topic:
    make, big = _RAW[name]
    kind = "sensor_msgs/msg/Image"
    messages = []
    for rgb, stamp in zip(pictures, stamps, strict=True):
        pixels = make(rgb)
        rows = np.frombuffer(pixels.tobytes(), np.uint8).reshape(len(pixels), -1)
        rows = np.pad(rows, ((0, 0), (0, PADDING)), constant_values=99)
        messages.append(
            STORE.types[kind](
                header=header(stamp, FRAME),
                height=rgb.shape[0],
                width=rgb.shape[1],
                encoding=name.removesuffix("-big"),
                is_bigendian=int(big),
                step=rows.shape[1],
                data=rows.ravel(),
            )
        )
    return kind, messages


_COMPRESSED: dict[str, tuple[str, str, Callable[[np.ndarray], np.ndarray]]] = {
    "jpeg": ("jpeg", ".jpg", lambda p: p[..., ::-1]),
    "jpeg-transport": ("rgb8; jpeg compressed bgr8", ".jpg", lambda p: p[..., ::-1]),
    "jpeg-grey": ("mono8; jpeg compressed mono8", ".jpg", _grey),
    "png": ("png", ".png", lambda p: p[..., ::-1]),
    "png-transport": ("bgr8; png compressed bgr8", ".png", lambda p: p[..., ::-1]),
    "png-alpha": ("png", ".png", lambda p: _channels(p, "bgra")),
    "png-16-grey": ("mono16; png compressed mono16", ".png", lambda p: _grey(p).astype("u2") << 8),
    "webp": ("webp", ".webp", lambda p: p[..., ::-1]),
}


def _compressed(name: str, pictures: Pictures, stamps: list[int]) -> Topic:
    said, suffix, make = _COMPRESSED[name]
    kind = "sensor_msgs/msg/CompressedImage"
    return kind, [
        STORE.types[kind](
            header=header(stamp, FRAME),
            format=said,
            data=cv2.imencode(suffix, make(rgb))[1].ravel(),
        )
        for rgb, stamp in zip(pictures, stamps, strict=True)
    ]


def _packets(codec: str, pictures: Pictures) -> list[bytes]:
    import av

    context: Any = av.CodecContext.create(codec, "w")
    context.height, context.width = pictures[0].shape[:2]
    context.pix_fmt, context.time_base, context.gop_size = "yuv420p", Fraction(1, 10), 8
    context.max_b_frames = 0
    context.options = {
        "crf": "15",
        "x264-params": "log-level=none",
        "x265-params": "log-level=none",
    }
    out = []
    for k, rgb in enumerate(pictures):
        frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(rgb), format="rgb24")
        frame.pts = k
        out += context.encode(frame)
    out += context.encode(None)
    assert len(out) == len(pictures)
    return [bytes(packet) for packet in out]


def _foxglove(codec: str, said: str, pictures: Pictures, stamps: list[int]) -> Topic:
    kind = "foxglove_msgs/msg/CompressedVideo"
    time = STORE.types["builtin_interfaces/msg/Time"]
    return kind, [
        STORE.types[kind](
            timestamp=time(sec=stamp // NS, nanosec=stamp % NS),
            frame_id=FRAME,
            data=np.frombuffer(data, np.uint8),
            format=said,
        )
        for data, stamp in zip(_packets(codec, pictures), stamps, strict=True)
    ]


def _ffmpeg(codec: str, said: str, pictures: Pictures, stamps: list[int]) -> Topic:
    kind = "ffmpeg_image_transport_msgs/msg/FFMPEGPacket"
    height, width = pictures[0].shape[:2]
    return kind, [
        STORE.types[kind](
            header=header(stamp, FRAME),
            width=width,
            height=height,
            encoding=said,
            pts=k,
            flags=0,
            is_bigendian=False,
            data=np.frombuffer(data, np.uint8),
        )
        for k, (data, stamp) in enumerate(zip(_packets(codec, pictures), stamps, strict=True))
    ]


IMAGES: dict[str, Callable[[Pictures, list[int]], Topic]] = {
    **{name: partial(_raw, name) for name in _RAW},
    **{name: partial(_compressed, name) for name in _COMPRESSED},
    "video-h264": partial(_foxglove, "libx264", "h264"),
    "video-h265": partial(_foxglove, "libx265", "h265"),
    "video-vp9": partial(_foxglove, "libvpx-vp9", "vp9"),
    "ffmpeg-h264": partial(_ffmpeg, "libx264", "libx264"),
    "ffmpeg-hevc": partial(_ffmpeg, "libx265", "hevc;yuv420p;bgr8;bgr8"),
}
