"""What happens to a frame in the running node: embedded, predicted
for, checked against odometry.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from nav_msgs.msg import Odometry
from rcl_interfaces.msg import Parameter, ParameterType, ParameterValue
from rcl_interfaces.srv import SetParameters
from rclpy.qos import DurabilityPolicy, QoSProfile, qos_profile_sensor_data
from sensor_msgs.msg import Image
from slowfeat_interfaces.msg import BundleInfo, Embedding, EquivarianceError, PredictedEmbeddings

from slowfeat.bundle import load_bundle
from slowfeat.encoder import Encoder
from tests.conftest import TINY_DIMENSION, TINY_PATTERNS
from tests.slowfeat.nodes.conftest import Robot, image_message, odometry_message

pytestmark = pytest.mark.usefixtures("node")
MS = 1_000_000
START = 1_700_000_000_000_000_123


def pixels_of(message: Image) -> Any:
    return np.frombuffer(message.data, np.uint8).reshape(message.height, message.width, 3)


def test_embedding_has_the_images_header_and_the_engines_numbers(
    robot: Robot, tiny_bundle: Path
) -> None:
    embeddings = robot.listen(Embedding, "/encoder/embedding")
    camera = robot.publisher(Image, "/image", qos_profile_sensor_data)
    image = image_message(START)
    robot.send_until(camera, image, lambda: embeddings)
    assert embeddings[0].header == image.header
    assert embeddings[0].model == "tiny"
    expected = Encoder(load_bundle(tiny_bundle)).embed(pixels_of(image))
    np.testing.assert_allclose(embeddings[0].data, expected, rtol=1e-5)


def test_predictions_are_for_the_motion_patterns_by_default(
    robot: Robot, tiny_bundle: Path
) -> None:
    predictions = robot.listen(PredictedEmbeddings, "/encoder/predictions")
    camera = robot.publisher(Image, "/image")
    image = image_message(START)
    robot.send_until(camera, image, lambda: predictions)
    message = predictions[0]
    assert message.header == image.header
    assert message.dimension == TINY_DIMENSION
    assert len(message.motions) == len(message.expected_error) == len(TINY_PATTERNS)
    encoder = Encoder(load_bundle(tiny_bundle))
    after, error = encoder.predict(encoder.embed(pixels_of(image)), TINY_PATTERNS)
    got = np.reshape(message.data, (len(message.motions), message.dimension))
    np.testing.assert_allclose(got, after, rtol=1e-5)
    np.testing.assert_allclose(message.expected_error, error, rtol=1e-5)
    assert message.motions[1].rotation.z == pytest.approx(math.sin(0.15))


def test_motions_can_be_changed_while_the_node_runs(robot: Robot) -> None:
    def set_motions(values: list[float]) -> Any:
        value = ParameterValue(type=ParameterType.PARAMETER_DOUBLE_ARRAY, double_array_value=values)
        request = SetParameters.Request(parameters=[Parameter(name="motions", value=value)])
        return robot.call(SetParameters, "/encoder/set_parameters", request).results[0]

    predictions = robot.listen(PredictedEmbeddings, "/encoder/predictions")
    camera = robot.publisher(Image, "/image")
    assert set_motions([0.1, 0, 0, 0, 0, 0] * 3).successful
    robot.send_until(
        camera, image_message(START), lambda: predictions and len(predictions[-1].motions) == 3
    )
    refused = set_motions([1.0, 2.0])
    assert not refused.successful
    assert "multiple of 6" in refused.reason
    assert set_motions([]).successful
    robot.send_until(camera, image_message(START), lambda: len(predictions[-1].motions) == 2)


def test_late_subscriber_gets_the_bundles_description(robot: Robot, tiny_bundle: Path) -> None:
    latched = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)
    infos = robot.listen(BundleInfo, "/encoder/info", latched)
    robot.spin_until(lambda: infos, "~/info")
    info = infos[0]
    assert (info.name, info.dimension, info.distance) == ("tiny", TINY_DIMENSION, "l2")
    assert (info.image_height, info.image_width) == (16, 24)
    assert info.path == str(tiny_bundle.resolve())
    assert list(info.motion_pattern_counts) == [10, 20]
    assert info.execution_provider == "cpu"
    assert len(info.encoder_sha256) == 64


def test_own_motion_is_compared_with_its_prediction(robot: Robot, tiny_bundle: Path) -> None:
    errors = robot.listen(EquivarianceError, "/encoder/equivariance_error")
    camera = robot.publisher(Image, "/image")
    wheels = robot.publisher(Odometry, "/odom")
    robot.spin_for(1.2)
    start = START + 3_600_000 * MS
    images = {}
    for i in range(25):
        stamp = start + i * 50 * MS
        # 0.5 m/s forward, at stamps between those of the images
        wheels.publish(odometry_message(stamp - 10 * MS, x=0.025 * i - 0.005))
        images[stamp] = image_message(stamp, seed=i)
        camera.publish(images[stamp])
        robot.spin_for(0.05)
    robot.spin_until(lambda: errors, "~/equivariance_error")
    message = errors[0]
    assert message.duration == pytest.approx(0.5, abs=0.06)
    assert message.motion.translation.x == pytest.approx(0.5 * message.duration, abs=1e-6)
    stamp = message.header.stamp.sec * 1_000_000_000 + message.header.stamp.nanosec
    earlier = stamp - round(message.duration * 1e9)
    encoder = Encoder(load_bundle(tiny_bundle))
    before, after = (encoder.embed(pixels_of(images[s])) for s in (earlier, stamp))
    motion = [message.motion.translation.x, 0, 0, 0, 0, 0]
    predicted, expected = encoder.predict(before, motion)
    assert message.error == pytest.approx(np.linalg.norm(predicted[0] - after), rel=1e-4)
    assert message.change == pytest.approx(np.linalg.norm(before - after), rel=1e-4)
    assert message.ratio == pytest.approx(message.error / expected[0], rel=1e-3)
