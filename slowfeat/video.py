"""Compressed video in messages (foxglove CompressedVideo, FFMPEGPacket) to RGB images.

A packet is a difference to images before it, and its image may come out some packets later. So
a decoder keeps a state, takes the packets of one topic in their order, and names with each image
the packet that it belongs to.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import numpy as np

from slowfeat.errors import ImageError, UsageError
from slowfeat.pixels import MAX_PIXELS, Buffer, Image, as_array, check_size

if TYPE_CHECKING:
    from av.video.codeccontext import VideoCodecContext
    from av.video.frame import VideoFrame

# What is found in the names of codecs and of ffmpeg's encoders (libx264, hevc_nvenc, libvpx-vp9,
# libsvtav1), and the decoder for it.
_DECODERS = {
    "264": "h264",
    "avc": "h264",
    "265": "hevc",
    "hevc": "hevc",
    "vp8": "vp8",
    "vp9": "vp9",
    "vpx": "vp8",
    "av1": "av1",
    "mpeg4": "mpeg4",
}
# ffmpeg's own av1 decoder works on graphics cards only; these are the libraries behind the others.
_LIBRARIES = {"av1": ("libdav1d", "libaom-av1")}
# These decoders would start from grey in the middle of a group of images; the others wait for a
# keyframe by themselves, or for the recovery point of a stream that has none.
_START_ANYWHERE = ("vp8", "mpeg4")


def codec_of(encoding: str) -> str:
    """The codec's name in ffmpeg for a CompressedVideo's format or an FFMPEGPacket's encoding.

    Only what stands before the first semicolon counts: newer packets read
    "hevc;yuv420p;bgr8;bgr8", codec and pixel formats; older ones name the encoder, "libx264".

    Raises:
        ImageError: no codec that slowfeat decodes.
    """
    name = str(encoding).partition(";")[0].strip().lower()
    for part, codec in _DECODERS.items():
        if part in name:
            return codec
    known = ", ".join(sorted(set(_DECODERS.values())))
    raise ImageError(f"video encoding {encoding!r} is not supported; supported are {known}")


class VideoDecoder:
    """Decodes the packets of one video topic.

    Images are lost before the first keyframe and where packets are broken; where a packet is
    missing, the decoder patches the image from those before it until the next keyframe.

    Args:
        codec: a codec or an encoder's name, see codec_of.

    Raises:
        ImageError: the codec is not known.
        UsageError: PyAV is not installed.
    """

    def __init__(self, codec: str) -> None:
        name = codec_of(codec)
        try:
            import av
        except ImportError as error:
            raise UsageError(
                f"{codec} video needs PyAV, which is missing: pip install 'slowfeat[video]'"
            ) from error
        self._av = av
        there = [one for one in _LIBRARIES.get(name, (name,)) if one in av.codecs_available]
        if not there:
            raise ImageError(f"the installed PyAV has no decoder for {codec} video")
        self._context = cast("VideoCodecContext", av.CodecContext.create(there[0], "r"))
        # ffmpeg refuses a larger image before it allocates it.
        self._context.options = {"max_pixels": str(MAX_PIXELS)}
        self._started = name not in _START_ANYWHERE
        self._count = 0
        # Packet number (its pts) to key, for packets whose image has not come out.
        self._waiting: dict[int, int] = {}

    @property
    def waiting(self) -> list[int]:
        """Keys of packets taken in that gave no image so far; after flush(), those that are lost.

        A packet for which decode() raised is not among them.
        """
        return list(self._waiting.values())

    def decode(self, key: int, data: Buffer) -> list[tuple[int, Image]]:
        """Hand in one packet; returns the images that are ready, RGB uint8 (H, W, 3).

        Args:
            key: names the packet; comes back with its image.
            data: the packet (for h264 and h265 in Annex B form).

        Raises:
            ImageError: the decoder refuses the packet. The decoder can be used further.
        """
        buffer = as_array(data)
        if not buffer.size:
            raise ImageError("an empty video packet")
        packet = self._av.Packet(buffer.tobytes())
        packet.pts = self._count
        self._waiting[self._count] = key
        self._count += 1
        try:
            frames = self._context.decode(packet)
        except (self._av.error.FFmpegError, ValueError, MemoryError) as error:
            self._waiting.pop(self._count - 1, None)
            raise ImageError(
                f"a video packet is broken or precedes the first keyframe: {error}"
            ) from error
        return self._pictures(frames)

    def flush(self) -> list[tuple[int, Image]]:
        """The images still inside the decoder; the last call, after the last packet.

        What a broken end holds back stays in `waiting`.
        """
        try:
            frames = self._context.decode(None)
        except (self._av.error.FFmpegError, ValueError, MemoryError):
            return []
        return self._pictures(frames)

    def _pictures(self, frames: list[VideoFrame]) -> list[tuple[int, Image]]:
        ready = []
        for frame in frames:
            self._started = self._started or frame.key_frame
            # An image without its packet cannot be matched to a stamp; a corrupt one shows nothing
            # that was there. Both stay among the waiting, that is: lost.
            if not self._started or frame.is_corrupt or frame.pts not in self._waiting:
                continue
            check_size(frame.width, frame.height)
            picture = np.ascontiguousarray(frame.to_ndarray(format="rgb24"), dtype=np.uint8)
            ready.append((self._waiting.pop(frame.pts), picture))
        return ready
