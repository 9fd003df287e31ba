"""The images of a bag: which can be decoded, how bright they are, and which stamps they have."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from slowfeat.images import FULL_BITS
from slowfeat.scaled_decoding import SCALED
from slowfeat_trainer import bags
from slowfeat_trainer.data.clock_offset import MAX_STEPS
from slowfeat_trainer.data.options import IngestOptions
from slowfeat_trainer.data.shrink import Shrink
from slowfeat_trainer.ingest.chunks import THINNED, UNDECODABLE, Chunk, Picture, decode_chunk
from slowfeat_trainer.ingest.engines import Engine
from slowfeat_trainer.ingest.frames_file import rows_of
from slowfeat_trainer.ingest.read_images import ImageRows, Thinner, read_images
from slowfeat_trainer.inspection.topic_survey import TopicTimes
from slowfeat_trainer.motion.stamps import UsableStamps, usable_stamps

if TYPE_CHECKING:
    from rosbags.highlevel import AnyReader

# Of a longer topic so many images are decoded at its beginning, for the clocks, ...
FIRST = MAX_STEPS + 1
# ... and so many evenly spaced ones.
SAMPLES = 200
# Mean grey of 255 below or above which an image is nearly black or nearly white.
DARK, BRIGHT = 20.0, 235.0
# Before a message's frame name and pixels stand 4 bytes and the stamp, in ROS 1 and in ROS 2.
BEFORE_CONTENT = 12

Index = npt.NDArray[np.int64]


class ImageStats:
    """Looks at image messages while the times are read: repeats, and a sample decoded."""

    def __init__(
        self, topic: bags.Topic, is_cdr: bool, everything: bool, bits: int = FULL_BITS
    ) -> None:
        self._topic, self._is_cdr, self._bits = topic, is_cdr, bits
        self.is_video = topic.type in bags.VIDEO_TYPES
        # Whether all images are decoded afterwards, so that no sample is needed.
        self.complete = everything or topic.count <= FIRST
        self._last = b""
        # Messages whose content is that of the one before, byte for byte.
        self.repeats = 0
        self._wanted: set[int] = set()
        if not self.complete and not self.is_video:
            places = (np.arange(SAMPLES) + 0.5) * topic.count / SAMPLES
            self._wanted = set(places.astype(int).tolist())
        # Numbers of the samples, of those that cannot be decoded, and mean greys of those that can.
        self.looked: list[int] = []
        self.bad: list[int] = []
        self.greys: list[float] = []

    def __call__(self, number: int, raw: bytes) -> None:
        """Look at one message."""
        if self.is_video:
            return
        content = bytes(raw[BEFORE_CONTENT:])
        self.repeats += bool(content) and content == self._last
        self._last = content
        if number in self._wanted:
            self.looked.append(number)
            shrink = Shrink((64, 64), decoding=SCALED)
            chunk = Chunk([number], [raw], self._topic.type, self._is_cdr, shrink, self._bits)
            one = decode_chunk(chunk)
            self.greys += greys(one.frames)
            if not len(one.numbers):
                self.bad.append(number)


@dataclass
class Images:
    """What is known of the images."""

    times: TopicTimes
    picture: Picture
    # Messages that were decoded or failed, and how many of them failed; whether that is all there
    # are.
    tried: int
    undecodable: int
    complete: bool
    # Why one of them failed.
    example: str
    # Messages whose content is that of the one before, byte for byte; None for video.
    repeats: int | None
    # Shares of nearly black and nearly white images.
    dark_share: float
    bright_share: float
    # Number in the topic of each image that goes on to `usable`.
    numbers: Index
    usable: UsableStamps
    # The same of the rows of the frames file, for comparing clocks.
    first: UsableStamps
    dropped: Counter[str] = field(default_factory=Counter)

    @property
    def undecodable_share(self) -> float:
        """Of those tried."""
        return self.undecodable / self.tried if self.tried else 0.0


def look_at_images(
    reader: AnyReader,
    times: TopicTimes,
    glance: ImageStats,
    options: IngestOptions,
    engine: Engine,
    folder: Path,
) -> Images:
    """Decode images into `folder`/all.npy as ingest does: all, or the first few thousand.

    What stamps drop is that of all images in both cases.
    """
    topic = times.topic
    rows = read_images(
        reader,
        topic,
        Shrink((64, 64), decoding=options.decoding),
        engine,
        folder / "all.npy",
        rate_hz=options.rate_hz,
        most=None if glance.complete else FIRST,
    )
    first = usable_stamps(rows.header_ns, rows.receive_ns, "image")
    numbers, dropped = rows.numbers, rows.dropped
    header, receive, usable = rows.header_ns, rows.receive_ns, first
    tried = rows.messages - rows.dropped[THINNED]
    shown = _greys_of(folder / "all.npy", len(numbers)) if glance.complete else glance.greys
    if not glance.complete:
        numbers, dropped = _all_numbers(times, rows, glance, options.rate_hz)
        if times.header_ns is not None:
            header = times.header_ns[numbers]
        receive = times.receive_ns[numbers]
        usable = usable_stamps(header, receive, "image")
        tried += sum(number >= rows.messages for number in glance.looked)
        shown = shown or _greys_of(folder / "all.npy", len(rows.numbers))
    grey = np.array(shown)
    return Images(
        times=times,
        picture=rows.picture,
        tried=tried,
        undecodable=dropped[UNDECODABLE],
        complete=glance.complete,
        example=rows.example,
        repeats=None if glance.is_video else glance.repeats,
        dark_share=float(np.mean(grey < DARK)) if len(grey) else 0.0,
        bright_share=float(np.mean(grey > BRIGHT)) if len(grey) else 0.0,
        numbers=numbers,
        usable=usable,
        first=first,
        dropped=dropped + usable.dropped,
    )


def _all_numbers(
    times: TopicTimes, rows: ImageRows, glance: ImageStats, rate_hz: float | None
) -> tuple[Index, Counter[str]]:
    """Numbers of the images that ingest would decode, but for those that nobody tried to decode."""
    count = len(times)
    wanted = np.ones(count, dtype=bool)
    headers = times.receive_ns if times.header_ns is None else times.header_ns
    if rate_hz is not None:
        thinner = Thinner(rate_hz)
        stamps = np.where(headers == 0, times.receive_ns, headers)
        wanted = np.array([thinner.wants(int(stamp)) for stamp in stamps], dtype=bool)
    good = wanted.copy()
    good[: rows.messages] = False
    good[rows.numbers] = True
    good[np.array(glance.bad, dtype=np.int64)] = False
    dropped: Counter[str] = Counter()
    dropped[THINNED] = int((~wanted).sum())
    others = {
        reason: n for reason, n in rows.dropped.items() if reason not in (THINNED, UNDECODABLE)
    }
    dropped.update(others)
    dropped[UNDECODABLE] = int((wanted & ~good).sum()) - sum(others.values())
    return np.flatnonzero(good).astype(np.int64), +dropped


def greys(frames: npt.NDArray[np.uint8]) -> list[float]:
    """Mean grey of each frame (N, H, W, 3), from 0 to 255."""
    return [float(value) for value in frames.mean(axis=(1, 2, 3))] if len(frames) else []


def _greys_of(file: Path, rows: int) -> list[float]:
    return [
        grey for block in rows_of(file, np.arange(rows, dtype=np.int64)) for grey in greys(block)
    ]
