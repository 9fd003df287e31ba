"""Images of a bag for the page: chosen frames, made small, as data URIs."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import cv2

from slowfeat.errors import ImageError
from slowfeat.images import decode_message
from slowfeat_trainer.bags import IMAGE_TYPES, header_stamp_of_cdr, open_bag
from slowfeat_trainer.page.inline_images import data_uri

WIDTH = 256


def read_pictures(bag: Path, topic: str, stamps: Collection[int]) -> dict[int, str]:
    """JPEG data URIs, at most WIDTH pixels wide, of the images with the given header stamps.

    Only these are decoded. One that cannot be is left out.
    """
    wanted = set(stamps)
    found: dict[int, str] = {}
    if not wanted:
        return found
    with open_bag(bag) as reader:
        chosen = [c for c in reader.connections if c.topic == topic and c.msgtype in IMAGE_TYPES]
        # No connections would mean all of them.
        for connection, _, data in reader.messages(chosen) if chosen else ():
            stamp = header_stamp_of_cdr(data)
            if stamp not in wanted or stamp in found:
                continue
            try:
                picture = decode_message(reader.deserialize(data, connection.msgtype))
            except ImageError:
                continue
            height, width = picture.shape[:2]
            if width > WIDTH:
                size = (WIDTH, max(1, round(height * WIDTH / width)))
                picture = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
            found[stamp] = data_uri(picture)
    return found
