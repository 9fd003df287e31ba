"""Bags drawn from a grammar of what goes wrong in recordings, with what is true of each."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from tests.helpers import painted_room as room
from tests.helpers.bag_factory import NS, T, header
from tests.helpers.painted_room import (
    CAMERA_INFO,
    COMPRESSED,
    IMAGE,
    INFO,
    ODOM,
    PICTURES,
    START,
    TF,
    Topics,
    camera_info,
    jpeg,
    mount,
    odometry,
    picture,
    pose_at,
    raw,
    rows,
    transform,
    yaw_at,
)


@dataclass
class Drawn:
    """A bag before it is written."""

    topics: Topics
    # The faults, by name.
    faults: list[str]
    # Whether what the bag says of its own motion, lens and mount, taken at its word, is true of
    # its images, and there are enough of both.
    is_sound: bool


Change = Callable[[random.Random, Topics], None]


def _images(topics: Topics, make: Callable[[int, float], Any], kind: str = COMPRESSED) -> None:
    if PICTURES not in topics:
        raise KeyError(PICTURES)
    topics[PICTURES] = kind, rows(room.FPS, make)


def _odometry(topics: Topics, make: Callable[[int, float], Any], hz: float = room.ODOM_HZ) -> None:
    if "/odom" not in topics:
        raise KeyError("/odom")
    topics["/odom"] = ODOM, rows(hz, make)


# --- what changes nothing that matters ----------------------------------------


def raw_images(rng: random.Random, topics: Topics) -> None:
    encoding = rng.choice(["rgb8", "bgr8", "RGB8", "mono8", "rgba8"])

    def one(ns: int, t: float) -> Any:
        rgb = picture(yaw_at(t), 30.0, (32, 24))
        pixels = {
            "bgr8": rgb[..., ::-1],
            "mono8": rgb.mean(-1).astype(np.uint8),
            "rgba8": np.dstack([rgb, rgb[..., :1]]),
        }.get(encoding, rgb)
        return raw(ns, pixels, encoding)

    del topics[PICTURES]
    topics["/camera/image_raw"] = IMAGE, rows(room.FPS, one)


def other_topics(rng: random.Random, topics: Topics) -> None:
    flat = np.zeros((12, 16), np.uint16)
    depth = rows(5.0, lambda ns, _: raw(ns, flat + 500, "16UC1", "depth_optical_frame"))
    topics["/camera/depth/image_raw"] = IMAGE, depth
    topics["/goal"] = ODOM, rows(0.3, lambda ns, _: odometry(ns, (5.0, 1.0, 0.0), "map", "goal"))


def portrait(rng: random.Random, topics: Topics) -> None:
    """The camera hangs upside down, and /tf_static says so."""
    _images(topics, lambda ns, t: jpeg(ns, picture(yaw_at(t), roll=np.pi)))
    topics["/tf_static"] = mount(q=(0.5, 0.5, 0.5, 0.5))


def not_optical(rng: random.Random, topics: Topics) -> None:
    _images(topics, lambda ns, t: jpeg(ns, picture(yaw_at(t)), "camera_link"))
    topics["/tf_static"] = mount(q=(0.0, 0.0, 0.0, 1.0), camera="camera_link")


def few_lost(rng: random.Random, topics: Topics) -> None:
    for name in (PICTURES, "/odom"):
        if name in topics:
            kind, messages = topics[name]
            topics[name] = kind, [row for row in messages if rng.random() > 0.02]


def other_names(rng: random.Random, topics: Topics) -> None:
    _odometry(topics, lambda ns, t: odometry(ns, pose_at(t), "world", rng.choice(["base_link"])))


# --- what must be noticed or mended -------------------------------------------


def inverted_yaw(rng: random.Random, topics: Topics) -> None:
    def one(ns: int, t: float) -> Any:
        x, y, yaw = pose_at(t)
        return odometry(ns, (x, -y, -yaw))

    _odometry(topics, one)


def yaw_out_of_scale(rng: random.Random, topics: Topics) -> None:
    k = rng.choice([0.3, 0.5, 2.0, 3.0])
    _odometry(topics, lambda ns, t: odometry(ns, (*pose_at(t)[:2], k * yaw_at(t))))


def biased_yaw(rng: random.Random, topics: Topics) -> None:
    bias = np.radians(rng.choice([-18, 15, 20]))
    _odometry(topics, lambda ns, t: odometry(ns, (*pose_at(t)[:2], yaw_at(t) + bias * t)))


def another_drive(rng: random.Random, topics: Topics) -> None:
    """The odometry is that of another robot."""
    _odometry(
        topics,
        lambda ns, t: odometry(ns, (0.3 * t, 0.0, float(0.8 * np.sin(1.7 * t) + np.sin(0.9 * t)))),
    )


def stands_in_odometry(rng: random.Random, topics: Topics) -> None:
    _odometry(topics, lambda ns, _: odometry(ns, (0.0, 0.0, 0.0)))


def frozen_poses(rng: random.Random, topics: Topics) -> None:
    begin = rng.uniform(3, 8)
    end = begin + rng.uniform(3, 6)
    _odometry(topics, lambda ns, t: odometry(ns, pose_at(begin if begin < t < end else t)))


def late_odometry(rng: random.Random, topics: Topics) -> None:
    late = rng.choice([-0.3, 0.2, 0.35])
    _odometry(topics, lambda ns, t: odometry(ns, pose_at(max(t - late, 0.0))))


def sparse_poses(rng: random.Random, topics: Topics) -> None:
    _odometry(topics, lambda ns, t: odometry(ns, pose_at(t)), hz=rng.choice([0.5, 1.0]))


def no_poses(rng: random.Random, topics: Topics) -> None:
    _odometry(topics, lambda ns, _: odometry(ns, (float("nan"), 0.0, float("nan"))))


def jumping_poses(rng: random.Random, topics: Topics) -> None:
    at = rng.uniform(5, 10)

    def one(ns: int, t: float) -> Any:
        x, y, yaw = pose_at(t)
        return odometry(ns, (x + 3.0 * (t > at), y, yaw))

    _odometry(topics, one)


def one_image(rng: random.Random, topics: Topics) -> None:
    """The camera's driver repeats its first image."""
    _images(topics, lambda ns, _: jpeg(ns, picture(0.3)))


def lens_cap(rng: random.Random, topics: Topics) -> None:
    _images(topics, lambda ns, _: jpeg(ns, np.zeros((48, 64, 3), np.uint8)))


def whole_seconds(rng: random.Random, topics: Topics) -> None:
    def one(ns: int, t: float) -> Any:
        made = jpeg(ns, picture(yaw_at(t)))
        made.header = header(ns // NS * NS, room.OPTICAL_FRAME)
        return made

    _images(topics, one)


def upside_down_unsaid(rng: random.Random, topics: Topics) -> None:
    if topics["/tf_static"] is not room.sound()["/tf_static"]:
        raise KeyError("/tf_static")  # which may say so
    _images(topics, lambda ns, t: jpeg(ns, picture(yaw_at(t), roll=np.pi)))


def wrong_lens(rng: random.Random, topics: Topics) -> None:
    topics[CAMERA_INFO] = INFO, [(START, camera_info(focal=rng.choice([15.0, 200.0])))]


def two_mounts(rng: random.Random, topics: Topics) -> None:
    kind, first = mount()
    _, second = mount(t=(0.5, 0.2, 0.9))
    topics["/tf_static"] = kind, [*first, *second]


def two_publishers(rng: random.Random, topics: Topics) -> None:
    found = []
    for ns in room.times(room.ODOM_HZ):
        t = (ns - START) / NS
        x, y, yaw = pose_at(t)
        for at, k in ((ns, 1.0), (ns + 25_000_000, 1.3)):
            edge = transform(at, "odom", "base_link", (k * x, k * y, 0), room.about_z(k * yaw))
            found.append((at, T[TF](transforms=[edge])))
    del topics["/odom"]
    topics["/tf"] = TF, found


def no_camera_info(rng: random.Random, topics: Topics) -> None:
    topics.pop(CAMERA_INFO, None)


def images_only(rng: random.Random, topics: Topics) -> None:
    topics.pop("/odom", None)


def depth_only(rng: random.Random, topics: Topics) -> None:
    flat = np.zeros((24, 32), np.uint16)
    del topics[PICTURES]
    topics["/depth"] = IMAGE, rows(room.FPS, lambda ns, _: raw(ns, flat + 500, "16UC1"))


HARMLESS: list[Change] = [
    *(raw_images, other_topics, portrait, not_optical, few_lost, other_names),
]
HARMFUL: list[Change] = [
    *(inverted_yaw, yaw_out_of_scale, biased_yaw, another_drive, stands_in_odometry, frozen_poses),
    *(late_odometry, sparse_poses, no_poses, jumping_poses, one_image, lens_cap, whole_seconds),
    *(upside_down_unsaid, wrong_lens, two_mounts, two_publishers, images_only, depth_only),
]


def draw(seed: int) -> Drawn:
    """A bag of up to two harmless changes and up to two faults."""
    rng = random.Random(seed)
    topics = dict(room.sound())
    faults: list[str] = []
    harmful = rng.sample(HARMFUL, rng.choice([0, 1, 1, 1, 2]))
    for change in [*rng.sample(HARMLESS, rng.choice([0, 1, 2])), *harmful]:
        try:
            change(rng, topics)
        except KeyError:  # what it changes is not there any more
            continue
        faults.append(change.__name__)
    # One of the images, or of the motion, may have taken the place of another.
    return Drawn(topics, faults, not set(faults) & {change.__name__ for change in HARMFUL})
