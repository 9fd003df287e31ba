"""Which topic inspect goes on with where several would do, or none."""

from __future__ import annotations

from pathlib import Path

import pytest

from slowfeat.errors import UsageError
from slowfeat_trainer.bags import Topic, open_bag, topics_of
from slowfeat_trainer.data.options import IngestOptions
from slowfeat_trainer.inspection.candidates import (
    choose_image,
    choose_source,
    kind_of,
    most_messages,
)
from tests.helpers.bag_factory import BagRecipe, make_bag

IMAGE = "sensor_msgs/msg/CompressedImage"
BAG = Path("bag")


def test_of_several_images_that_of_most_messages_is_taken_and_the_choice_is_said() -> None:
    few, many, empty = (Topic(name, IMAGE, n) for name, n in (("/a", 5), ("/b", 50), ("/c", 0)))
    one = choose_image([few, empty], IngestOptions(), BAG)
    assert (one.topic, one.ambiguous, one.candidates) == (few, False, [few])
    several = choose_image([few, many, empty], IngestOptions(), BAG)
    assert (several.topic, several.ambiguous) == (many, True)
    assert several.candidates == [few, many]
    named = choose_image([few, many], IngestOptions(image_topic="/a"), BAG)
    assert (named.topic, named.ambiguous) == (few, False)


def test_no_image_is_a_problem_and_a_wrong_name_an_error() -> None:
    none = choose_image([Topic("/odom", "nav_msgs/msg/Odometry", 9)], IngestOptions(), BAG)
    assert none.topic is None
    assert "no image topic" in none.problem
    with pytest.raises(UsageError, match="/up"):
        choose_image([Topic("/a", IMAGE, 5)], IngestOptions(image_topic="/up"), BAG)


def test_equal_topics_keep_their_order() -> None:
    a, b, c = (Topic(name, IMAGE, n) for name, n in (("/a", 5), ("/b", 9), ("/c", 5)))
    assert most_messages([a, b, c]) == [b, a, c]


def test_of_several_odometries_the_first_of_most_messages_is_taken(tmp_path: Path) -> None:
    bag = make_bag(tmp_path / "bag", BagRecipe(frames=5, odom_topics=("/odom_1", "/odom_2")))
    with open_bag(bag) as reader:
        topics = topics_of(reader)
        source, choice = choose_source(reader, topics, IngestOptions(), bag)
        assert source is not None
        assert choice.topic is not None
        assert (choice.topic.name, choice.ambiguous) == ("/odom_1", True)
        assert [kind_of(topic) for topic in choice.candidates] == ["odometry"] * 2
        named = IngestOptions(odom_topic="/odom_2")
        _, choice = choose_source(reader, topics, named, bag)
        assert choice.topic is not None
        assert (choice.topic.name, choice.ambiguous) == ("/odom_2", False)
