"""Embedding frames, many offline and one of a camera, beside bare ONNX
Runtime on the same encoder.onnx.
"""

from __future__ import annotations

import time

import cv2
import numpy as np

from benchmarks.performance.bare_session import NAME as PEER
from benchmarks.performance.bare_session import bare_session
from benchmarks.performance.figures import Section, rate
from benchmarks.performance.growth import Growth
from benchmarks.performance.material import PRESETS, BenchmarkInputs, note
from benchmarks.performance.predictions import growth
from benchmarks.performance.turns import Clock, Turns, take_turns
from slowfeat.bundle import Bundle
from slowfeat.encoder import Encoder
from slowfeat_trainer.data.frames import FrameStack
from slowfeat_trainer.evaluation.compare import embed_in_batches

# As embed_in_batches takes them.
BATCH = 128
FRAMES = 512
GROWTH = (128, 512, 2048)
CAMERA = (480, 640)
TURN_S = 0.1
ABOUT = (
    "Offline: `embed_in_batches`, which `slowfeat evaluate` uses, beside `session.run` on "
    f"encoder.onnx, both {BATCH} frames at a time, frames in memory. A camera's frame, 640x480: "
    "`Encoder.embed` beside `cv2.resize` and `session.run`."
)


def compare_offline(bundle: Bundle, count: int, rounds: int) -> Turns:
    """Seconds of embedding `count` frames of the encoder's size."""
    encoder, session = Encoder(bundle, "cpu"), bare_session(bundle.encoder)
    shape = (count, *encoder.image_size, 3)
    frames = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    stack = FrameStack([frames])

    def bare() -> None:
        np.concatenate(
            [
                session.run(["embedding"], {"image": frames[k : k + BATCH]})[0]
                for k in range(0, count, BATCH)
            ]
        )

    works = {"ours": lambda: embed_in_batches(encoder, stack, BATCH), PEER: bare}
    return take_turns(works, rounds, TURN_S)


def compare_one(
    bundle: Bundle,
    rounds: int,
    turn_s: float = TURN_S,
    clock: Clock = time.perf_counter,
    threads: int = 0,
) -> Turns:
    """Seconds of one frame of a camera's size."""
    encoder, session = Encoder(bundle, "cpu", threads), bare_session(bundle.encoder, threads)
    height, width = encoder.image_size
    frame = np.random.default_rng(0).integers(0, 256, (*CAMERA, 3), dtype=np.uint8)

    def bare() -> None:
        small = cv2.resize(frame, (width, height), interpolation=cv2.INTER_AREA)
        session.run(["embedding"], {"image": small[None]})

    return take_turns(
        {"ours": lambda: encoder.embed(frame), PEER: bare}, rounds, turn_s, clock=clock
    )


def measure(material: BenchmarkInputs) -> Section:
    """Both ways for each preset's bundle, and how offline embedding grows."""
    section = Section("embedding", "Embedding", ABOUT)
    rounds = material.pick(9, 3)
    for preset in PRESETS:
        note(f"embedding: {preset}")
        bundle = material.bundle(preset)
        offline = compare_offline(bundle, FRAMES, rounds)
        one = compare_one(bundle, rounds)
        section.figures += [
            rate(f"{preset}, offline, {FRAMES} frames", offline, "ours", PEER, FRAMES, "frames/s"),
            rate(f"{preset}, one frame of 640x480", one, "ours", PEER, 1, "frames/s"),
        ]
    section.growth = [by_frames(material)]
    return section


def by_frames(material: BenchmarkInputs) -> Growth:
    """Time of offline embedding by the number of frames."""
    bundle, rounds = material.bundle(PRESETS[0]), material.pick(3, 1)
    found = [compare_offline(bundle, count, rounds) for count in GROWTH]
    return growth(f"embedding offline, {PRESETS[0]}", "frames", GROWTH, found)
