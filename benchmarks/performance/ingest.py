"""Ingest beside a bare decode-and-resize loop on all cores, and beside
the loop that one writes first.
"""

from __future__ import annotations

import os
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
from rosbags.highlevel import AnyReader

from benchmarks.performance.figures import Figure, Goal, Section, rate
from benchmarks.performance.long_bags import growth
from benchmarks.performance.material import BenchmarkInputs, note, quiet
from benchmarks.performance.turns import Turns, take_turns
from slowfeat.errors import UsageError
from slowfeat_trainer import bags
from slowfeat_trainer.data.options import IngestOptions
from slowfeat_trainer.data.shrink import Shrink
from slowfeat_trainer.ingest.engines import open_engine
from slowfeat_trainer.ingest.ingest_bags import ingest
from slowfeat_trainer.ingest.read_camera import CAMERA_TYPES
from slowfeat_trainer.ingest.read_images import read_images

JPEG = "sensor_msgs/msg/CompressedImage"
SIDE = 64
GOAL = Goal("ratio", "at least", 0.8)
RGB = getattr(cv2, "IMREAD_COLOR_RGB", cv2.IMREAD_COLOR)
ABOUT = (
    "`slowfeat ingest` whole (reading, checking and hashing the bag, poses, clocks, the dataset "
    "on disk). Floor: cv2 decodes the same JPEGs, which lie in memory already, and shrinks them "
    f"to {SIDE}x{SIDE}, on all cores. Naive: rosbags and cv2 in one loop, a list in memory."
)
Pictures = list[npt.NDArray[np.uint8]]


def small(jpeg: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """What cannot be avoided: decode, and shrink by area."""
    shrunk = cv2.resize(cv2.imdecode(jpeg, RGB), (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    return np.asarray(shrunk, dtype=np.uint8)


def jpegs_of(bag: Path) -> Pictures:
    """The JPEGs of a bag, in memory.

    Raises:
        UsageError: it has none.
    """
    with AnyReader([bag]) as reader:
        chosen = [c for c in reader.connections if c.msgtype == JPEG]
        messages = reader.messages(chosen) if chosen else iter(())
        found = [np.array(reader.deserialize(raw, c.msgtype).data) for c, _, raw in messages]  # type: ignore[attr-defined]
    if not found or cv2.imdecode(found[0], RGB) is None:
        raise UsageError(f"{bag} holds no JPEG images; give bags with compressed images to --bag")
    return found


def floor(jpegs: Pictures, workers: int | None = None) -> None:
    """The bare loop, on so many cores; None for all."""
    out = np.empty((len(jpegs), SIDE, SIDE, 3), dtype=np.uint8)

    def work(start: int) -> None:
        for k in range(start, min(start + 64, len(jpegs))):
            out[k] = small(jpegs[k])

    with ThreadPoolExecutor(workers or os.cpu_count()) as pool:
        list(pool.map(work, range(0, len(jpegs), 64)))


def naive(bag: Path) -> None:
    """What one writes first: one core, everything in a list, poses in another."""
    frames, poses = [], []
    with AnyReader([bag]) as reader:
        for connection, _, raw in reader.messages():
            message = reader.deserialize(raw, connection.msgtype)
            if connection.msgtype == JPEG:
                frames.append(small(message.data))  # type: ignore[attr-defined]
            elif connection.msgtype == "nav_msgs/msg/Odometry":
                poses.append(message.pose.pose)  # type: ignore[attr-defined]
    np.stack(frames)


def ours(bag: Path, workers: int | None = None) -> None:
    """All of slowfeat ingest, on so many cores."""
    with (
        tempfile.TemporaryDirectory() as folder,
        quiet(),
        open_engine("threads", workers) as engine,
    ):
        ingest([bag], Path(folder) / "data", IngestOptions(), engine, min_pairs=1)


def images(bag: Path, workers: int | None = None) -> None:
    """What ingest does with the images alone: read, decode, shrink and store them."""
    options = IngestOptions()
    with (
        tempfile.TemporaryDirectory() as folder,
        open_engine("threads", workers) as engine,
        bags.open_bag(bag) as reader,
    ):
        topic = bags.choose_topic(
            bags.topics_of(reader), CAMERA_TYPES, None, "image", "--image-topic", bag
        )
        shrink = Shrink(options.image_size, options.crop)
        read_images(reader, topic, shrink, engine, Path(folder) / "frames.npy")


def compare(bag: Path, jpegs: Pictures, rounds: int, least_s: float) -> Turns:
    """All three in turns."""
    works = {
        "floor": lambda: floor(jpegs),
        "ours": lambda: ours(bag),
        "naive": lambda: naive(bag),
    }
    return take_turns(works, rounds, least_s=least_s)


def of_bag(bag: Path, rounds: int, least_s: float) -> list[Figure]:
    """Both rows of a bag."""
    note(f"ingest: {bag.name}")
    jpegs = jpegs_of(bag)
    height, width = np.asarray(cv2.imdecode(jpegs[0], RGB)).shape[:2]
    turns = compare(bag, jpegs, rounds, least_s)
    case = f"{bag.name}, {len(jpegs)} images of {width}x{height}"
    turns = Turns({"bare decode loop": turns.seconds["floor"], **turns.seconds})
    return [
        rate(case, turns, "ours", "bare decode loop", len(jpegs), "frames/s", GOAL),
        rate(case, turns, "ours", "naive", len(jpegs), "frames/s"),
    ]


def measure(material: BenchmarkInputs) -> Section:
    """Ingest of our own bag and of those given, and how it grows with a bag's length."""
    section = Section("ingest", "Ingest", ABOUT)
    rounds, least_s = material.pick(5, 2), material.pick(30, 4)
    for bag in [material.bag, *material.given]:
        section.figures += of_bag(bag, rounds, least_s)
    section.growth = growth(material)
    return section
