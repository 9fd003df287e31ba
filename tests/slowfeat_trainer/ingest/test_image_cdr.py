"""Images read from the bytes are those that rosbags deserialises."""

from __future__ import annotations

import numpy as np
import pytest

from slowfeat_trainer.data.shrink import Shrink
from slowfeat_trainer.ingest import chunks
from slowfeat_trainer.ingest.chunks import Chunk, decode_chunk
from slowfeat_trainer.ingest.image_cdr import KIND, compressed_picture
from tests.helpers.bag_factory import STORE, T, header
from tests.slowfeat_trainer.ingest.test_chunks import picture, png


def message(frame: str, picture_format: str, size: int) -> bytes:
    data = np.random.default_rng(size).integers(0, 256, size, dtype=np.uint8)
    made = T[KIND](header=header(3_000_000_007 + size, frame), format=picture_format, data=data)
    return bytes(STORE.serialize_cdr(made, KIND))


# Names of every length modulo four, for the alignment, and one that is not ASCII.
@pytest.mark.parametrize("frame", ["", *("camera"[:n] for n in range(1, 6)), "kamera_ä"])
@pytest.mark.parametrize("picture_format", ["png", "jpeg", "rgb8; jpeg compressed bgr8"])
@pytest.mark.parametrize("size", [1, 2, 3, 4, 500])
def test_bytes_and_messages_say_the_same(frame: str, picture_format: str, size: int) -> None:
    raw = message(frame, picture_format, size)
    for form in (raw, memoryview(raw)):
        found = compressed_picture(form)
        assert found is not None
        expected = STORE.deserialize_cdr(raw, KIND)
        assert (found.frame, found.format) == (expected.header.frame_id, expected.format)
        assert found.stamp_ns == 3_000_000_007 + size
        np.testing.assert_array_equal(found.data, expected.data)


def test_what_is_unusual_is_left_to_rosbags() -> None:
    raw = message("camera", "jpeg", 40)
    assert compressed_picture(raw) is not None
    # Big endian, another encoding, cut off, too long, no end of a string, no image, a wrong
    # length.
    for other in (
        b"\x00\x00" + raw[2:],
        b"\x00\x03" + raw[2:],
        *(raw[:n] for n in range(len(raw))),
        raw + bytes(4),
        raw.replace(b"camera\x00", b"camera_"),
        raw.replace(b"camera\x00", b"\xff\xff\xff\xff\xff\xff\x00"),
        message("camera", "jpeg", 0),
        raw[:12] + b"\xff\xff\xff\x7f" + raw[16:],
    ):
        assert compressed_picture(other) is None


def test_the_frames_are_those_that_rosbags_way_gives(monkeypatch: pytest.MonkeyPatch) -> None:
    raws = [png(10**9 + k, picture(k)) for k in range(5)]
    raws[1] = raws[1][:80]
    chunk = Chunk([0, 1, 3, 4, 7], raws, KIND, True, Shrink((24, 32)))
    quick = decode_chunk(chunk)
    monkeypatch.setattr(chunks, "compressed_picture", lambda _: None)
    slow = decode_chunk(chunk)
    np.testing.assert_array_equal(quick.frames, slow.frames)
    np.testing.assert_array_equal(quick.numbers, slow.numbers)
    np.testing.assert_array_equal(quick.stamps, slow.stamps)
    assert quick.numbers.tolist() == [0, 3, 4, 7]
    assert (quick.first, quick.dropped, quick.example) == (slow.first, slow.dropped, slow.example)
