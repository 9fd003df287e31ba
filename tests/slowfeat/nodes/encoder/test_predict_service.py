"""The service ~/predict over real DDS: right answers, and refusals that leave the node alive."""

from __future__ import annotations

import math
from array import array
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from geometry_msgs.msg import Quaternion, Transform, Vector3
from slowfeat_interfaces.srv import PredictTransforms

from slowfeat.bundle import load_bundle
from slowfeat.encoder import Encoder
from slowfeat.nodes.messages import transforms_from_motions
from tests.conftest import TINY_DIMENSION
from tests.slowfeat.nodes.conftest import Robot

pytestmark = pytest.mark.usefixtures("node")
SERVICE = "/encoder/predict"
EMBEDDING = array("f", [0.5] * TINY_DIMENSION)
STILL = Transform(rotation=Quaternion(w=1.0))


def ask(robot: Robot, motions: list[Any], embedding: array[float] = EMBEDDING) -> Any:
    request = PredictTransforms.Request(motions=motions, embedding=embedding)
    return robot.call(PredictTransforms, SERVICE, request)


def test_answers_for_any_list_of_motions(robot: Robot, tiny_bundle: Path) -> None:
    motions = np.random.default_rng(0).uniform(-1, 1, (50, 6))
    response = ask(robot, transforms_from_motions(motions))
    assert response.success, response.message
    assert response.predictions.dimension == TINY_DIMENSION
    assert response.predictions.motions == transforms_from_motions(motions)
    after, error = Encoder(load_bundle(tiny_bundle)).predict(EMBEDDING, motions)
    got = np.reshape(response.predictions.data, (50, TINY_DIMENSION))
    np.testing.assert_allclose(got, after, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(response.predictions.expected_error, error, rtol=1e-4)


@pytest.mark.parametrize(
    ("motions", "embedding", "reason"),
    [
        ([], EMBEDDING, "0 motions"),
        ([STILL], array("f", [1.0, 2.0]), "2 numbers"),
        ([STILL], array("f", [math.nan] * TINY_DIMENSION), "not finite"),
        ([STILL], array("f"), "no image has been embedded yet"),
        (
            [STILL, Transform(translation=Vector3(x=math.nan), rotation=Quaternion(w=1.0))],
            EMBEDDING,
            "motion 1 is not finite",
        ),
        ([Transform(rotation=Quaternion(w=0.5))], EMBEDDING, "length 0.5; it must be 1"),
        ([Transform(rotation=Quaternion(w=0.0))], EMBEDDING, "length 0; it must be 1"),
    ],
)
def test_malformed_request_is_refused_and_survived(
    robot: Robot, motions: list[Any], embedding: array[float], reason: str
) -> None:
    response = ask(robot, motions, embedding)
    assert not response.success
    assert reason in response.message
    assert len(response.predictions.data) == 0
    assert ask(robot, [STILL]).success
