"""Time and memory of ingest as a bag grows to 4 and 16 times its length."""

from __future__ import annotations

import struct
import subprocess
import sys
from pathlib import Path

from rosbags.highlevel import AnyReader
from rosbags.rosbag2 import StoragePlugin, Writer

from benchmarks.performance.growth import Growth
from benchmarks.performance.material import BenchmarkInputs, note

TIMES = (1, 4, 16)
# One behind the other the bags are this far apart, ns.
PAUSE_NS = 100_000_000
PROBE = """
import sys, time
import slowfeat_trainer.ingest.ingest_bags
from slowfeat.cli import main
begun = time.perf_counter()
code = main(sys.argv[1:])
took = time.perf_counter() - begun
# Not ru_maxrss, which a process inherits from the one that started it.
peak = next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(took, peak)
sys.exit(code)
"""


def lengthen(bag: Path, times: int, target: Path) -> Path:
    """The bag, so many times one behind the other, with stamps that go on."""
    with (
        AnyReader([bag]) as reader,
        Writer(target, version=8, storage_plugin=StoragePlugin.MCAP) as writer,
    ):
        span = reader.end_time - reader.start_time + PAUSE_NS
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
                writer.write(connections[connection.id], stamp + k * span, bytes(data))
    return target


def seconds_and_peak(bag: Path, out: Path) -> tuple[float, float]:
    """Seconds and peak resident MB of `slowfeat ingest`, in a process of its own
    whose imports are not counted.
    """
    words = ["ingest", str(bag), "--out", str(out), "--min-pairs", "1"]
    done = subprocess.run(
        [sys.executable, "-c", PROBE, *words], check=True, capture_output=True, text=True
    )
    took, peak = done.stdout.split()[-2:]
    return float(took), int(peak) / 1000


def growth(material: BenchmarkInputs) -> list[Growth]:
    """Time and peak memory by the length of the bag."""
    folder = material.folder
    bags = {n: lengthen(material.short_bag, n, folder / f"times{n}") for n in TIMES}
    seconds: list[list[float]] = []
    peaks: list[list[float]] = []
    for k in range(material.pick(3, 1)):
        note(f"ingest of longer bags, round {k + 1}")
        found = [seconds_and_peak(bag, folder / f"data{n}_{k}") for n, bag in bags.items()]
        seconds.append([took for took, _ in found])
        peaks.append([peak for _, peak in found])
    sizes = [float(n) for n in TIMES]
    return [
        Growth("ingest, time", "times the bag", "s", sizes, seconds),
        Growth("ingest, peak memory", "times the bag", "MB", sizes, peaks),
    ]
