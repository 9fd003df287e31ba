"""Images inside a page: as data URIs, with a caption."""

from __future__ import annotations

import base64

import cv2
import numpy as np
import numpy.typing as npt

from slowfeat.images import Image

JPEG_QUALITY = 80


def data_uri(picture: Image) -> str:
    """An RGB image (H, W, 3) as a JPEG in a data URI."""
    bgr = cv2.cvtColor(picture, cv2.COLOR_RGB2BGR)
    _, jpeg = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    return f"data:image/jpeg;base64,{base64.b64encode(jpeg.tobytes()).decode('ascii')}"


def figure(source: str | None, caption: str, kind: str = "", alt: str = "frame of the bag") -> str:
    """An image with a caption, both HTML; without an image the caption says so.

    Args:
        source: data URI; None or empty where there is none.
        caption: below it; may be empty.
        kind: class of the style, such as right or wrong.
        alt: what it shows, for a screen reader.
    """
    image = f'<img src="{source}" alt="{alt}">' if source else "(no image)"
    text = f"<figcaption>{caption}</figcaption>" if caption else ""
    return f'<figure class="{kind}">{image}{text}</figure>'


def evenly(count: int, wanted: int) -> npt.NDArray[np.int64]:
    """At most `wanted` indices spread evenly over `count`, each in the middle of its share."""
    n = min(count, wanted)
    return ((np.arange(n) + 0.5) * count / max(n, 1)).astype(np.int64)
