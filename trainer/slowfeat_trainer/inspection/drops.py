"""The messages that the suggested ingest command would leave out, and why."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np

from slowfeat_trainer.ingest.ingest_bag import NO_POSE, STILL, attach_poses
from slowfeat_trainer.ingest.read_images import Thinner
from slowfeat_trainer.inspection.suggest import recommend
from slowfeat_trainer.inspection.survey import Survey


@dataclass(frozen=True)
class Drop:
    """Messages of one kind that are left out for one reason."""

    # "image", or a kind of source of motion.
    kind: str
    reason: str
    count: int
    # Of the messages of the topic; None where messages are not what is counted (transforms).
    share: float | None


def drops_of(survey: Survey) -> list[Drop]:
    """One row a kind and reason, as the suggested command counts them; the most first."""
    rows = []
    for text, count in dropped_by_suggestion(survey).most_common():
        kind, _, reason = text.partition(": ")
        topic = survey.image_choice.topic if kind == "image" else survey.motion_choice.topic
        total = 0 if topic is None or kind == "tf" else topic.count
        share = count / total if total else None
        rows.append(Drop(kind, reason or text, count, share))
    return rows


def dropped_by_suggestion(survey: Survey) -> Counter[str]:
    """What is left out by the options that are suggested, which may be more than by those given."""
    options, together, images = recommend(survey), survey.together, survey.images
    given = survey.options
    if options == given or together is None or images is None or survey.motion is None:
        return survey.dropped
    order, stamps = images.usable.order, images.usable.stamps
    if options.rate_hz is not None and given.rate_hz is None:
        thinner = Thinner(options.rate_hz)
        kept = np.array([thinner.wants(int(stamp)) for stamp in stamps], dtype=bool)
        order, stamps = order[kept], stamps[kept]
    offset_s = together.offset_s
    if options.odom_offset_auto:
        offset_s = together.clock.seconds
    elif options.odom_offset_s is not None:
        offset_s = options.odom_offset_s
    dropped = Counter({k: n for k, n in survey.dropped.items() if k not in (NO_POSE, STILL)})
    attach_poses(order, stamps, survey.motion.track, offset_s, options, dropped)
    return +dropped
