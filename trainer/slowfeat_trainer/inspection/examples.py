"""The page's images: sample frames, and a pair of frames for each motion pattern."""

from __future__ import annotations

import numpy as np

from slowfeat.geometry import Array
from slowfeat.odometry import NS, Stamps
from slowfeat_trainer.bags import VIDEO_TYPES
from slowfeat_trainer.inspection import phrases as words
from slowfeat_trainer.inspection.image_survey import Images
from slowfeat_trainer.inspection.sample_images import read_pictures
from slowfeat_trainer.inspection.survey import Survey, SyncReport
from slowfeat_trainer.inspection.verdict import percent
from slowfeat_trainer.page.inline_images import figure
from slowfeat_trainer.page.patterns import pattern_card
from slowfeat_trainer.page.plots import drawn_reach

STRIP = 8


def start_of(survey: Survey) -> int:
    """The first stamp of images and motion, ns."""
    firsts = []
    if survey.images is not None and len(survey.images.usable.stamps):
        firsts.append(int(survey.images.usable.stamps[0]))
    if survey.motion is not None and len(survey.motion.track):
        firsts.append(int(survey.motion.track.stamps[0]))
    return min(firsts, default=survey.start_ns)


def seconds_since(stamps: Stamps, start_ns: int) -> Array:
    """Seconds (N,) from a moment to stamps (N,)."""
    return np.asarray((stamps - start_ns) / NS)


class Examples:
    """Sample frames, and a pair of frames for each motion pattern, read in one go.

    Args:
        survey: of the bag.
        with_frames: whether its own images are shown.
    """

    def __init__(self, survey: Survey, with_frames: bool) -> None:
        self._survey = survey
        images, together = survey.images, survey.together
        self._strip: list[int] = []
        self._pairs: list[tuple[int, int] | None] = []
        self._pictures: dict[int, str] = {}
        if images is not None:
            order = images.usable.order
            if images.times.topic.type in VIDEO_TYPES:
                order = images.first.order
            places = ((np.arange(STRIP) + 0.5) * len(order) / STRIP).astype(int)
            self._strip = order[np.unique(places)].tolist() if len(order) else []
        if together is not None and together.patterns is not None:
            self._pairs = example_pairs(together)
        if with_frames and images is not None:
            self._read(images)

    def _read(self, images: Images) -> None:
        rows = {*self._strip, *(row for pair in self._pairs if pair for row in pair)}
        numbers = {int(images.numbers[row]) for row in rows}
        if images.times.topic.type in VIDEO_TYPES and not images.complete:
            # Further on, all that lies before would have to be decoded.
            numbers = {number for number in numbers if number < images.tried}
        found = read_pictures(self._survey.path, images.times.topic, images.picture.size, numbers)
        self._pictures = {
            row: found[int(images.numbers[row])]
            for row in rows
            if int(images.numbers[row]) in found
        }

    def strip(self) -> str:
        """Sample frames."""
        images = self._survey.images
        if images is None or not self._pictures:
            return ""
        seconds = dict(
            zip(
                images.usable.order.tolist(),
                seconds_since(images.usable.stamps, start_of(self._survey)).tolist(),
                strict=True,
            )
        )
        shown = "".join(self._figure(row, f"{seconds[row]:.1f} s") for row in self._strip)
        return (
            "<section><h2>What the camera saw</h2><p>Evenly spaced frames.</p>"
            f'<div class="strip">{shown}</div></section>'
        )

    def _figure(self, row: int, caption: str) -> str:
        picture = self._pictures.get(row)
        if picture is None:
            return ""
        return figure(picture, caption, alt=f"frame at {caption}")

    def patterns(self) -> str:
        """The motion patterns, each with a pair of frames."""
        together = self._survey.together
        if together is None or together.patterns is None:
            return ""
        centroids = together.patterns.centroids
        reach = drawn_reach(centroids)
        items = []
        told = words.patterns(together.patterns)
        for (count, share, text), centroid, pair in zip(told, centroids, self._pairs, strict=True):
            both = ""
            if pair is not None and all(row in self._pictures for row in pair):
                both = self._figure(pair[0], "before") + self._figure(pair[1], "after")
            about = f"{count} pairs: {text}"
            items.append(pattern_card(centroid, reach, percent(share), about, both))
        return (
            "<section><h2>Motion patterns</h2><p>The kinds of motion that training would find "
            "among these pairs, without the slowest fifth. From above, forward is up.</p>"
            f'<div class="patterns">{"".join(items)}</div></section>'
        )


def example_pairs(together: SyncReport) -> list[tuple[int, int] | None]:
    """For each pattern, the rows of the pair of frames whose motion is nearest to its centroid."""
    patterns = together.patterns
    if patterns is None:
        return []
    motions = patterns.standardise(together.motions)
    pairs: list[tuple[int, int] | None] = []
    for centroid in patterns.standardise(patterns.centroids):
        best = int(np.argmin(((motions - centroid) ** 2).sum(axis=1)))
        rows = together.kept.rows
        pairs.append((int(rows[together.before[best]]), int(rows[together.after[best]])))
    return pairs
