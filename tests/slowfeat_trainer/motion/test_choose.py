"""The source of motion: the best there is, the one that is named, or an
error that says what there is.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from slowfeat.errors import BagError, SlowfeatError, UsageError
from slowfeat_trainer import bags
from slowfeat_trainer.data.options import IngestOptions
from slowfeat_trainer.motion.choose import MOTION_TYPES, MotionSource, find_source, read_track
from tests.helpers.motion_bags import (
    BagRecipe,
    Writer,
    make_motion_bag,
    odometry_message,
    stamp_of,
    tf_of,
    transform,
    write,
)

ANY = IngestOptions()


def source_of(path: Path, options: IngestOptions = ANY) -> MotionSource:
    with bags.open_bag(path) as reader:
        return find_source(reader, bags.topics_of(reader), options, path)


def lidar_tf(writer: Writer, r: BagRecipe) -> None:
    """Transforms that do not hold odom."""
    rows = [transform(stamp_of(r, k / 10), "mast", "lidar", 0.1 * k, 0.0) for k in range(5)]
    write(writer, "/tf", "tf2_msgs/msg/TFMessage", tf_of(rows))


@pytest.mark.parametrize(
    ("motions", "kind"),
    [
        (("twist", "pose", "tf", "odometry", "ackermann"), "odometry"),
        (("twist", "pose", "tf"), "tf"),
        (("twist", "pose", lidar_tf), "pose"),
        (("ackermann", "pose-with-covariance", "twist"), "pose with covariance"),
        (("ackermann", "twist"), "twist"),
        (("ackermann-stamped",), "ackermann"),
    ],
)
def test_the_most_trusted_kind_is_taken(tmp_path: Path, motions: tuple[str], kind: str) -> None:
    assert source_of(make_motion_bag(tmp_path / "bag", *motions)).kind == kind


def test_a_named_topic_goes_before(tmp_path: Path) -> None:
    bag = make_motion_bag(tmp_path / "bag", "odometry", "twist", "tf")
    assert source_of(bag, IngestOptions(odom_topic="cmd_vel")).kind == "twist"
    assert source_of(bag, IngestOptions(odom_topic="/tf")).kind == "tf"
    with pytest.raises(UsageError, match="has no topic /up; it has /cmd_vel"):
        source_of(bag, IngestOptions(odom_topic="/up"))


def refused(bag: Path, options: IngestOptions = ANY) -> SlowfeatError:
    with pytest.raises(SlowfeatError) as caught:
        source_of(bag, options)
    assert "\n" not in str(caught.value)
    return caught.value


def test_a_topic_of_another_type_is_refused_with_the_types_that_would_do(tmp_path: Path) -> None:
    bag = make_motion_bag(tmp_path / "bag", "odometry", with_images=True)
    error = refused(bag, IngestOptions(odom_topic="/camera/image/compressed"))
    assert isinstance(error, UsageError)
    assert all(kind in str(error) for kind in MOTION_TYPES)


def test_several_topics_of_a_kind_must_be_chosen_from(tmp_path: Path) -> None:
    def second(writer: Writer, r: BagRecipe) -> None:
        rows = [(stamp_of(r, 0), odometry_message(stamp_of(r, 0), 0.0, 0.0, "base_link"))]
        write(writer, "/wheels", "nav_msgs/msg/Odometry", rows)

    error = refused(make_motion_bag(tmp_path / "bag", "odometry", second))
    assert isinstance(error, UsageError)
    assert "--odom-topic: /odom [nav_msgs/msg/Odometry, 244], /wheels [" in str(error)


def test_a_bag_without_motion_is_refused_with_what_it_has(tmp_path: Path) -> None:
    error = refused(make_motion_bag(tmp_path / "bag", with_images=True))
    assert isinstance(error, BagError)
    assert "no motion topic" in str(error)
    assert "/camera/image/compressed" in str(error)
    assert all(kind in str(error) for kind in MOTION_TYPES)


def test_transforms_that_do_not_lead_to_the_body_are_refused_with_their_frames(
    tmp_path: Path,
) -> None:
    bag = make_motion_bag(tmp_path / "bag", lidar_tf)
    error = refused(bag)
    assert isinstance(error, BagError)
    assert "/tf has no frame odom; it has the frames lidar, mast" in str(error)
    assert "--fixed-frame" in str(error)
    assert isinstance(refused(bag, IngestOptions(odom_topic="/tf")), UsageError)
    assert source_of(bag, IngestOptions(fixed_frame="mast")).kind == "tf"


def test_ackermann_commands_need_the_wheelbase(tmp_path: Path) -> None:
    bag = make_motion_bag(tmp_path / "bag", "ackermann")
    for options in (ANY, IngestOptions(wheelbase_m=0.0), IngestOptions(wheelbase_m=float("nan"))):
        with bags.open_bag(bag) as reader:
            source = find_source(reader, bags.topics_of(reader), options, bag)
            with pytest.raises(UsageError, match="--wheelbase"):
                read_track(reader, source, options, source.dropped, [])
