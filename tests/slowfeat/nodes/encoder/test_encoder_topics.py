"""The encoder node in its own process: what goes in, and what must come out."""

from __future__ import annotations

import pytest
from sensor_msgs.msg import Image
from slowfeat_interfaces.msg import Embedding
from std_srvs.srv import SetBool

from tests.slowfeat.nodes.conftest import Robot, image_message

pytestmark = pytest.mark.usefixtures("node")
START = 1_700_000_000_000_000_123


def test_enable_stops_and_resumes(robot: Robot) -> None:
    embeddings = robot.listen(Embedding, "/encoder/embedding")
    camera = robot.publisher(Image, "/image")
    assert robot.call(SetBool, "/encoder/enable", SetBool.Request(data=False)).success
    for i in range(5):
        camera.publish(image_message(START + i))
        robot.spin_for(0.05)
    assert not embeddings
    assert robot.call(SetBool, "/encoder/enable", SetBool.Request(data=True)).success
    robot.send_until(camera, image_message(START), lambda: embeddings)
