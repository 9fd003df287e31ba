"""Frames as images of the page: the only way that one gets in, so that
leaving them out is one switch.
"""

from __future__ import annotations

import cv2

from slowfeat_trainer.data.pairs import Part
from slowfeat_trainer.page.inline_images import data_uri, figure

HEIGHT = 84


class Pictures:
    """Makes figures of frames, or nothing where the page shall show none.

    Args:
        shown: whether the bag's own frames may be in the page.
        aspect: width over height of the camera's image, to which frames are stretched back.
    """

    def __init__(self, shown: bool, aspect: float) -> None:
        self.shown = shown
        self._size = (round(HEIGHT * min(max(aspect, 0.5), 2.5)), HEIGHT)

    @classmethod
    def of(cls, shown: bool, camera_size: tuple[int, int], frame: tuple[int, ...]) -> Pictures:
        """For frames (H, W, 3) of a camera of some (width, height);
        (0, 0) where that is not known.
        """
        width, height = camera_size if min(camera_size) > 0 else (frame[1], frame[0])
        return cls(shown, width / height)

    def frame(self, part: Part, index: int, caption: str = "", kind: str = "") -> str:
        """A figure of one frame of a part; empty where frames are left out."""
        if not self.shown:
            return ""
        frame = part.frames[[index]][0]
        shrinks = frame.shape[0] * frame.shape[1] > self._size[0] * self._size[1]
        way = cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC
        return figure(data_uri(cv2.resize(frame, self._size, interpolation=way)), caption, kind)
