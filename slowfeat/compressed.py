"""sensor_msgs/CompressedImage (jpeg, png, webp, tiff) to RGB.

The size stands in the first bytes of each of these formats. It is read before OpenCV sees the
picture: OpenCV itself would allocate up to 2^30 pixels for a header that lies.
"""

from __future__ import annotations

import struct
from functools import lru_cache

import cv2
import numpy as np

from slowfeat.bit_depth import FULL_BITS, shifted
from slowfeat.encodings import DEPTH_ENCODINGS, demosaiced
from slowfeat.errors import ImageError
from slowfeat.pixels import Buffer, Image, as_array, check_size
from slowfeat.scaled_decoding import FLAGS, Size, reduction

_PNG = b"\x89PNG\r\n\x1a\n"
_JPEG = b"\xff\xd8\xff"
# Byte order, 42, and the place of the first directory.
_TIFF = {b"II*\0": "<", b"MM\0*": ">"}
_TIFF_WIDTH, _TIFF_HEIGHT, _TIFF_SHORT = 256, 257, 3
_END, _PADDING = b"\xff\xd9", 64
# A camera's jpegs begin alike: how the last one began, and the size that it had. Walking the
# segments of each would take as long as a tenth of the decoding of a small one.
_known_start: tuple[bytes, tuple[int, int]] = (b"", (0, 0))
_VIDEO = ("h264", "h265", "hevc", "vp9", "av1")
# The image as the sensor gave it, the one that camera_info describes: no turning by EXIF.
_AS_STORED = int(cv2.IMREAD_IGNORE_ORIENTATION)
# OpenCV 4.11 can decode to RGB at once; before, a second pass turns BGR around.
_RGB_AT_ONCE = int(getattr(cv2, "IMREAD_COLOR_RGB", 0))


def decode_compressed(
    image_format: str, data: Buffer, bits: int = FULL_BITS, wanted: Size | None = None
) -> Image:
    """Decode the fields of a sensor_msgs/CompressedImage (jpeg, png, webp, tiff) to RGB uint8 (H,
    W, 3).

    Of 16-bit channels the 8 highest of the `bits` in use are kept, alpha is dropped, grey becomes
    three equal channels. What the bytes are is read from the bytes; `image_format` separates depth
    from images, a mosaic from grey, and, as in image_transport, whether red and blue were exchanged
    before compression.

    Args:
        image_format: of the message.
        data: of the message.
        bits: of 16-bit channels this many are used.
        wanted: (height, width) to which the image is stretched afterwards: a JPEG is decoded no
            larger than that needs (slowfeat.scaled_decoding); None: all pixels.

    Raises:
        ImageError: depth or video, cut off, larger than any camera, or no jpeg, png, webp or tiff.
    """
    buffer = as_array(data)
    try:
        exchanged = _exchanged(image_format)
        width, height = stored_size(buffer)
        check_size(width, height)
        # BGR in memory is RGB when the two were exchanged before the image was compressed.
        mosaic = _mosaic(image_format)
        if mosaic:
            pixels = _demosaiced(buffer, mosaic, bits)
        elif is_jpeg(buffer):
            pixels = _imdecode(buffer, exchanged, FLAGS[reduction(height, width, wanted)])
        elif bits < FULL_BITS:
            pixels = _imdecode_deep(buffer, bits, bgr=exchanged)
        else:
            pixels = _imdecode(buffer, exchanged)
    except ImageError as error:
        raise ImageError(
            f"compressed image ({image_format!r}, {buffer.size} bytes): {error}"
        ) from error
    except cv2.error as error:
        raise ImageError(f"compressed image ({image_format!r}) is broken: {error.err}") from error
    except (TypeError, AttributeError) as error:
        raise ImageError(f"compressed image has a malformed format field: {error}") from error
    if pixels is None or pixels.ndim != 3 or pixels.shape[2] != 3:
        raise ImageError(f"compressed image ({image_format!r}, {buffer.size} bytes) is broken")
    return pixels


def _imdecode(buffer: Image, bgr: bool, reduced: int = 0) -> Image | None:
    """Three channels, in the file's order where `bgr` says so; `reduced` is one of FLAGS."""
    flags = _AS_STORED | reduced
    if bgr:
        found: Image | None = cv2.imdecode(buffer, cv2.IMREAD_COLOR | flags)
    elif _RGB_AT_ONCE:
        found = cv2.imdecode(buffer, _RGB_AT_ONCE | flags)
    else:
        found = _imdecode_in_two(buffer, flags)
    return found


def _imdecode_in_two(buffer: Image, flags: int) -> Image | None:
    """As imdecode with IMREAD_COLOR_RGB, for an OpenCV that lacks it."""
    pixels = cv2.imdecode(buffer, cv2.IMREAD_COLOR | flags)
    if pixels is None:
        return None
    return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB), dtype=np.uint8)


def _imdecode_deep(buffer: Image, bits: int, bgr: bool) -> Image | None:
    """As _imdecode, of files whose 16-bit channels use fewer bits."""
    pixels = cv2.imdecode(buffer, cv2.IMREAD_COLOR | cv2.IMREAD_ANYDEPTH | _AS_STORED)
    if pixels is None or pixels.dtype not in (np.uint8, np.uint16):
        return None
    pixels = shifted(pixels, bits)
    return pixels if bgr else np.asarray(cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB), dtype=np.uint8)


@lru_cache(maxsize=64)
def _mosaic(image_format: str) -> str:
    """The bayer encoding of a file that holds the sensor's mosaic; empty for a file of colours or
    grey.

    image_transport compresses a mosaic as it is, and names the encoding without a target:
    "bayer_rggb8; jpeg compressed ".
    """
    encoding, _, rest = image_format.partition(";")
    target = rest.partition("compressed")[2].strip().lower()
    is_mosaic = encoding.strip().lower().startswith("bayer_") and (
        not target or target.startswith("bayer")
    )
    return encoding.strip() if is_mosaic else ""


def _demosaiced(buffer: Image, encoding: str, bits: int) -> Image | None:
    """The colours of a file whose only channel is a mosaic; of a file of colours those."""
    pixels = cv2.imdecode(buffer, cv2.IMREAD_UNCHANGED | _AS_STORED)
    if pixels is None or pixels.dtype not in (np.uint8, np.uint16):
        return None
    if pixels.ndim == 3:
        return _imdecode_deep(buffer, bits, bgr=False)
    return demosaiced(shifted(pixels, bits), encoding)


@lru_cache(maxsize=64)
def _exchanged(image_format: str) -> bool:
    """Whether a format of image_transport says that red and blue lie exchanged in the file.

    "rgb8; jpeg compressed bgr8" is an ordinary JPEG: the publisher turned the image into the BGR
    that OpenCV's encoder expects. "...compressed rgb8" (its early versions) was given to the
    encoder as RGB. Formats that name no order ("jpeg", "rgb8; png compressed") are taken as
    ordinary files.
    """
    encoding, _, rest = image_format.partition(";")
    if "compressedDepth" in image_format or (rest and encoding.strip() in DEPTH_ENCODINGS):
        raise ImageError("depth, not a camera image; choose a colour or mono topic")
    if image_format.lower() in _VIDEO:
        raise ImageError("a packet of video, not an image")
    return "compressed rgb" in rest


def is_jpeg(buffer: Image) -> bool:
    """Whether the bytes begin as a JPEG's do."""
    return buffer[: len(_JPEG)].tobytes() == _JPEG


def stored_size(buffer: Image) -> tuple[int, int]:
    """Width and height in pixels by the header of a jpeg, png, webp or tiff, given as bytes (n,).

    Raises:
        ImageError: it is none of these, or its header or end is missing.
    """
    start = buffer[:32].tobytes()
    if start.startswith(_JPEG):
        return _jpeg_size(buffer)
    if start.startswith(_PNG) and len(start) >= 24:
        return _png_size(buffer)
    if start.startswith(b"RIFF") and start[8:12] == b"WEBP" and len(start) >= 30:
        return _webp_size(start)
    if start[:4] in _TIFF:
        return _tiff_size(buffer.tobytes(), _TIFF[start[:4]])
    raise ImageError("not a jpeg, png, webp or tiff image")


def _jpeg_size(buffer: Image) -> tuple[int, int]:
    """Width and height of a jpeg that has an end."""
    global _known_start
    start, size = _known_start
    if not start or buffer[: len(start)].tobytes() != start:
        start, size = _jpeg_start(buffer.tobytes())
        _known_start = start, size
    # libjpeg would fill what is missing with grey and say nothing. Cameras pad the end.
    after = buffer[len(start) :]
    if after[-_PADDING:].tobytes().rfind(_END) < 0 and after.tobytes().rfind(_END) < 0:
        raise ImageError("a jpeg that is cut off")
    return size


def _jpeg_start(data: bytes) -> tuple[bytes, tuple[int, int]]:
    """Walk the segments up to the start of frame, skipping stray bytes as libjpeg does.

    Returns:
        The bytes up to there, and the width and height that stand in them.
    """
    at = 2
    while (at := data.find(b"\xff", at)) >= 0:
        while data[at : at + 1] == b"\xff":
            at += 1
        marker = data[at] if at < len(data) else 0xD9
        at += 1
        # 00, TEM, RST0-7 and SOI stand alone.
        if marker in (0x00, 0x01) or 0xD0 <= marker <= 0xD8:
            continue
        if marker in (0xD9, 0xDA) or at + 7 > len(data):
            break
        # Start of frame; C4, C8 and CC are tables that share its range.
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack_from(">HH", data, at + 3)
            return data[: at + 7], (width, height)
        at += max(2, int.from_bytes(data[at : at + 2], "big"))
    raise ImageError("a broken jpeg without a size")


def _png_size(buffer: Image) -> tuple[int, int]:
    """Walk the chunks to the end: OpenCV allocates a chunk of any length that the file claims."""
    data = buffer.tobytes()
    at = len(_PNG)
    while at + 12 <= len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        if data[at + 4 : at + 8] == b"IEND":
            width, height = struct.unpack_from(">II", data, 16)
            return width, height
        at += 12 + length
    raise ImageError("a png that is broken or cut off")


def _webp_size(start: bytes) -> tuple[int, int]:
    """Width and height from the first 30 bytes: lossy, lossless or extended."""
    kind = start[12:16]
    if kind == b"VP8 ":
        width, height = struct.unpack_from("<HH", start, 26)
        return width & 0x3FFF, height & 0x3FFF
    if kind == b"VP8L":
        bits = int.from_bytes(start[21:25], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8X":
        width, height = (int.from_bytes(start[k : k + 3], "little") + 1 for k in (24, 27))
        return width, height
    raise ImageError("a broken webp without a size")


def _tiff_size(data: bytes, order: str) -> tuple[int, int]:
    """Width and height from the first directory."""
    try:
        (at,) = struct.unpack_from(f"{order}I", data, 4)
        (count,) = struct.unpack_from(f"{order}H", data, at)
        sides = {}
        for k in range(min(count, 64)):
            entry = at + 2 + 12 * k
            tag, kind = struct.unpack_from(f"{order}HH", data, entry)
            number = "H" if kind == _TIFF_SHORT else "I"
            sides[tag] = int(struct.unpack_from(f"{order}{number}", data, entry + 8)[0])
        return sides[_TIFF_WIDTH], sides[_TIFF_HEIGHT]
    except (struct.error, KeyError) as error:
        raise ImageError("a broken tiff without a size") from error
