"""Where the camera sits: from the user, from static transforms, or unknown with a warning."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from slowfeat.errors import UsageError
from slowfeat.geometry import pose_matrix
from slowfeat_trainer import bags
from slowfeat_trainer.data.options import IngestOptions
from slowfeat_trainer.motion.camera_info import read_calibration
from slowfeat_trainer.motion.extrinsic import checked_extrinsic, read_extrinsic
from tests.helpers.bag_factory import HORIZONTAL_FOV, BagRecipe, make_bag, tf_message
from tests.helpers.motion_bags import Writer, make_motion_bag, stamp_of, tf_of, transform, write

CAMERA = "camera_optical_frame"
SAID = (1.0, 2.0, 3.0, 0.0, 0.0, 0.0, 1.05)


def extrinsic_of(
    path: Path, body: str = "base_link", camera: str = CAMERA, said: tuple[float, ...] | None = None
) -> tuple[list[float] | None, list[str]]:
    warnings: list[str] = []
    with bags.open_bag(path) as reader:
        topics = bags.topics_of(reader)
        options = IngestOptions(extrinsic=said)
        return read_extrinsic(reader, topics, body, camera, options, warnings), warnings


def statics_on_tf(writer: Writer, r: BagRecipe) -> None:
    """The transforms of tf_message, told again and again on /tf."""
    rows: list[Any] = []
    for k in range(3):
        message = tf_message()
        for item in message.transforms:
            item.header.stamp.sec += k
        rows += message.transforms
    write(writer, "/tf", "tf2_msgs/msg/TFMessage", tf_of(rows))


def check(extrinsic: list[float] | None) -> None:
    """The camera of tf_message: 10 cm ahead, 20 cm up, looks forward."""
    assert extrinsic is not None
    T = pose_matrix(extrinsic[:3], extrinsic[3:])
    np.testing.assert_allclose(T[:3, 3], [0.1, 0, 0.2], atol=1e-9)
    np.testing.assert_allclose(T[:3, 2], [1, 0, 0], atol=1e-9)


def test_static_transforms_say_where_the_camera_sits(tmp_path: Path) -> None:
    extrinsic, warnings = extrinsic_of(make_bag(tmp_path / "bag", BagRecipe(with_tf_static=True)))
    check(extrinsic)
    assert not warnings


def test_statics_on_tf_do_as_well(tmp_path: Path) -> None:
    extrinsic, warnings = extrinsic_of(make_motion_bag(tmp_path / "bag", statics_on_tf))
    check(extrinsic)
    assert not warnings


def test_an_optical_body_has_body_axes(tmp_path: Path) -> None:
    bag = make_bag(tmp_path / "bag", BagRecipe(with_tf_static=True))
    extrinsic, _ = extrinsic_of(bag, body=CAMERA)
    assert extrinsic is not None
    T = pose_matrix(extrinsic[:3], extrinsic[3:])
    np.testing.assert_allclose(T[:3, 3], 0, atol=1e-9)
    np.testing.assert_allclose(T[:3, 2], [1, 0, 0], atol=1e-9)


def test_a_camera_on_a_moving_joint_is_not_taken_as_fixed(tmp_path: Path) -> None:
    def pan(writer: Writer, r: BagRecipe) -> None:
        rows = [transform(stamp_of(r, k), "base_link", CAMERA, 0.0, 0.1 * k) for k in range(9)]
        write(writer, "/tf", "tf2_msgs/msg/TFMessage", tf_of(rows))

    assert extrinsic_of(make_motion_bag(tmp_path / "bag", pan))[0] is None


def test_what_nothing_says_is_unknown_with_one_warning(tmp_path: Path) -> None:
    extrinsic, warnings = extrinsic_of(make_bag(tmp_path / "bag"))
    assert extrinsic is None
    assert len(warnings) == 1
    assert "--extrinsic" in warnings[0]
    assert CAMERA in warnings[0]


def test_the_users_word_goes_before(tmp_path: Path) -> None:
    bag = make_bag(tmp_path / "bag", BagRecipe(with_tf_static=True))
    extrinsic, warnings = extrinsic_of(bag, said=SAID)
    assert extrinsic == [1, 2, 3, 0, 0, 0, 1]
    assert not warnings


@pytest.mark.parametrize(
    "numbers", [(), SAID[:6], (*SAID[:6], float("nan")), (0.0,) * 7, (0.0,) * 6 + (2.0,)]
)
def test_numbers_that_are_no_pose_are_refused(numbers: tuple[float, ...]) -> None:
    with pytest.raises(UsageError, match="--extrinsic"):
        checked_extrinsic(numbers)


def test_the_field_of_view_comes_from_camera_info(tmp_path: Path) -> None:
    topic = "/camera/image/compressed"
    for known in (True, False):
        bag = make_bag(tmp_path / f"bag{known}", BagRecipe(with_camera_info=known))
        with bags.open_bag(bag) as reader:
            fov = read_calibration(reader, bags.topics_of(reader), topic).horizontal_fov
        assert fov == (pytest.approx(HORIZONTAL_FOV) if known else None)


def two_places(writer: Writer, r: BagRecipe) -> None:
    """A second publisher mounts the camera 5 cm higher."""
    rows, again = tf_message().transforms, tf_message().transforms
    again[-1].transform.translation.z += 0.05
    write(writer, "/tf_static", "tf2_msgs/msg/TFMessage", tf_of([*rows, *again]))


def two_parents(writer: Writer, r: BagRecipe) -> None:
    """The camera hangs on the body, and on an arm."""
    rows = tf_message().transforms
    again = tf_message().transforms[-1]
    again.header.frame_id = "arm"
    write(writer, "/tf_static", "tf2_msgs/msg/TFMessage", tf_of([again, *rows]))


@pytest.mark.parametrize(
    ("publish", "says"),
    [(two_places, "has several places in"), (two_parents, "hangs on arm, ")],
)
def test_transforms_that_contradict_each_other_are_noticed(
    publish: Any, says: str, tmp_path: Path
) -> None:
    extrinsic, warnings = extrinsic_of(make_motion_bag(tmp_path / "bag", publish))
    assert extrinsic is not None
    (warning,) = warnings
    assert says in warning
