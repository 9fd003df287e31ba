"""Ingest beside its floor: how much of a bare decode-and-resize loop on all cores it reaches.

    .venv/bin/python benchmarks/ingest.py BAG... --out docs/performance.md

For each bag, in one run and alternating: the floor (cv2 decodes and resizes the same JPEGs, which
stand in memory already, on all cores), the naive loop (rosbags and cv2, one core, a list in memory),
and slowfeat ingest whole (reading, hashing, poses, clocks, dataset on disk). Then the peak memory of
slowfeat ingest on the first bag made 1, 4 and 16 times as long.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import platform
import statistics
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np
from rosbags.highlevel import AnyReader
from rosbags.rosbag2 import StoragePlugin, Writer

from slowfeat import __version__
from slowfeat_trainer.bags import IMAGE_TYPES
from slowfeat_trainer.ingest.engines import open_engine
from slowfeat_trainer.ingest.ingest import ingest
from slowfeat_trainer.ingest.options import IngestOptions

SIZE = 64
LEAST_S = 40.0
RGB = getattr(cv2, "IMREAD_COLOR_RGB", cv2.IMREAD_COLOR)


def small(jpeg: np.ndarray) -> np.ndarray:
    """What cannot be avoided: decode, and shrink by area."""
    return cv2.resize(cv2.imdecode(jpeg, RGB), (SIZE, SIZE), interpolation=cv2.INTER_AREA)


def jpegs_of(bag: Path) -> list[np.ndarray]:
    """The JPEGs of a bag, in memory."""
    with AnyReader([bag]) as reader:
        chosen = [c for c in reader.connections if c.msgtype in IMAGE_TYPES]
        return [
            np.array(reader.deserialize(raw, c.msgtype).data)  # type: ignore[attr-defined]
            for c, _, raw in reader.messages(chosen)
        ]


def floor(jpegs: list[np.ndarray]) -> None:
    """The bare loop on all cores."""
    out = np.empty((len(jpegs), SIZE, SIZE, 3), dtype=np.uint8)

    def work(start: int) -> None:
        for k in range(start, min(start + 64, len(jpegs))):
            out[k] = small(jpegs[k])

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(work, range(0, len(jpegs), 64)))


def naive(bag: Path) -> None:
    """What one writes first: one core, everything in a list, poses in another."""
    frames, poses = [], []
    with AnyReader([bag]) as reader:
        for connection, _, raw in reader.messages():
            message = reader.deserialize(raw, connection.msgtype)
            if connection.msgtype in IMAGE_TYPES:
                frames.append(small(message.data))  # type: ignore[attr-defined]
            elif connection.msgtype == "nav_msgs/msg/Odometry":
                poses.append(message.pose.pose)  # type: ignore[attr-defined]
    np.stack(frames)


def ours(bag: Path) -> None:
    """All of slowfeat ingest."""
    with (
        tempfile.TemporaryDirectory() as folder,
        contextlib.redirect_stderr(io.StringIO()),
        open_engine() as engine,
    ):
        ingest([bag], Path(folder) / "data", IngestOptions(), engine)


def seconds(work: Callable[[], None]) -> float:
    """How long one call takes."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def compare(bag: Path, repeats: int) -> dict[str, object]:
    """Frames a second of the three, and the ratios of each round."""
    jpegs = jpegs_of(bag)
    rounds: list[tuple[float, float, float]] = []
    # Short bags are noisy: as many rounds as take this long, s.
    while len(rounds) < repeats or sum(map(sum, rounds)) < LEAST_S:
        rounds.append(
            (seconds(lambda: floor(jpegs)), seconds(lambda: ours(bag)), seconds(lambda: naive(bag)))
        )
        print(f"{bag.name}: floor, ours, naive {rounds[-1]} s", file=sys.stderr, flush=True)
    share = [f / o for f, o, _ in rounds]
    gain = [n / o for _, o, n in rounds]
    frames = len(jpegs)
    megabytes = sum(file.stat().st_size for file in bag.iterdir()) / 1e6 if bag.is_dir() else 0
    height, width = cv2.imdecode(jpegs[0], RGB).shape[:2]
    return {
        "bag": bag.name,
        "frames": frames,
        "megabytes": round(megabytes),
        "picture": f"{width}x{height}",
        "floor_hz": frames / statistics.median(r[0] for r in rounds),
        "ours_hz": frames / statistics.median(r[1] for r in rounds),
        "naive_hz": frames / statistics.median(r[2] for r in rounds),
        "share": statistics.median(share),
        "share_range": [min(share), max(share)],
        "gain": statistics.median(gain),
        "gain_range": [min(gain), max(gain)],
    }


def lengthen(bag: Path, times: int, target: Path) -> Path:
    """The bag, so many times one behind the other, with stamps that go on."""
    with (
        AnyReader([bag]) as reader,
        Writer(target, version=8, storage_plugin=StoragePlugin.MCAP) as writer,
    ):
        span = reader.end_time - reader.start_time + 100_000_000
        connections = {
            c.id: writer.add_connection(c.topic, c.msgtype, typestore=reader.typestore)
            for c in reader.connections
        }
        for k in range(times):
            for connection, stamp, raw in reader.messages():
                data = bytearray(raw)
                if connection.msgtype != "tf2_msgs/msg/TFMessage":
                    sec, nanosec = struct.unpack_from("<iI", data, 4)
                    moved = sec * 10**9 + nanosec + k * span
                    struct.pack_into("<iI", data, 4, moved // 10**9, moved % 10**9)
                writer.write(connections[connection.id], stamp + k * span, data)
    return target


PROBE = """
import sys
from slowfeat.cli import main
code = main(sys.argv[1:])
# Not ru_maxrss, which a process inherits from the one that started it.
print(next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")))
sys.exit(code)
"""


def peak_mb(bag: Path, out: Path) -> float:
    """Peak resident memory of `slowfeat ingest` in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", PROBE, "ingest", str(bag), "--out", str(out)],
        check=True,
        capture_output=True,
        text=True,
    )
    return int(done.stdout.split()[-1]) / 1000


def growth(bag: Path) -> list[dict[str, float]]:
    """Peak memory as the bag grows."""
    found = []
    with tempfile.TemporaryDirectory() as folder:
        for times in (1, 4, 16):
            longer = lengthen(bag, times, Path(folder) / f"x{times}")
            size = sum(file.stat().st_size for file in longer.iterdir()) / 1e6
            peak = peak_mb(longer, Path(folder) / f"data{times}")
            found.append({"times": times, "megabytes": round(size), "peak_mb": round(peak)})
            print(found[-1], file=sys.stderr, flush=True)
    return found


def table(rows: list[dict[str, object]], memory: list[dict[str, float]], name: str) -> str:
    """Both tables as Markdown."""
    lines = [
        "| bag | pictures | MB | floor, frames/s | slowfeat ingest | share of the floor | naive loop | times the naive loop |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for r in rows:
        low, high = r["share_range"]  # type: ignore[misc]
        slow, fast = r["gain_range"]  # type: ignore[misc]
        lines.append(
            f"| {r['bag']} | {r['frames']} of {r['picture']} | {r['megabytes']} | {r['floor_hz']:.0f} "
            f"| {r['ours_hz']:.0f} | **{r['share']:.2f}** ({low:.2f} to {high:.2f}) "
            f"| {r['naive_hz']:.0f} | {r['gain']:.2f} ({slow:.2f} to {fast:.2f}) |"
        )
    lines += ["", f"Peak memory of `slowfeat ingest`, {name} made longer:", ""]
    lines += ["| times as long | MB | peak resident memory, MB |", "|---|---|---|"]
    lines += [f"| {m['times']} | {m['megabytes']} | {m['peak_mb']} |" for m in memory]
    return "\n".join(lines)


def main() -> int:
    """Measure and write."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("bags", nargs="+", type=Path, help="bags with JPEG images")
    parser.add_argument("--repeats", type=int, default=2, help="rounds a bag, at least")
    parser.add_argument("--out", type=Path, help="write the tables here as Markdown")
    parser.add_argument("--json", type=Path, help="write the figures here")
    args = parser.parse_args()
    rows = [compare(bag, args.repeats) for bag in args.bags]
    memory = growth(args.bags[0])
    if args.json:
        args.json.write_text(json.dumps({"rows": rows, "memory": memory}, indent=2) + "\n")
    text = (
        f"# Performance\n\n## Ingest\n\nWritten by `benchmarks/ingest.py "
        f"{' '.join(bag.name for bag in args.bags)}`, slowfeat {__version__}, {os.cpu_count()} CPU cores "
        f"({platform.machine()}). Floor: cv2 decodes the same JPEGs, already in memory, and shrinks them to "
        f"{SIZE}x{SIZE}, on all cores. Medians of alternating rounds (at least {args.repeats}, and {LEAST_S:.0f} s of them), in brackets the range; "
        "all of it in one run, so the ratios hold where the figures do not.\n\n"
        f"{table(rows, memory, args.bags[0].name)}\n"
    )
    print(text)
    if args.out:
        args.out.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
