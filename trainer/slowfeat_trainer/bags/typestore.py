"""The message types that slowfeat knows without their definitions in a bag."""

from __future__ import annotations

from functools import lru_cache

from rosbags.typesys import Stores, get_types_from_msg, get_typestore
from rosbags.typesys.store import Typestore

# Not among the types that come with ROS 2 Humble (or ROS 1 Noetic).
_FURTHER = {
    "foxglove_msgs/msg/CompressedVideo": """
        builtin_interfaces/Time timestamp
        string frame_id
        uint8[] data
        string format
    """,
    "foxglove_msgs/msg/CompressedImage": """
        builtin_interfaces/Time timestamp
        string frame_id
        uint8[] data
        string format
    """,
    "ffmpeg_image_transport_msgs/msg/FFMPEGPacket": """
        std_msgs/Header header
        int32 width
        int32 height
        string encoding
        uint64 pts
        uint8 flags
        bool is_bigendian
        uint8[] data
    """,
    "ackermann_msgs/msg/AckermannDrive": """
        float32 steering_angle
        float32 steering_angle_velocity
        float32 speed
        float32 acceleration
        float32 jerk
    """,
    "ackermann_msgs/msg/AckermannDriveStamped": """
        std_msgs/Header header
        ackermann_msgs/AckermannDrive drive
    """,
    "tf2_msgs/msg/TFMessage": "geometry_msgs/TransformStamped[] transforms",
}


@lru_cache(maxsize=2)
def default_typestore(is2: bool = True) -> Typestore:
    """ROS 2 Humble's (else ROS 1 Noetic's) types, and of others those of cameras and vehicles.

    For bags that carry no definitions, as the .db3 of Humble and older. Treat it as read-only.
    """
    store = get_typestore(Stores.ROS2_HUMBLE if is2 else Stores.ROS1_NOETIC)
    for name, text in _FURTHER.items():
        if name not in store.fielddefs:
            lines = "\n".join(line.strip() for line in text.strip().splitlines())
            store.register(get_types_from_msg(lines + "\n", name))
    return store
