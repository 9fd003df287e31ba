"""Reading bags: what is used, what is dropped and why, and what is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from slowfeat.errors import BagError, UsageError
from slowfeat.geometry import pose_matrix, relative_motion
from slowfeat_trainer.bags import bag_sha256
from slowfeat_trainer.recording import ReadOptions, read_recording
from tests.trainer.bag_factory import HORIZONTAL_FOV, NS, START_S, BagRecipe, make_bag, yaw_at

SIZE = ReadOptions(image_size=(24, 32))


def test_frames_carry_the_pose_at_their_own_stamp(tmp_path: Path) -> None:
    recording = read_recording(make_bag(tmp_path / "bag", BagRecipe(odom_rate=50)), SIZE)
    assert recording.frames.shape == (120, 24, 32, 3)
    assert not recording.dropped
    t = (recording.stamps - START_S * NS) / NS
    np.testing.assert_allclose(t, np.arange(120) / 10, atol=1e-9)
    motion = relative_motion(recording.poses[0], recording.poses[40])
    assert motion[5] == pytest.approx(yaw_at(4.0) - yaw_at(0.0), abs=1e-3)
    np.testing.assert_allclose(recording.poses[:, 0, 3], 0.4 * t, atol=1e-9)


def test_an_offset_shifts_the_odometry_against_the_images(tmp_path: Path) -> None:
    bag = make_bag(tmp_path / "bag", BagRecipe(odom_ahead_s=0.2))
    late = read_recording(bag, ReadOptions(odom_offset_s=0.2))
    np.testing.assert_allclose(
        late.poses[:, 0, 3], (late.stamps - START_S * NS) / NS * 0.4, atol=1e-6
    )
    early = read_recording(bag, ReadOptions())
    assert early.poses[0, 0, 3] == pytest.approx(0.2 * 0.4, abs=1e-6)


def test_every_dropped_message_is_counted_with_its_reason(tmp_path: Path) -> None:
    faults = BagRecipe(
        zero_stamp={5}, repeated_stamp={9}, broken_jpeg={20, 21}, nan_pose={30, 31, 32}
    )
    recording = read_recording(make_bag(tmp_path / "bag", faults), SIZE)
    assert dict(recording.dropped) == {
        "image cannot be decoded": 2,
        "image stamp repeated": 1,
        "odometry: pose not finite": 3,
    }
    assert len(recording) == 120 - 3
    assert any("1 images have no stamp" in text for text in recording.warnings)


def test_camera_and_extrinsic_are_found(tmp_path: Path) -> None:
    bag = make_bag(tmp_path / "bag", BagRecipe(with_camera_info=True, with_tf_static=True))
    recording = read_recording(bag, SIZE)
    assert recording.camera.horizontal_fov == pytest.approx(HORIZONTAL_FOV)
    extrinsic = recording.camera.extrinsic
    assert extrinsic is not None
    T = pose_matrix(extrinsic[:3], extrinsic[3:])
    np.testing.assert_allclose(T[:3, 3], [0.1, 0, 0.2], atol=1e-9)
    np.testing.assert_allclose(T[:3, 2], [1, 0, 0], atol=1e-9)  # optical z looks forward
    assert not recording.warnings


def test_odometry_of_an_optical_frame_is_turned_to_body_axes(tmp_path: Path) -> None:
    recording = read_recording(
        make_bag(tmp_path / "bag", BagRecipe(body_frame="cam_optical_frame")), SIZE
    )
    motion = relative_motion(recording.poses[0], recording.poses[5])
    # The recipe moves along x and turns about z, which for an optical frame are right and forward.
    assert motion[1] < -0.1
    assert abs(motion[3]) > 0.05
    assert abs(motion[5]) < 1e-6


@pytest.mark.parametrize(
    ("recipe", "error", "says"),
    [
        (BagRecipe(image_topics=()), BagError, r"has no image topic .*it has /odom"),
        (BagRecipe(odom_topics=()), BagError, r"has no odometry topic"),
        (
            BagRecipe(image_topics=("/left", "/right")),
            UsageError,
            r"--image-topic: /left .*, /right",
        ),
        (BagRecipe(odom_topics=("/a", "/b")), UsageError, r"--odom-topic: /a .*, /b"),
        (BagRecipe(frames=8), BagError, r"only 8 of 8 frames"),
        (
            BagRecipe(odom_ahead_s=100.0),
            BagError,
            r"only 0 of 120 frames .*120 image without odometry",
        ),
        (
            BagRecipe(broken_jpeg=set(range(120))),
            BagError,
            r"only 0 of 120 .*120 image cannot be decoded",
        ),
    ],
)
def test_what_cannot_be_learned_from_is_refused_in_one_line(
    tmp_path: Path, recipe: BagRecipe, error: type[Exception], says: str
) -> None:
    with pytest.raises(error, match=says) as caught:
        read_recording(make_bag(tmp_path / "bag", recipe), SIZE)
    assert "\n" not in str(caught.value)


def test_topics_are_chosen_by_name(tmp_path: Path) -> None:
    bag = make_bag(tmp_path / "bag", BagRecipe(image_topics=("/left", "/right")))
    assert read_recording(bag, ReadOptions(image_topic="right")).image_topic == "/right"
    with pytest.raises(UsageError, match="has no topic /up; it has /left"):
        read_recording(bag, ReadOptions(image_topic="/up"))
    with pytest.raises(UsageError, match=r"/odom .* is nav_msgs/msg/Odometry"):
        read_recording(bag, ReadOptions(image_topic="/odom"))


def test_truncated_missing_and_foreign_files_are_named(tmp_path: Path) -> None:
    bag = make_bag(tmp_path / "bag")
    file = next(bag.glob("*.mcap"))
    file.write_bytes(file.read_bytes()[:1000])
    (tmp_path / "text.mcap").write_text("no bag")
    (tmp_path / "empty").mkdir()
    for path in (bag, tmp_path / "text.mcap", tmp_path / "empty"):
        with pytest.raises(BagError, match="cannot be read as a bag") as caught:
            read_recording(path, SIZE)
        assert str(path) in str(caught.value)
        assert "\n" not in str(caught.value)
    with pytest.raises(UsageError, match="does not exist"):
        read_recording(tmp_path / "nowhere", SIZE)


def test_the_hash_is_of_the_data_alone(tmp_path: Path) -> None:
    bag = make_bag(tmp_path / "bag")
    before = bag_sha256(bag)
    (bag / "metadata.yaml").write_text((bag / "metadata.yaml").read_text() + "\n")
    assert bag_sha256(bag) == before
    file = next(bag.glob("*.mcap"))
    file.write_bytes(file.read_bytes() + b"x")
    assert bag_sha256(bag) != before
