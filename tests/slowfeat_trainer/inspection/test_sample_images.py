"""Images of a bag for the page, by their number in the topic."""

from __future__ import annotations

import base64
import re
from pathlib import Path

import cv2
import numpy as np
import pytest

from slowfeat_trainer.bags import Topic
from slowfeat_trainer.inspection import sample_images
from slowfeat_trainer.inspection.sample_images import read_pictures
from tests.helpers.bag_factory import BagRecipe, make_bag, picture, yaw_at

TOPIC = Topic("/camera/image/compressed", "sensor_msgs/msg/CompressedImage", 12)


@pytest.fixture(scope="module")
def bag(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_bag(tmp_path_factory.mktemp("bags") / "b", BagRecipe(frames=12, broken_jpeg={5}))


def decoded(uri: str) -> np.ndarray:
    code = re.sub("^data:image/jpeg;base64,", "", uri)
    bgr = cv2.imdecode(np.frombuffer(base64.b64decode(code), np.uint8), cv2.IMREAD_COLOR)
    return np.asarray(bgr[:, :, ::-1])


def test_wanted_numbers_come_and_what_is_broken_is_left_out(bag: Path) -> None:
    found = read_pictures(bag, TOPIC, (64, 48), {0, 5, 7})
    assert set(found) == {0, 7}
    seen = decoded(found[0])
    assert seen.shape == (48, 64, 3)
    # The very frame, but for two JPEGs.
    assert np.abs(seen.astype(float) - picture(yaw_at(0.0), 0.0)).mean() < 10


def test_pictures_are_made_small(bag: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sample_images, "WIDTH", 32)
    assert decoded(read_pictures(bag, TOPIC, (64, 48), {3})[3]).shape == (24, 32, 3)


def test_nothing_wanted_is_nothing_read() -> None:
    assert read_pictures(Path("nowhere"), TOPIC, (64, 48), set()) == {}
    assert read_pictures(Path("nowhere"), TOPIC, (0, 0), {1}) == {}
