"""Images of chosen stamps, made small."""

from __future__ import annotations

import base64
import re
from pathlib import Path

import cv2
import numpy as np

from slowfeat_trainer.bags import header_stamp_of_cdr, open_bag
from slowfeat_trainer.demo import result_images
from slowfeat_trainer.demo.result_images import read_pictures
from tests.helpers.bag_factory import BagRecipe, make_bag

TOPIC = "/camera/image/compressed"


def shape_of(uri: str) -> tuple[int, ...]:
    code = re.sub("^data:image/jpeg;base64,", "", uri)
    picture = cv2.imdecode(np.frombuffer(base64.b64decode(code), np.uint8), cv2.IMREAD_COLOR)
    return picture.shape


def test_only_the_wanted_images_come_and_broken_ones_are_left_out(
    tmp_path: Path, monkeypatch: object
) -> None:
    bag = make_bag(tmp_path / "bag", BagRecipe(frames=12, broken_jpeg={5}))
    with open_bag(bag) as reader:
        chosen = [c for c in reader.connections if c.topic == TOPIC]
        stamps = [header_stamp_of_cdr(raw) for _, _, raw in reader.messages(chosen)]
    found = read_pictures(bag, TOPIC, [stamps[2], stamps[5], stamps[7], 17])
    assert set(found) == {stamps[2], stamps[7]}
    assert found[stamps[2]] != found[stamps[7]]
    assert shape_of(found[stamps[2]]) == (48, 64, 3)
    assert read_pictures(bag, TOPIC, []) == {}
    assert read_pictures(bag, "/another", [stamps[2]]) == {}


def test_wide_images_are_made_small(tmp_path: Path, monkeypatch: object) -> None:
    bag = make_bag(tmp_path / "bag", BagRecipe(frames=2))
    with open_bag(bag) as reader:
        chosen = [c for c in reader.connections if c.topic == TOPIC]
        stamp = header_stamp_of_cdr(next(reader.messages(chosen))[2])
    monkeypatch.setattr(result_images, "WIDTH", 16)  # type: ignore[attr-defined]
    assert shape_of(read_pictures(bag, TOPIC, [stamp])[stamp]) == (12, 16, 3)
