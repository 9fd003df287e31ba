"""Chunks: the pure function that every engine runs, and how an image becomes a frame."""

from __future__ import annotations

import cv2
import numpy as np

from slowfeat.images import resize_for_encoder
from slowfeat_trainer.data.shrink import Shrink
from slowfeat_trainer.ingest.chunks import UNDECODABLE, Chunk, decode_chunk
from tests.helpers.bag_factory import STORE, T, header

KIND = "sensor_msgs/msg/CompressedImage"


def picture(seed: int, height: int = 48, width: int = 64) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return cv2.GaussianBlur(rng.integers(0, 256, (height, width, 3), dtype=np.uint8), (0, 0), 3)


def png(stamp: int, rgb: np.ndarray) -> bytes:
    data = cv2.imencode(".png", rgb[:, :, ::-1])[1].ravel()
    message = T[KIND](header=header(stamp, "cam"), format="png", data=data)
    return bytes(STORE.serialize_cdr(message, KIND))


def test_what_decodes_is_kept_and_the_rest_counted() -> None:
    pictures = [picture(k) for k in range(4)]
    raws = [png(10**9 + k, p) for k, p in enumerate(pictures)]
    raws[2] = raws[2][:60]  # the message ends within its header's fields or its image
    raws.append(b"\x00")
    found = decode_chunk(Chunk([5, 6, 8, 9, 11], raws, KIND, True, Shrink((24, 32))))
    assert found.numbers.tolist() == [5, 6, 9]
    assert (found.stamps - 10**9).tolist() == [0, 1, 3]
    assert found.dropped == {UNDECODABLE: 2}
    assert found.example
    expected = [resize_for_encoder(pictures[k], (24, 32)) for k in (0, 1, 3)]
    np.testing.assert_array_equal(found.frames, expected)
    assert (found.first.frame, found.first.size, found.first.encoding) == ("cam", (64, 48), "png")
