"""What the demo shows the node: the part of a bag that the bundle was not trained on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from slowfeat.bundle import Bundle
from slowfeat.errors import BagError
from slowfeat.odometry import NS
from slowfeat_trainer.bags import IMAGE_TYPES, bag_sha256, header_stamp_of_cdr, open_bag
from slowfeat_trainer.data.frames import FrameStack
from slowfeat_trainer.data.options import SplitRule
from slowfeat_trainer.data.pairs import GAP_S, Pairs, Part
from slowfeat_trainer.data.recording import Recording
from slowfeat_trainer.ingest.bundle_reading import reading_for
from slowfeat_trainer.ingest.ingest_bag import read_recording


@dataclass(frozen=True)
class ReplayData:
    """A bag cut into what was trained on and what is replayed."""

    bag: Path
    image_topic: str
    odom_topic: str
    # Whether the images are sensor_msgs/CompressedImage.
    compressed: bool
    # Before the held-out part; trained on where `trained_on`, else merely earlier.
    earlier: Part
    # Replayed; nothing of it was trained on.
    held_out: Part
    # All pairs of held-out frames GAP_S apart.
    pairs: Pairs
    # Whether the bundle was trained on the earlier part of this very bag.
    trained_on: bool
    # Where the replay starts, s from the first message of the bag.
    replay_from_s: float


def prepare(bag: Path, bundle: Bundle, changes: dict[str, Any], seconds: float) -> ReplayData:
    """Read the bag and find the last `seconds` of what the bundle was not trained on.

    Args:
        bag: the bag.
        bundle: what is shown.
        changes: options of IngestOptions from flags; otherwise it is read as it was in its
            training.
        seconds: at most so much is replayed.

    Raises:
        BagError: the bag cannot be read, cannot be replayed, or nothing of it is left.
    """
    digest = bag_sha256(bag)
    reading = reading_for(bundle.info, digest, changes)
    recording = read_recording(bag, reading.options, digest=digest)
    trained = None if reading.kept_out_whole else reading.trained
    start = first_held_out(recording, trained)
    newest = int(recording.stamps[-1])
    start = max(start, int(np.searchsorted(recording.stamps, newest - round(seconds * NS))))
    if len(recording) - start < 2:
        raise BagError(f"{bag}: the whole of it was trained on, so there is nothing to show")
    held_out = _part(recording, start, len(recording))
    compressed, start_s = _where(bag, recording.image_topic, int(recording.stamps[start]))
    return ReplayData(
        bag=bag,
        image_topic=recording.image_topic,
        odom_topic=recording.odom_topic,
        compressed=compressed,
        earlier=_part(recording, 0, start),
        held_out=held_out,
        pairs=held_out.pairs_at_gap(GAP_S),
        trained_on=trained is not None,
        replay_from_s=start_s,
    )


def first_held_out(recording: Recording, trained: SplitRule | None) -> int:
    """Index of the first frame that the training held out, as `split_by_time` counts it."""
    if trained is None:
        return 0
    return len(recording) - round(len(recording) * (trained.test if trained.by == "time" else 0.0))


def _part(recording: Recording, start: int, stop: int) -> Part:
    return Part(
        frames=FrameStack([recording.frames[start:stop]]),
        stamps=recording.stamps[start:stop],
        poses=recording.poses[start:stop],
        block=np.zeros(stop - start, dtype=np.int64),
    )


def _where(bag: Path, topic: str, stamp_ns: int) -> tuple[bool, float]:
    """Whether the image topic is compressed, and when the image of a stamp
    was received, s from the start.
    """
    with open_bag(bag) as reader:
        if not reader.is2:
            raise BagError(
                f"{bag} is a ROS 1 bag, which cannot be replayed: rosbags-convert makes a ROS 2 "
                "bag of it"
            )
        chosen = [c for c in reader.connections if c.topic == topic and c.msgtype in IMAGE_TYPES]
        for connection, received_ns, data in reader.messages(chosen):
            if header_stamp_of_cdr(data) == stamp_ns:
                compressed = connection.msgtype.endswith("CompressedImage")
                return compressed, (received_ns - reader.start_time) / NS
    # Frames without a stamp are known by their time of receipt; the node passes a stamp of zero on.
    raise BagError(
        f"{bag}: the images of {topic} have no header stamps, by which the demo knows them"
    )
