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
from benchmarks.performance.made_bag import make_bag
from benchmarks.performance.material import BenchmarkInputs, note, quiet
from benchmarks.performance.turns import Turns, take_turns
from slowfeat.errors import UsageError
from slowfeat.scaled_decoding import FLAGS, SCALED, reduction
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
# Beside the loop that decodes every pixel, by the images' size.
WHOLE_GOALS = {
    (160, 120): Goal("ratio", "at least", 0.85),
    (640, 480): Goal("ratio", "at least", 2.2),
    (1920, 1080): Goal("ratio", "at least", 5.0),
}
# Images of cameras that our own bag has not: size and number.
MADE = {(640, 480): 600, (1920, 1080): 200}
FLOOR, WHOLE = "bare decode loop", "loop that decodes every pixel"
RGB = getattr(cv2, "IMREAD_COLOR_RGB", cv2.IMREAD_COLOR)
ABOUT = (
    "`slowfeat ingest` whole (reading, checking and hashing the bag, poses, clocks, the dataset "
    "on disk). Floor: cv2 decodes the same JPEGs, which lie in memory already, at the reduction "
    f"that ingest takes, and shrinks them to {SIDE}x{SIDE}, on all cores; the same without a "
    "reduction is what ingest did before. Naive: rosbags and cv2 in one loop, every pixel decoded, "
    "a list in memory."
)
Pictures = list[npt.NDArray[np.uint8]]


def small(jpeg: npt.NDArray[np.uint8], flag: int = 0) -> npt.NDArray[np.uint8]:
    """What cannot be avoided: decode, by a flag of cv2 reduced, and shrink by area."""
    image = cv2.imdecode(jpeg, RGB | flag)
    shrunk = cv2.resize(image, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    return np.asarray(shrunk, dtype=np.uint8)


def flag_of(jpegs: Pictures) -> int:
    """The flag of cv2 with which ingest decodes them."""
    height, width = np.asarray(cv2.imdecode(jpegs[0], RGB)).shape[:2]
    return FLAGS[reduction(height, width, (SIDE, SIDE))]


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


def floor(jpegs: Pictures, workers: int | None = None, whole: bool = False) -> None:
    """The bare loop, on so many cores; None for all. It may decode every pixel."""
    flag = 0 if whole else flag_of(jpegs)
    out = np.empty((len(jpegs), SIDE, SIDE, 3), dtype=np.uint8)

    def work(start: int) -> None:
        for k in range(start, min(start + 64, len(jpegs))):
            out[k] = small(jpegs[k], flag)

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


def ours(bag: Path, workers: int | None = None, decoding: str = SCALED) -> None:
    """All of slowfeat ingest, on so many cores."""
    options = IngestOptions(decoding=decoding)
    with (
        tempfile.TemporaryDirectory() as folder,
        quiet(),
        open_engine("threads", workers) as engine,
    ):
        ingest([bag], Path(folder) / "data", options, engine, min_pairs=1)


def images(bag: Path, workers: int | None = None, decoding: str = SCALED) -> None:
    """What ingest does with the images alone: read, decode, shrink and store them."""
    options = IngestOptions(decoding=decoding)
    with (
        tempfile.TemporaryDirectory() as folder,
        open_engine("threads", workers) as engine,
        bags.open_bag(bag) as reader,
    ):
        topic = bags.choose_topic(
            bags.topics_of(reader), CAMERA_TYPES, None, "image", "--image-topic", bag
        )
        shrink = Shrink(options.image_size, options.crop, options.decoding)
        read_images(reader, topic, shrink, engine, Path(folder) / "frames.npy")


def compare(bag: Path, jpegs: Pictures, rounds: int, least_s: float) -> Turns:
    """All of them in turns."""
    works = {
        FLOOR: lambda: floor(jpegs),
        WHOLE: lambda: floor(jpegs, whole=True),
        "ours": lambda: ours(bag),
        "naive": lambda: naive(bag),
    }
    return take_turns(works, rounds, least_s=least_s)


def of_bag(bag: Path, rounds: int, least_s: float) -> list[Figure]:
    """The rows of a bag."""
    note(f"ingest: {bag.name}")
    jpegs = jpegs_of(bag)
    height, width = np.asarray(cv2.imdecode(jpegs[0], RGB)).shape[:2]
    turns = compare(bag, jpegs, rounds, least_s)
    case = f"{bag.name}, {len(jpegs)} images of {width}x{height}"
    return [
        rate(case, turns, "ours", FLOOR, len(jpegs), "frames/s", GOAL),
        rate(case, turns, "ours", WHOLE, len(jpegs), "frames/s", WHOLE_GOALS.get((width, height))),
        rate(case, turns, "ours", "naive", len(jpegs), "frames/s"),
    ]


def measure(material: BenchmarkInputs) -> Section:
    """Ingest of our own bag and of those given, and how it grows with a bag's length."""
    section = Section("ingest", "Ingest", ABOUT)
    rounds, least_s = material.pick(5, 2), material.pick(30, 4)
    made = [
        make_bag(material.folder / f"made_{size[0]}x{size[1]}", material.pick(n, n // 10), size)
        for size, n in MADE.items()
    ]
    for bag in [material.bag, *made, *material.given]:
        section.figures += of_bag(bag, rounds, least_s)
    section.growth = growth(material)
    return section
