"""The messages that ingest would leave out, and why."""

from __future__ import annotations

from dataclasses import dataclass

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
    """One row a kind and reason, as ingest counts them; the most first."""
    rows = []
    for text, count in survey.dropped.most_common():
        kind, _, reason = text.partition(": ")
        topic = survey.image_choice.topic if kind == "image" else survey.motion_choice.topic
        total = 0 if topic is None or kind == "tf" else topic.count
        share = count / total if total else None
        rows.append(Drop(kind, reason or text, count, share))
    return rows
