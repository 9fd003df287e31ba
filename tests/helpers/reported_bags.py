"""Bags of situations that robots' users have reported, by functions that write one to a path."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from mcap.writer import CompressionType, IndexType
from mcap.writer import Writer as McapWriter

from tests.helpers import painted_room as room
from tests.helpers.bag_factory import NS, STORE, T, header
from tests.helpers.painted_room import (
    CAMERA_INFO,
    COMPRESSED,
    IMAGE,
    INFO,
    PICTURES,
    START,
    TF,
    Topics,
    camera_info,
    mount,
    odometries,
    odometry,
    picture,
    pictures,
    pose_at,
    raw,
    rows,
    sound,
    transform,
    yaw_at,
)

Make = Callable[[Path], Path]


def bag(changes: dict[str, Any] | None = None) -> Make:
    return lambda path: room.write(path, sound(changes))


def by_hand(
    path: Path, fill: Callable[[McapWriter], Iterable[tuple[int, int, bytes]]], **options: Any
) -> Path:
    """An MCAP file whose messages (receive stamp, channel, bytes) a function gives."""
    with path.with_suffix(".mcap").open("wb") as stream:
        profile = options.pop("profile", "ros2")
        writer = McapWriter(stream, **options)
        writer.start(profile=profile, library="made")
        for ns, channel, data in fill(writer):
            writer.add_message(channel, ns, data, ns)
        writer.finish()
    return path.with_suffix(".mcap")


def channels_of(writer: McapWriter, topics: Topics) -> dict[str, int]:
    found = {}
    for name, (kind, _) in topics.items():
        text = STORE.generate_msgdef(kind, ros_version=2)[0].encode()
        found[name] = writer.register_channel(
            name, "cdr", writer.register_schema(kind, "ros2msg", text)
        )
    return found


def sound_rows(writer: McapWriter) -> list[tuple[int, int, bytes]]:
    channels = channels_of(writer, sound())
    return [(ns, channels[name], data) for ns, name, _, data in room.in_order(sound())]


def restamped(message: Any, ns: int) -> Any:
    message.header = header(ns, message.header.frame_id)
    return message


# --- clocks and times ---------------------------------------------------------


def clock_synced_late() -> Make:
    def one(ns: int, t: float) -> Any:
        made = odometry(ns, pose_at(t))
        return restamped(made, round((4 + t) * NS)) if t < 1 else made

    return bag({"/odom": odometries(one)})


def device_clock() -> Make:
    kind, messages = pictures()
    since_boot = 123 * NS + 456_000_000
    late = [(ns + 20_000_000, restamped(m, ns - START + since_boot)) for ns, m in messages]
    return bag({PICTURES: (kind, late)})


def whole_seconds() -> Make:
    kind, messages = pictures()
    return bag({PICTURES: (kind, [(ns, restamped(m, ns // NS * NS)) for ns, m in messages])})


def huge_log_time(path: Path) -> Path:
    def fill(writer: McapWriter) -> list[tuple[int, int, bytes]]:
        found = sound_rows(writer)
        found[200] = (2**64 - 1, *found[200][1:])
        return found

    return by_hand(path, fill)


# --- containers ---------------------------------------------------------------


def no_message_index(path: Path) -> Path:
    options = {
        "compression": CompressionType.LZ4,
        "index_types": IndexType.NONE,
        "repeat_channels": False,
        "repeat_schemas": False,
        "use_statistics": False,
        "use_summary_offsets": False,
        "enable_crcs": False,
    }
    return by_hand(path, sound_rows, **options)


def service_events(path: Path) -> Path:
    def fill(writer: McapWriter) -> list[tuple[int, int, bytes]]:
        text = b"bool data\n---\nbool success\nstring message\n"
        schema = writer.register_schema("std_srvs/srv/SetBool_Event", "ros2msg", text)
        channel = writer.register_channel("/enable/_service_event", "cdr", schema)
        event = START + NS, channel, b"\x00\x01\x00\x00" + bytes(44)
        return sorted([*sound_rows(writer), event], key=lambda row: row[0])

    return by_hand(path, fill)


def ros1_in_mcap(path: Path) -> Path:
    store = room.ros1_store()

    def converted(message: Any) -> Any:
        """A ROS 2 message as ROS 1's class."""
        if isinstance(message, list):
            return [converted(part) for part in message]
        name = getattr(message, "__msgtype__", None)
        if name is None:
            return message
        names = [f for f in message.__dataclass_fields__ if f != "__msgtype__"]
        fields = {f: converted(getattr(message, f)) for f in names}
        if name.endswith("/Header"):
            fields["seq"] = 0
        if name.endswith("/CameraInfo"):
            for letter in "dkrp":
                fields[letter.upper()] = fields.pop(letter)
        return store.types[name](**fields)

    def fill(writer: McapWriter) -> list[tuple[int, int, bytes]]:
        found = []
        for name, (kind, messages) in sound().items():
            text, digest = store.generate_msgdef(kind)
            schema = writer.register_schema(kind.replace("/msg/", "/"), "ros1msg", text.encode())
            channel = writer.register_channel(name, "ros1", schema, {"md5sum": digest})
            for ns, message in messages:
                found.append((ns, channel, bytes(store.serialize_ros1(converted(message), kind))))
        return sorted(found, key=lambda row: row[0])

    return by_hand(path, fill, profile="ros1", compression=CompressionType.ZSTD)


# --- pictures -----------------------------------------------------------------

SMALL = {"focal": 30.0, "size": (32, 24)}


def raw_pictures(make: Callable[[float], np.ndarray], encoding: str) -> Make:
    images = IMAGE, rows(room.FPS, lambda ns, t: raw(ns, make(t), encoding))
    return bag({PICTURES: None, "/camera/image_raw": images})


def twelve_bits() -> Make:
    return raw_pictures(
        lambda t: (picture(yaw_at(t), **SMALL).mean(-1) * 16).astype(np.uint16), "mono16"
    )


def tiff() -> Make:
    def one(ns: int, t: float) -> Any:
        data = cv2.imencode(".tiff", picture(yaw_at(t), **SMALL)[..., ::-1])[1].ravel()
        about = header(ns, room.OPTICAL_FRAME)
        return T[COMPRESSED](header=about, format="rgb8; tiff compressed bgr8", data=data)

    return bag({PICTURES: (COMPRESSED, rows(room.FPS, one))})


def capitals() -> Make:
    return raw_pictures(lambda t: picture(yaw_at(t), **SMALL), "RGB8")


def depth_at_three_times_the_rate() -> Make:
    flat = np.zeros((12, 16), np.uint16)
    frame = "camera_depth_optical_frame"
    depth = rows(30.0, lambda ns, t: raw(ns, flat + round(t * 30) + 500, "16UC1", frame))
    return bag({"/camera/depth/image_rect_raw": (IMAGE, depth)})


# --- camera and mount ---------------------------------------------------------

BARREL = (-0.3, 0.09, 0.0, 0.0)


def calibrated(**about: Any) -> Make:
    return bag({CAMERA_INFO: (INFO, [(START, camera_info(**about))])})


def rectified() -> Make:
    info = camera_info(focal=80.0, focal_of_p=60.0, coefficients=(*BARREL, 0.0))
    images = {PICTURES: None, "/camera/image_rect/compressed": pictures()}
    return bag({**images, CAMERA_INFO: (INFO, [(START, info)])})


def frame_not_optical() -> Make:
    """The driver stamps images with the camera's body frame, x ahead."""
    ahead = mount(q=(0.0, 0.0, 0.0, 1.0), camera="camera_link")
    return bag({PICTURES: pictures(frame="camera_link"), "/tf_static": ahead})


def upside_down() -> Make:
    # AHEAD, then half a turn about the optical axis.
    return bag({PICTURES: pictures(roll=np.pi), "/tf_static": mount(q=(0.5, 0.5, 0.5, 0.5))})


def info_below_image() -> Make:
    """Simulators put an image's calibration right below its topic; a second, wide camera beside."""
    found: dict[str, Any] = {PICTURES: None, CAMERA_INFO: None}
    for name, focal, seconds in (("/front", 30.0, room.SECONDS), ("/back", 10.0, 2.0)):
        frame = f"{name[1:]}_optical_frame" if name == "/back" else room.OPTICAL_FRAME

        def one(ns: int, t: float, focal: float = focal, frame: str = frame) -> Any:
            return raw(ns, picture(yaw_at(t), focal, (32, 24))[..., 1], "mono8", frame)

        found[name] = IMAGE, rows(room.FPS, one, seconds)
        info = camera_info(focal=focal, size=(32, 24), frame=frame)
        found[f"{name}/camera_info"] = INFO, [(START, info)]
    return bag(found)


def two_robots() -> Make:
    found: dict[str, Any] = dict.fromkeys(sound())
    to_the_left = (-(0.5**0.5), 0.0, 0.0, 0.5**0.5)
    for name, q, x, seconds in (
        ("/robot1", room.AHEAD, 0.1, room.SECONDS),
        ("/robot2", to_the_left, 0.5, 2.0),
    ):
        found[name + PICTURES] = pictures(seconds)
        found[name + CAMERA_INFO] = sound()[CAMERA_INFO]
        found[f"{name}/odom"] = sound()["/odom"]
        found[f"{name}/tf_static"] = mount((x, 0.0, 0.2), q)
    return bag(found)


# --- motion -------------------------------------------------------------------


def one_frame_for_both() -> Make:
    return bag({"/odom": odometries(child="odom")})


def height_not_known() -> Make:
    return bag({"/odom": odometries(z=float("nan"))})


def north_east_down() -> Make:
    def one(ns: int, t: float) -> Any:
        x, y, yaw = pose_at(t)
        return odometry(ns, (x, -y, -yaw), "odom_ned", "base_link_frd")

    return bag({"/odom": odometries(one)})


def zeroed_indoors(at_s: float = 8.0) -> Make:
    """The base is asked to zero its odometry in mid-drive, half a metre from the origin."""

    def one(ns: int, t: float) -> Any:
        x, y, yaw = pose_at(t)
        if t >= at_s:
            x0, y0, yaw0 = pose_at(at_s)
            c, s = np.cos(yaw0), np.sin(yaw0)
            x, y, yaw = c * (x - x0) + s * (y - y0), -s * (x - x0) + c * (y - y0), yaw - yaw0
        return odometry(ns, (0.4 * x, 0.4 * y, yaw))

    return bag({"/odom": odometries(one)})


def one_pose_a_second() -> Make:
    return bag({"/odom": odometries(hz=1.0)})


def twist_only() -> Make:
    def one(ns: int, t: float) -> Any:
        turning = (yaw_at(t + 0.01) - yaw_at(t - 0.01)) / 0.02
        return odometry(ns, (0.0, 0.0, 0.0), twist=(0.3, turning))

    return bag({"/odom": odometries(one)})


def motion_capture() -> Make:
    kind = "geometry_msgs/msg/TransformStamped"

    def one(ns: int, t: float) -> Any:
        x, y, yaw = pose_at(t)
        return transform(ns, "world", "base_link", (x, y, 0.0), room.about_z(yaw))

    return bag({"/odom": None, "/vicon/robot/robot": (kind, rows(room.ODOM_HZ, one))})


def two_publishers_on_tf() -> Make:
    """The base and a filter both publish odom -> base_link; the base's drifts away."""
    found = []
    for ns in room.times(room.ODOM_HZ):
        t = (ns - START) / NS
        x, y, yaw = pose_at(t)
        drifted = (1.1 * x + 0.02 * t, 1.1 * y, 0.0), room.about_z(1.1 * yaw + 0.01 * t)
        for at, where in ((ns, ((x, y, 0.0), room.about_z(yaw))), (ns + 25_000_000, drifted)):
            edge = transform(at, "odom", "base_link", *where)
            found.append((at, T[TF](transforms=[edge])))
    return bag({"/odom": None, "/tf": (TF, found)})
