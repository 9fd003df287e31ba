"""Writes what the robot saw and did as a rosbag2 bag, as `ros2 bag record` would have."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from rosbags.interfaces import (
    Connection,
    Qos,
    QosDurability,
    QosHistory,
    QosLiveliness,
    QosReliability,
    QosTime,
)
from rosbags.rosbag2 import CompressionFormat, CompressionMode, StoragePlugin, Writer

from slowfeat.files import beside, writing
from slowfeat.ownership import Kind, check_free, discard, put_in_place
from slowfeat_trainer.simulation import bag_messages as messages
from slowfeat_trainer.simulation.doom_camera import Camera, encode_jpeg
from slowfeat_trainer.simulation.world import Pose

# Simulated time starts here (2025-01-01), ns, so that the same drive is the same bag to the byte.
START_NS = 1_735_689_600 * 10**9
# Version 9 keeps QoS in a form that Humble cannot parse.
BAG_VERSION: Literal[8] = 8
STORAGES = {"mcap": StoragePlugin.MCAP, "sqlite3": StoragePlugin.SQLITE3}
# Messages reach a recorder this much after their header stamp, as on a robot; ns. Less than the
# time between two odometry messages, so that the order is the same.
ODOMETRY_DELAY_NS = 1_000_000
IMAGE_DELAY_NS = 8_000_000

METADATA = "metadata.yaml"
# In the metadata's custom data: who wrote the bag.
MARK = ("made_by", "slowfeat simulate")
TOPICS = {
    *("/camera/image_raw", "/camera/image_raw/compressed"),
    *("/camera/camera_info", "/odom", "/tf_static"),
}

FOREVER = QosTime(9223372036, 854775807)
LATCHED = Qos(
    QosHistory.KEEP_LAST,
    1,
    QosReliability.RELIABLE,
    QosDurability.TRANSIENT_LOCAL,
    FOREVER,
    FOREVER,
    QosLiveliness.AUTOMATIC,
    FOREVER,
    False,
)


class Recorder:
    """Writes the robot's messages; made by `record`.

    Args:
        writer: an open bag.
        camera: of the images.
        jpeg_quality: 1 to 100, or None for raw images.
    """

    def __init__(self, writer: Writer, camera: Camera, jpeg_quality: int | None) -> None:
        self._writer = writer
        self._camera = camera
        self._jpeg_quality = jpeg_quality
        compressed = jpeg_quality is not None
        self._image = self._topic(
            "/camera/image_raw/compressed" if compressed else "/camera/image_raw",
            "sensor_msgs/msg/CompressedImage" if compressed else "sensor_msgs/msg/Image",
        )
        self._info = self._topic("/camera/camera_info", "sensor_msgs/msg/CameraInfo")
        self._odometry = self._topic("/odom", "nav_msgs/msg/Odometry")
        self._static = self._topic("/tf_static", "tf2_msgs/msg/TFMessage", [LATCHED])

    def _topic(self, name: str, kind: str, qos: list[Qos] | None = None) -> Connection:
        return self._writer.add_connection(
            name, kind, typestore=messages.TYPESTORE, offered_qos_profiles=qos or []
        )

    def _write(self, connection: Connection, received_ns: int, message: Any) -> None:
        data = messages.TYPESTORE.serialize_cdr(message, connection.msgtype)
        self._writer.write(connection, received_ns, data)

    def static_transforms(self, stamp_ns: int) -> None:
        """Where the camera is on the body; once, at the start."""
        self._write(self._static, stamp_ns, messages.static_transforms(stamp_ns))

    def odometry(self, stamp_ns: int, pose: Pose, twist: messages.Twist) -> None:
        """The body's pose in the odometry frame at this time."""
        message = messages.odometry(stamp_ns, pose, twist)
        self._write(self._odometry, stamp_ns + ODOMETRY_DELAY_NS, message)

    def picture(self, stamp_ns: int, picture: NDArray[np.uint8]) -> None:
        """What the camera saw at this time, RGB [height, width, 3], and its calibration."""
        received_ns = stamp_ns + IMAGE_DELAY_NS
        if self._jpeg_quality is None:
            message = messages.raw_image(stamp_ns, picture)
        else:
            jpeg = encode_jpeg(picture, self._jpeg_quality)
            message = messages.compressed_image(stamp_ns, jpeg)
        self._write(self._image, received_ns, message)
        self._write(self._info, received_ns, messages.camera_info(stamp_ns, self._camera))


def check_output(out: Path, overwrite: bool) -> None:
    """Raise `UsageError` unless a bag may be written to `out`: a robot's
    own recording is never replaced.
    """
    check_free(out, SIMULATED_BAG, overwrite)


def _is_simulated(bag: Path) -> bool:
    """Whether a bag's metadata.yaml says that `record` wrote it, all of it."""
    import yaml

    try:
        about = yaml.safe_load((bag / METADATA).read_text(encoding="utf-8"))
        about = about["rosbag2_bagfile_information"]
        files = set(about["relative_file_paths"]) | {METADATA}
        topics = {topic["topic_metadata"]["name"] for topic in about["topics_with_message_count"]}
        begun = about["starting_time"]["nanoseconds_since_epoch"]
        marked = (about["custom_data"] or {}).get(MARK[0]) == MARK[1]
        # Bags of before have no mark, but the simulated world's own time.
        marked |= about["ros_distro"] == "rosbags" and begun == START_NS and topics <= TOPICS
    except (
        OSError,
        ValueError,
        TypeError,
        KeyError,
        AttributeError,
        RecursionError,
        yaml.YAMLError,
    ):
        return False
    return bool(marked) and {file.name for file in bag.iterdir()} <= files


# What --overwrite may replace where a bag is simulated.
SIMULATED_BAG = Kind("a simulated bag", (METADATA, "*.mcap", "*.db3"), _is_simulated)


@contextmanager
def record(
    out: Path, camera: Camera, *, storage: str, jpeg_quality: int | None, overwrite: bool = False
) -> Iterator[Recorder]:
    """A recorder whose bag appears at `out` when the block ends well, and not at all otherwise.

    Args:
        out: folder of the bag.
        camera: of the images.
        storage: "mcap" (compressed) or "sqlite3".
        jpeg_quality: 1 to 100, or None for raw images.
        overwrite: replace a simulated bag that is there already.
    """
    out = out.absolute()
    check_output(out, overwrite)
    # The same disk, so that the last step is a rename; the same name, for the files carry it.
    folder = beside(out)
    try:
        with writing(out):
            out.parent.mkdir(parents=True, exist_ok=True)
            folder.mkdir()
            partial = folder / out.name
            writer = Writer(partial, version=BAG_VERSION, storage_plugin=STORAGES[storage])
            writer.set_custom_data(*MARK)
            if storage == "mcap":
                writer.set_compression(CompressionMode.STORAGE, CompressionFormat.ZSTD)
            with writer:
                yield Recorder(writer, camera, jpeg_quality)
        check_output(out, overwrite)
        put_in_place(partial, out, SIMULATED_BAG)
    finally:
        discard(folder)
