"""Whose topics are whose, where several robots were recorded into one bag."""

from __future__ import annotations

import pytest

from slowfeat_trainer.bags.own_robot import without_other_robots
from slowfeat_trainer.bags.topics import Topic

ODOM, TF, IMAGE = "nav_msgs/msg/Odometry", "tf2_msgs/msg/TFMessage", "sensor_msgs/msg/Image"
TYPES = (ODOM, TF)


def named(*names: str) -> list[Topic]:
    kinds = {"odom": ODOM, "tf": TF, "tf_static": TF}
    return [Topic(name, kinds.get(name.rpartition("/")[2], IMAGE), 9) for name in names]


@pytest.mark.parametrize(
    ("image", "names", "left_out"),
    [
        # Another robot's folder goes as a whole, also what has no twin.
        (
            "/robot1/camera/image",
            [
                "/robot1/odom",
                "/robot1/tf_static",
                "/robot2/odom",
                "/robot2/tf_static",
                "/robot2/tf",
            ],
            ["/robot2/odom", "/robot2/tf_static", "/robot2/tf"],
        ),
        ("/fleet/b/cam/image", ["/fleet/a/odom", "/fleet/b/odom", "/tf"], ["/fleet/a/odom"]),
        # One robot: nothing has a twin.
        ("/camera/image", ["/odom", "/camera/odom", "/tf", "/tf_static"], []),
        # Images of neither.
        ("/overhead/image", ["/robot1/odom", "/robot2/odom"], []),
    ],
)
def test_topics_of_other_robots_are_left_out(
    image: str, names: list[str], left_out: list[str]
) -> None:
    topics = named(image, *names)
    kept = without_other_robots(topics, image, TYPES)
    assert [topic.name for topic in topics if topic not in kept] == left_out
