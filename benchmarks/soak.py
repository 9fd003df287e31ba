"""The encoder node for a long time: whether memory, file handles or threads grow.

    .venv/bin/python benchmarks/soak.py --minutes 30 --hz 60

Ends with exit code 1 where something has grown, or frames got lost. The first tenth of the time is
for caches and buffers to fill; growth is from there to the end, of memory by a straight line
through all samples.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

SAMPLES = 60
# Faster than the node can be.
BURST_HZ = 400.0
# Allocators are never quite still.
MEMORY_MB = 8.0
FEW = 3


@dataclass(frozen=True)
class Soaked:
    """What a soak has found."""

    minutes: float
    sent: int
    received: int
    # Of the node's own memory over the whole time, by a straight line.
    memory_growth_mb: float
    # Of the middleware's shared segments, how much the node has touched in the end: they have a
    # fixed size.
    shared_mb: float
    thread_growth: int
    handle_growth: int

    @property
    def grew(self) -> bool:
        """Whether anything grew more than it should."""
        return (
            self.memory_growth_mb > MEMORY_MB
            or self.thread_growth > FEW
            or self.handle_growth > FEW
        )

    def __str__(self) -> str:
        return (
            f"{self.minutes:.1f} min: {self.received} of {self.sent} frames, own memory "
            f"{self.memory_growth_mb:+.1f} MB (and {self.shared_mb:.0f} MB of shared segments of "
            f"fixed size touched), threads {self.thread_growth:+d}, file handles "
            f"{self.handle_growth:+d}"
        )


def soak(minutes: float, hz: float, size: tuple[int, int] = (640, 480)) -> Soaked:
    """Run the node in a process of its own, feed it, and watch it."""
    from benchmarks.node_parts import Camera, Stream, image_of, make_bundle, start, usage
    from slowfeat.live.fastdds import use_profile

    use_profile()
    with tempfile.TemporaryDirectory() as folder:
        bundle = make_bundle(Path(folder), "small")
        command = ["-m", "slowfeat", "run", "--model", str(bundle), "--queue-depth", "20"]
        child = start(*command, "--image-topic", "/soak/image")
        camera = Camera()
        message = image_of(*size, "raw")
        total, samples = Stream(), []
        started = time.monotonic()
        try:
            piece_s = minutes * 60 / SAMPLES
            # The node's queue is filled once, or its first jam would later be taken for growth.
            burst = (message, "/soak/image", "/encoder/embedding", BURST_HZ, 1.0, True)
            camera.stream(*burst)
            # Long pieces: each begins with a wait for discovery, which is not what is watched.
            pieces = max(3, min(SAMPLES, int(minutes * 60 / max(piece_s, 8.0))))
            for _ in range(pieces):
                found: Any = camera.stream(
                    message,
                    "/soak/image",
                    "/encoder/embedding",
                    hz,
                    minutes * 60 / pieces - 2.0,
                    True,
                )
                total.sent += found.sent
                total.latencies_ms += found.latencies_ms[:1000]
                samples.append(
                    (time.monotonic() - started, usage(child.pid), len(found.latencies_ms))
                )
        finally:
            camera.close()
            child.send_signal(signal.SIGTERM)
            child.wait(timeout=20)
    settled = samples[max(1, len(samples) // 10) :]
    times = np.array([at for at, _, _ in settled])
    memory = np.array([u.own_mb for _, u, _ in settled])
    slope = float(np.polyfit(times, memory, 1)[0]) if len(settled) > 1 else 0.0
    first, last = settled[0][1], settled[-1][1]
    return Soaked(
        (time.monotonic() - started) / 60,
        total.sent,
        sum(count for _, _, count in samples),
        slope * float(times[-1] - times[0]),
        last.shared_mb,
        last.threads - first.threads,
        last.handles - first.handles,
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--hz", type=float, default=60.0)
    args = parser.parse_args()
    os.environ["ROS_DOMAIN_ID"] = str(1 + os.getpid() % 100)
    os.environ["ROS_AUTOMATIC_DISCOVERY_RANGE"] = "LOCALHOST"
    done = soak(args.minutes, args.hz)
    print(done)
    lost = done.received < done.sent
    if lost:
        print(f"{done.sent - done.received} frames got lost")
    return int(done.grew or lost)


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    sys.exit(main())
