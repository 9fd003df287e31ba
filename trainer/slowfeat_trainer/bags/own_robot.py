"""Which topics of a bag are those of another robot than the one whose images are read."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from slowfeat_trainer.bags.topics import Topic


def without_other_robots(
    topics: Sequence[Topic], image_topic: str, types: Collection[str]
) -> list[Topic]:
    """Topics without those of some types that belong to another robot.

    A topic has a twin where another one differs from it in one element of its name but the last:
    /robot1/odom and /robot2/odom. Where one twin stands beside the images, the other's folder is
    another robot's.

    Args:
        topics: all topics of the bag.
        image_topic: whose robot is the own one.
        types: the message types that are looked at.
    """
    own = _elements(image_topic)
    looked_at = [(topic, _elements(topic.name)) for topic in topics if topic.type in types]
    others: set[tuple[str, ...]] = set()
    for topic, name in looked_at:
        for twin, twin_name in looked_at:
            place = _difference(name, twin_name) if twin.type == topic.type else None
            if place is not None and twin_name[: place + 1] == own[: place + 1]:
                others.add(tuple(name[: place + 1]))
    others = {folder for folder in others if tuple(own[: len(folder)]) != folder}
    foreign = {
        topic
        for topic, name in looked_at
        if any(tuple(name[: len(folder)]) == folder for folder in others)
    }
    return [topic for topic in topics if topic not in foreign]


def _elements(name: str) -> list[str]:
    return name.strip("/").split("/")


def _difference(a: list[str], b: list[str]) -> int | None:
    """The only place but the last where two names differ; None where
    there is none or there are more.
    """
    if len(a) != len(b):
        return None
    places = [k for k, (x, y) in enumerate(zip(a, b, strict=True)) if x != y]
    return places[0] if len(places) == 1 and places[0] < len(a) - 1 else None
