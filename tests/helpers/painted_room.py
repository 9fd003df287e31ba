"""A robot that drives in a painted room, as a bag: a true pinhole, so that lens and mount show.

`sound()` gives the topics of a bag without a fault, by name; tests change some and `write` them.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from rosbags.rosbag2 import CompressionFormat, CompressionMode, StoragePlugin, Writer
from rosbags.typesys import Stores, get_typestore

from tests.helpers.bag_factory import NS, STORE, T, header

START = 1_700_000_000 * NS
SECONDS, FPS, ODOM_HZ = 16.0, 10.0, 20.0
FOCAL, SIZE = 60.0, (64, 48)
# base_link -> optical frame of a camera that looks ahead.
AHEAD = (-0.5, 0.5, -0.5, 0.5)
COMPRESSED, IMAGE = "sensor_msgs/msg/CompressedImage", "sensor_msgs/msg/Image"
ODOM, INFO, TF = "nav_msgs/msg/Odometry", "sensor_msgs/msg/CameraInfo", "tf2_msgs/msg/TFMessage"
PICTURES, CAMERA_INFO = "/camera/image_raw/compressed", "/camera/camera_info"
# Receive stamp in ns and message.
Rows = list[tuple[int, Any]]
Topics = dict[str, tuple[str, Rows]]
Make = Callable[[int, float], Any]


def yaw_at(t: float | np.ndarray) -> Any:
    """Heading, rad: to both sides."""
    return 0.9 * np.sin(0.8 * t) + 0.3 * np.sin(0.37 * t + 1)


def pose_at(t: float) -> tuple[float, float, float]:
    """x, y (m) and heading (rad) of a robot that drives .3 m/s where it looks."""
    s = np.linspace(0, t, max(2, int(t * 50)))
    return (
        float(0.3 * np.trapezoid(np.cos(yaw_at(s)), s)),
        float(0.3 * np.trapezoid(np.sin(yaw_at(s)), s)),
        float(yaw_at(t)),
    )


@lru_cache(maxsize=1)
def _room() -> np.ndarray:
    """A cylinder's wall, 360 degrees wide and 120 high."""
    paint = np.random.default_rng(3).uniform(0, 255, (480, 1440, 3))
    smooth = cv2.GaussianBlur(paint, (0, 0), 6.0)
    return cv2.normalize(smooth, None, 10, 245, cv2.NORM_MINMAX)


def picture(
    yaw: float, focal: float = FOCAL, size: tuple[int, int] = SIZE, roll: float = 0.0
) -> np.ndarray:
    """(h, w, 3) RGB of a pinhole that looks along `yaw`, turned about its axis by `roll` (rad)."""
    width, height = size
    u, v = np.meshgrid(np.arange(width) - (width - 1) / 2, np.arange(height) - (height - 1) / 2)
    u, v = np.cos(roll) * u - np.sin(roll) * v, np.sin(roll) * u + np.cos(roll) * v
    to_the_left = yaw - np.arctan(u / focal)
    down = np.arctan(v / np.hypot(focal, u))
    x = (-to_the_left / (2 * np.pi) * 1440) % 1440
    y = (down / np.radians(120) + 0.5) * 480
    maps = x.astype(np.float32), y.astype(np.float32)
    seen = cv2.remap(_room(), *maps, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)
    return seen.astype(np.uint8)


OPTICAL_FRAME = "camera_optical_frame"


def jpeg(ns: int, rgb: np.ndarray, frame: str = OPTICAL_FRAME) -> Any:
    data = cv2.imencode(".jpg", rgb[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 60])[1].ravel()
    return T[COMPRESSED](header=header(ns, frame), format="jpeg", data=data)


def raw(ns: int, pixels: np.ndarray, encoding: str, frame: str = OPTICAL_FRAME) -> Any:
    pixels = np.ascontiguousarray(pixels)
    return T[IMAGE](
        header=header(ns, frame),
        height=pixels.shape[0],
        width=pixels.shape[1],
        encoding=encoding,
        is_bigendian=0,
        step=pixels.strides[0],
        data=pixels.view(np.uint8).ravel(),
    )


def about_z(yaw: float) -> tuple[float, float, float, float]:
    return 0.0, 0.0, float(np.sin(yaw / 2)), float(np.cos(yaw / 2))


def _quaternion(q: tuple[float, ...]) -> Any:
    return T["geometry_msgs/msg/Quaternion"](**dict(zip("xyzw", map(float, q), strict=True)))


def odometry(
    ns: int,
    pose: tuple[float, float, float],
    frame: str = "odom",
    child: str = "base_link",
    twist: tuple[float, float] = (0.0, 0.0),
    covariance: float = 0.0,
    z: float = 0.0,
) -> Any:
    """Odometry of x, y, yaw; twist: m/s ahead and rad/s to the left."""
    vector, point = T["geometry_msgs/msg/Vector3"], T["geometry_msgs/msg/Point"]
    spread = np.zeros(36)
    spread[::7] = covariance
    at = T["geometry_msgs/msg/Pose"](
        position=point(x=float(pose[0]), y=float(pose[1]), z=z),
        orientation=_quaternion(about_z(pose[2])),
    )
    moving = T["geometry_msgs/msg/Twist"](
        linear=vector(x=float(twist[0]), y=0.0, z=0.0),
        angular=vector(x=0.0, y=0.0, z=float(twist[1])),
    )
    return T[ODOM](
        header=header(ns, frame),
        child_frame_id=child,
        pose=T["geometry_msgs/msg/PoseWithCovariance"](pose=at, covariance=spread),
        twist=T["geometry_msgs/msg/TwistWithCovariance"](twist=moving, covariance=np.zeros(36)),
    )


def camera_info(
    focal: float = FOCAL,
    size: tuple[int, int] = SIZE,
    model: str = "plumb_bob",
    coefficients: tuple[float, ...] = (0.0,) * 5,
    frame: str = OPTICAL_FRAME,
    focal_of_p: float | None = None,
    roi: tuple[int, int, int, int] = (0, 0, 0, 0),
) -> Any:
    """Calibration; `roi` is x, y, width, height of what is read out."""
    (w, h), g = size, focal if focal_of_p is None else focal_of_p
    region = dict(zip(("x_offset", "y_offset", "width", "height"), roi, strict=True))
    return T[INFO](
        header=header(START, frame),
        height=h,
        width=w,
        distortion_model=model,
        d=np.array(coefficients, dtype=np.float64),
        k=np.array([focal, 0, w / 2, 0, focal, h / 2, 0, 0, 1.0]),
        r=np.eye(3).ravel(),
        p=np.array([g, 0, w / 2, 0, 0, g, h / 2, 0, 0, 0, 1.0, 0]),
        binning_x=0,
        binning_y=0,
        roi=T["sensor_msgs/msg/RegionOfInterest"](**region, do_rectify=False),
    )


def transform(
    ns: int,
    parent: str,
    child: str,
    t: tuple[float, float, float] = (0.0, 0.0, 0.0),
    q: tuple[float, ...] = (0.0, 0.0, 0.0, 1.0),
) -> Any:
    vector = T["geometry_msgs/msg/Vector3"]
    return T["geometry_msgs/msg/TransformStamped"](
        header=header(ns, parent),
        child_frame_id=child,
        transform=T["geometry_msgs/msg/Transform"](
            translation=vector(**dict(zip("xyz", map(float, t), strict=True))),
            rotation=_quaternion(q),
        ),
    )


def mount(
    t: tuple[float, float, float] = (0.1, 0.0, 0.2),
    q: tuple[float, ...] = AHEAD,
    camera: str = OPTICAL_FRAME,
) -> tuple[str, Rows]:
    """/tf_static that places the camera on base_link."""
    found = T[TF](transforms=[transform(START, "base_link", camera, t, q)])
    return TF, [(START, found)]


def times(hz: float, seconds: float = SECONDS) -> list[int]:
    return [START + round(k / hz * NS) for k in range(int(seconds * hz))]


def rows(hz: float, make: Make, seconds: float = SECONDS) -> Rows:
    """Messages at a rate; `make` takes the stamp in ns and the seconds since the start."""
    return [(ns, make(ns, (ns - START) / NS)) for ns in times(hz, seconds)]


def pictures(seconds: float = SECONDS, frame: str = OPTICAL_FRAME, **seen: Any) -> tuple[str, Rows]:
    return COMPRESSED, rows(FPS, lambda ns, t: jpeg(ns, picture(yaw_at(t), **seen), frame), seconds)


def odometries(make: Make | None = None, hz: float = ODOM_HZ, **about: Any) -> tuple[str, Rows]:
    return ODOM, rows(hz, make or (lambda ns, t: odometry(ns, pose_at(t), **about)))


@lru_cache(maxsize=1)
def _sound() -> Topics:
    return {
        PICTURES: pictures(),
        CAMERA_INFO: (INFO, [(START, camera_info())]),
        "/odom": odometries(),
        "/tf_static": mount(),
    }


def sound(changes: dict[str, tuple[str, Rows] | None] | None = None) -> Topics:
    """The topics of a bag without a fault, with changes; None takes a topic away."""
    topics = {**_sound(), **(changes or {})}
    return {name: topic for name, topic in topics.items() if topic is not None}


def in_order(topics: Topics) -> list[tuple[int, str, str, bytes]]:
    """Receive stamp, topic, type and serialised message, by time."""
    found = [
        (ns, name, kind, bytes(STORE.serialize_cdr(message, kind)))
        for name, (kind, messages) in topics.items()
        for ns, message in messages
    ]
    return sorted(found, key=lambda row: row[0])


def write(path: Path, topics: Topics) -> Path:
    """A bag folder in MCAP."""
    writer = Writer(path, version=8, storage_plugin=StoragePlugin.MCAP)
    writer.set_compression(CompressionMode.STORAGE, CompressionFormat.ZSTD)
    with writer:
        made = {
            name: writer.add_connection(name, kind, typestore=STORE)
            for name, (kind, _) in topics.items()
        }
        for ns, name, _, data in in_order(topics):
            writer.write(made[name], ns, data)
    return path


def ros1_store() -> Any:
    """ROS 1's types, with tf2's message."""
    from rosbags.typesys import get_types_from_msg

    store = get_typestore(Stores.ROS1_NOETIC)
    text = "geometry_msgs/TransformStamped[] transforms\n"
    store.register(get_types_from_msg(text, "tf2_msgs/msg/TFMessage"))
    return store
