"""Opening bags of any kind, whole or damaged, and choosing topics.

with bags.open_bag(path) as reader:
    for stamp_ns, message in bags.messages(reader, "/odom", "nav_msgs/msg/Odometry"):
        ...
    print(reader.damage)
"""

from slowfeat_trainer.bags.finding import expand
from slowfeat_trainer.bags.hashing import bag_sha256
from slowfeat_trainer.bags.message_stamps import header_stamp_ns, header_stamp_of_cdr, stamp_of_raw
from slowfeat_trainer.bags.reading import (
    READ_ERRORS,
    BagReader,
    messages,
    open_bag,
    raw_messages,
    read_message,
)
from slowfeat_trainer.bags.topics import (
    CAMERA_INFO_TYPE,
    IMAGE_TYPES,
    VIDEO_TYPES,
    Topic,
    choose_topic,
    topics_of,
)
from slowfeat_trainer.bags.typestore import default_typestore

__all__ = [
    "CAMERA_INFO_TYPE",
    "IMAGE_TYPES",
    "READ_ERRORS",
    "VIDEO_TYPES",
    "BagReader",
    "Topic",
    "bag_sha256",
    "choose_topic",
    "default_typestore",
    "expand",
    "header_stamp_ns",
    "header_stamp_of_cdr",
    "messages",
    "open_bag",
    "raw_messages",
    "read_message",
    "stamp_of_raw",
    "topics_of",
]
