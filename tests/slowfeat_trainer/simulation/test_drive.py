"""A recorded drive is a good bag: topics, stamps, frames, and labels that fit the images."""

import dataclasses
import itertools
import math

import cv2
import numpy as np
import pytest

from slowfeat.errors import UsageError
from slowfeat_trainer.simulation import drive as drive_module
from slowfeat_trainer.simulation.drive import simulate
from slowfeat_trainer.simulation.world import CAMERA_HEIGHT_M
from tests.helpers.simulated_drives import SHORT, SPINNING, read_bag

IMAGE = "/camera/image_raw/compressed"


def stamp_ns(message):
    return message.header.stamp.sec * 10**9 + message.header.stamp.nanosec


def poses(topics):
    """Stamps in ns [N] and (x, y, yaw) [N, 3] of the odometry."""
    messages = [message for _, message in topics["/odom"]]
    rows = []
    for message in messages:
        place, turn = message.pose.pose.position, message.pose.pose.orientation
        rows.append((place.x, place.y, 2 * math.atan2(turn.z, turn.w)))
    x, y, yaw = np.array(rows).T
    return np.array([stamp_ns(m) for m in messages]), np.stack([x, y, np.unwrap(yaw)], axis=-1)


def test_topics_types_and_counts(short_drive):
    kinds = {name: (rows[0][1].__msgtype__, len(rows)) for name, rows in short_drive.items()}
    assert kinds == {
        IMAGE: ("sensor_msgs/msg/CompressedImage", 40),
        "/camera/camera_info": ("sensor_msgs/msg/CameraInfo", 40),
        "/odom": ("nav_msgs/msg/Odometry", 201),
        "/tf_static": ("tf2_msgs/msg/TFMessage", 1),
    }


def test_stamps_rise_and_messages_arrive_after_them(short_drive):
    for name in (IMAGE, "/camera/camera_info", "/odom"):
        stamps = np.array([stamp_ns(message) for _, message in short_drive[name]])
        received = np.array([received for received, _ in short_drive[name]])
        assert (np.diff(stamps) > 0).all()
        assert (received > stamps).all()
    stamps = [stamp_ns(message) for _, message in short_drive[IMAGE]]
    assert np.diff(stamps) == pytest.approx(1e8, abs=2)
    # Every image has odometry of exactly its moment, and the last one has some after it.
    odometry = [stamp_ns(message) for _, message in short_drive["/odom"]]
    assert set(stamps) < set(odometry)
    assert odometry[-1] > stamps[-1]
    assert stamps == [stamp_ns(message) for _, message in short_drive["/camera/camera_info"]]


def test_frames_and_calibration(short_drive):
    odometry, info = short_drive["/odom"][0][1], short_drive["/camera/camera_info"][0][1]
    assert (odometry.header.frame_id, odometry.child_frame_id) == ("odom", "base_link")
    assert short_drive[IMAGE][0][1].header.frame_id == "camera_optical_frame"
    assert info.header.frame_id == "camera_optical_frame"
    assert (info.width, info.height, info.distortion_model) == (96, 72, "plumb_bob")
    np.testing.assert_allclose(info.k, [48, 0, 47.5, 0, 48, 35.5, 0, 0, 1])
    picture = cv2.imdecode(short_drive[IMAGE][0][1].data, cv2.IMREAD_COLOR)
    assert picture.shape == (72, 96, 3)
    assert picture.std() > 10


def test_the_extrinsic_looks_ahead(short_drive):
    body, optical = short_drive["/tf_static"][0][1].transforms
    assert (body.header.frame_id, body.child_frame_id) == ("base_link", "camera_link")
    assert (optical.header.frame_id, optical.child_frame_id) == (
        "camera_link",
        "camera_optical_frame",
    )
    assert body.transform.translation.z == pytest.approx(CAMERA_HEIGHT_M)
    q = optical.transform.rotation
    x, y, z, w = q.x, q.y, q.z, q.w
    # Columns: the optical x, y and z axes in the body's axes.
    R = np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
            [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
            [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
        ]
    )
    right, down, ahead = R.T
    np.testing.assert_allclose(ahead, [1, 0, 0], atol=1e-9)
    np.testing.assert_allclose(right, [0, -1, 0], atol=1e-9)
    np.testing.assert_allclose(down, [0, 0, -1], atol=1e-9)


def test_the_pose_integrates_the_twist(short_drive):
    stamps, truth = poses(short_drive)
    assert truth[0] == pytest.approx((0, 0, 0))
    x, y, yaw = 0.0, 0.0, 0.0
    for (_, message), gap in zip(short_drive["/odom"][1:], np.diff(stamps) / 1e9, strict=True):
        twist = message.twist.twist
        forward, left, turn = (v * gap for v in (twist.linear.x, twist.linear.y, twist.angular.z))
        heading = yaw + turn / 2
        x += math.cos(heading) * forward - math.sin(heading) * left
        y += math.sin(heading) * forward + math.cos(heading) * left
        yaw += turn
    assert (x, y, yaw) == pytest.approx(truth[-1], abs=1e-4)
    # It drove, forwards, and a wheeled robot has no sideways slip.
    twists = [message.twist.twist.linear for _, message in short_drive["/odom"]]
    assert np.mean([twist.x for twist in twists]) > 0.3
    assert np.abs([twist.y for twist in twists]).max() < 0.05


def test_the_labelled_turn_is_the_turn_that_the_pictures_show(spinning_drive, measured_yaw):
    focal = spinning_drive["/camera/camera_info"][0][1].k[0]
    stamps, truth = poses(spinning_drive)
    labels = dict(zip(stamps.tolist(), truth[:, 2], strict=True))
    pictures = [
        (stamp_ns(m), cv2.imdecode(m.data, cv2.IMREAD_GRAYSCALE).astype(np.float32))
        for _, m in spinning_drive[IMAGE]
    ]
    said, seen = [], []
    for (t0, before), (t1, after) in itertools.pairwise(pictures):
        said.append(labels[t1] - labels[t0])
        seen.append(measured_yaw(before, after, focal))
    assert np.std(said) > 0.05
    assert np.median(np.abs(np.subtract(said, seen))) < 0.005
    assert np.polyfit(said, seen, 1)[0] == pytest.approx(1.0, abs=0.03)


def test_the_same_command_is_the_same_bag(short_bag, tmp_path):
    simulate(tmp_path / "drive", SHORT, progress=False)
    for file in short_bag.iterdir():
        assert file.read_bytes() == (tmp_path / "drive" / file.name).read_bytes()


def test_raw_pictures_and_sqlite(tmp_path):
    config = dataclasses.replace(SHORT, seconds=0.5, storage="sqlite3", jpeg_quality=None)
    simulate(tmp_path / "raw", config, progress=False)
    assert (tmp_path / "raw" / "raw.db3").is_file()
    _, image = read_bag(tmp_path / "raw")["/camera/image_raw"][0]
    assert (image.encoding, image.width, image.height, image.step) == ("rgb8", 96, 72, 288)
    assert image.data.size == 96 * 72 * 3


def test_an_existing_output_is_refused_and_replaced_only_when_asked(short_bag, tmp_path):
    config = dataclasses.replace(SHORT, seconds=0.3)
    with pytest.raises(UsageError, match="exists already"):
        simulate(short_bag, config, progress=False)
    simulate(tmp_path / "drive", config, progress=False)
    longer = dataclasses.replace(SPINNING, seconds=0.5)
    simulate(tmp_path / "drive", longer, overwrite=True, progress=False)
    assert len(read_bag(tmp_path / "drive")[IMAGE]) == 5
    (tmp_path / "photos").mkdir()
    with pytest.raises(UsageError, match="not a simulated bag"):
        simulate(tmp_path / "photos", config, overwrite=True, progress=False)


def test_an_interrupted_drive_leaves_nothing(tmp_path, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(drive_module, "twist_between", interrupt)
    with pytest.raises(KeyboardInterrupt):
        simulate(tmp_path / "drive", SHORT, progress=False)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"rate": 0.0}, "rate"),
        ({"seconds": 0.1}, "two images"),
        ({"seconds": math.nan}, "two images"),
        ({"size": (100, 100)}, "4:3"),
        ({"jpeg_quality": 0}, "JPEG"),
        ({"storage": "csv"}, "storage"),
        ({"map_name": "E9M9"}, "unknown map"),
    ],
)
def test_wrong_use_is_named(tmp_path, change, message):
    with pytest.raises(UsageError, match=message):
        simulate(tmp_path / "out" / "drive", dataclasses.replace(SHORT, **change), progress=False)
    assert not list(tmp_path.iterdir())
