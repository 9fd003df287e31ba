"""The encoder node beside its floor: real DDS, two processes, in one run.

    .venv/bin/python benchmarks/node.py --out docs/nodes/performance.md

The floor is a bare echo node: rclpy, plain cv2 decode and resize, ONNX Runtime on the same frame,
the same message back. Both get the same images at 30 Hz, in turns of a few seconds. Latency is
from the image's stamp to the embedding received, by one clock. Then predictions beside bare ONNX
Runtime on transform.onnx.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import platform
import signal
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from slowfeat import __version__
from slowfeat.bundle import load_bundle
from slowfeat.encoder import Encoder

SIZES = ((320, 240), (640, 480), (1920, 1080))
TRANSPORTS = ("raw", "jpeg")
MOTIONS = (1, 10, 100, 1000)
HZ = 30.0


def echo(bundle_path: Path, transport: str, topic: str, answers: str) -> None:
    """The floor: what any node has to do, and nothing else."""
    import onnxruntime
    import rclpy
    from rclpy.executors import ExternalShutdownException
    from rclpy.qos import QoSProfile, ReliabilityPolicy
    from sensor_msgs.msg import CompressedImage, Image
    from slowfeat_interfaces.msg import Embedding

    from slowfeat.nodes.messages import float32_array

    bundle = load_bundle(bundle_path)
    height, width = bundle.info.image_size
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = min(4, os.cpu_count() or 1)
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    session = onnxruntime.InferenceSession(
        bundle.encoder, options, providers=["CPUExecutionProvider"]
    )
    rclpy.init()
    node = rclpy.create_node("floor")
    publisher = node.create_publisher(Embedding, answers, 10)

    def receive(message: Any) -> None:
        data = np.frombuffer(message.data, np.uint8)
        if transport == "jpeg":
            pixels = cv2.imdecode(data, cv2.IMREAD_COLOR_RGB)
        else:
            pixels = data.reshape(message.height, message.width, 3)
        small = cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA)
        found = session.run(["embedding"], {"image": small[None]})[0][0]
        publisher.publish(Embedding(header=message.header, data=float32_array(found)))

    kind = CompressedImage if transport == "jpeg" else Image
    qos = QoSProfile(depth=1, reliability=ReliabilityPolicy.BEST_EFFORT)
    node.create_subscription(kind, topic, receive, qos)
    # Killed, it would leave its shared memory and its place in discovery to those that come after.
    with contextlib.suppress(KeyboardInterrupt, ExternalShutdownException):
        rclpy.spin(node)
    node.destroy_node()
    rclpy.try_shutdown()


def percentiles(values: list[float]) -> str:
    if not values:
        return "-"
    p50, p99 = np.percentile(values, [50, 99])
    return f"{p50:.1f} / {p99:.1f}"


def measure_case(
    camera: Any, bundle: Path, size: tuple[int, int], transport: str, seconds: float, rounds: int
) -> tuple[list[str], tuple[float, float]]:
    """One row of the table, and what the node adds at p50 and p99, ms."""
    from benchmarks.node_parts import Stream, image_of, start, usage

    parameter = "compressed" if transport == "jpeg" else "raw"
    end = "/compressed" if transport == "jpeg" else ""
    topics = {"floor": f"/floor/image{end}", "node": f"/measured/image{end}"}
    answers = {"floor": "/floor/embedding", "node": "/encoder/embedding"}
    floor = [__file__, "--echo", str(bundle), transport, topics["floor"], answers["floor"]]
    node = ["-m", "slowfeat", "run", "--model", str(bundle), "--image-topic", "/measured/image"]
    children = {
        "floor": start(*floor),
        "node": start(*node, "--image-transport", parameter),
    }
    message = image_of(*size, transport)
    streams = {name: Stream() for name in children}
    shares: dict[str, list[float]] = {name: [] for name in children}
    try:
        for _ in range(rounds):
            for name, child in children.items():
                before, at = usage(child.pid), time.monotonic()
                found = camera.stream(message, topics[name], answers[name], HZ, seconds)
                after = usage(child.pid)
                shares[name].append((after.cpu_s - before.cpu_s) / (time.monotonic() - at))
                streams[name].sent += found.sent
                streams[name].latencies_ms += found.latencies_ms
        memory = {name: usage(child.pid).rss_mb for name, child in children.items()}
    finally:
        for child in children.values():
            child.send_signal(signal.SIGTERM)
            child.wait(timeout=20)
    cells = []
    for name in ("floor", "node"):
        s = streams[name]
        cells += [f"{len(s.latencies_ms)} of {s.sent}", percentiles(s.latencies_ms)]
        cells += [f"{np.mean(shares[name]):.0%}", f"{memory[name]:.0f}"]
    added = (np.nan, np.nan)
    if all(s.latencies_ms for s in streams.values()):
        a, b = (np.percentile(streams[n].latencies_ms, [50, 99]) for n in ("floor", "node"))
        added = (float(b[0] - a[0]), float(b[1] - a[1]))
    return cells, added


def node_table(seconds: float, rounds: int, folder: Path, quick: bool) -> list[str]:
    from benchmarks.made_bundle import ENCODERS
    from benchmarks.node_parts import Camera, make_bundle

    of_one = ("received", "p50 / p99, ms", "CPU", "MB")
    heads = [
        "encoder",
        "frames",
        *(f"{who}: {what}" for who in ("floor", "node") for what in of_one),
    ]
    heads.append("node adds, p50 / p99, ms")
    lines = [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
    camera = Camera()
    for name in ENCODERS:
        bundle = make_bundle(folder, name)
        for size in SIZES[:2] if quick else SIZES:
            for transport in TRANSPORTS:
                cells, added = measure_case(camera, bundle, size, transport, seconds, rounds)
                told = [name, f"{size[0]}x{size[1]} {transport}", *cells]
                lines.append(f"| {' | '.join(told)} | **{added[0]:+.2f} / {added[1]:+.2f}** |")
                print(lines[-1], flush=True)
    camera.close()
    return lines


def alternately(rounds: int, *works: Callable[[], object]) -> list[float]:
    """Median seconds of each piece of work."""
    times: list[list[float]] = [[] for _ in works]
    for k in range(rounds + 3):
        for work, found in zip(works, times, strict=True):
            started = time.perf_counter()
            work()
            if k >= 3:  # the first ones warm up
                found.append(time.perf_counter() - started)
    return [float(np.median(found)) for found in times]


def predictions_table(bundles: dict[str, Path], rounds: int) -> list[str]:
    """The engine, and engine + message + publishing to a subscriber, beside bare ONNX Runtime."""
    import rclpy
    from slowfeat_interfaces.msg import PredictedEmbeddings
    from std_msgs.msg import Header

    from slowfeat.live.prediction_reply import Reply
    from slowfeat.nodes.messages import predictions_message, transforms_from_motions

    heads = ["bundle", "motions", "bare ONNX Runtime, ms", "in the node, ms", "times"]
    heads += ["with message and publishing, ms", "times"]
    lines = [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
    rclpy.init()
    node = rclpy.create_node("predictions")
    publisher = node.create_publisher(PredictedEmbeddings, "/predictions", 10)
    random = np.random.default_rng(0)
    for name, path in bundles.items():
        encoder = Encoder(load_bundle(path), "cpu")
        start = random.normal(0, 1, encoder.info.dimension).astype(np.float32)
        for count in MOTIONS:
            motions = random.normal(0, 0.1, (count, 6))
            told = transforms_from_motions(motions)
            inputs = {
                "embedding": np.ascontiguousarray(np.broadcast_to(start, (count, len(start)))),
                "motion": motions.astype(np.float32),
            }
            session = encoder._transform

            def bare(session: Any = session, inputs: Any = inputs) -> object:
                return session.run(["embedding_after", "expected_error"], inputs)

            def engine(e: Encoder = encoder, z: Any = start, m: Any = inputs["motion"]) -> Any:
                return e.predict_checked(z, m)

            def whole(i: Any = encoder.info, t: Any = told, work: Any = engine) -> None:
                reply = Reply(*work(), np.zeros(0, np.float32), np.zeros(0, np.uint32))
                publisher.publish(predictions_message(Header(), i, t, reply))

            a, b, c = alternately(rounds, bare, engine, whole)
            cells = [name, str(count), f"{a * 1e3:.3f}", f"{b * 1e3:.3f}", f"**{b / a:.2f}**"]
            lines.append(f"| {' | '.join([*cells, f'{c * 1e3:.3f}', f'{c / a:.2f}'])} |")
            print(lines[-1], flush=True)
    node.destroy_node()
    rclpy.shutdown()
    return lines


PAGE = """# Performance of the encoder node

Written by `benchmarks/node.py`, slowfeat {version}, {cores} CPU cores ({machine}). Floor: a bare
echo node in a process of its own, plain cv2 decode and resize, ONNX Runtime on the same frame.
Floor and node take turns: {rounds} times {seconds:g} s of {hz:g} Hz each. Latency is from the
image's stamp to the embedding received in the process that sent the image. CPU is of one core.

## Frames

{frames}

## Predictions

Medians of alternating calls.

{predictions}
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=10.0, help="of each turn (default 10)")
    parser.add_argument("--rounds", type=int, default=3, help="turns of each (default 3)")
    parser.add_argument("--quick", action="store_true", help="leave the largest images out")
    parser.add_argument("--model", type=Path, help="a bundle of yours, for the predictions")
    parser.add_argument("--out", type=Path, help="the page to write")
    parser.add_argument("--echo", nargs=4, metavar="X", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.echo:
        bundle, transport, topic, answers = args.echo
        echo(Path(bundle), transport, topic, answers)
        return
    # No other robot may be heard, and large images must get through.
    os.environ["ROS_DOMAIN_ID"] = str(1 + os.getpid() % 100)
    os.environ["ROS_AUTOMATIC_DISCOVERY_RANGE"] = "LOCALHOST"
    from slowfeat.live.fastdds import use_profile

    warning = use_profile()
    if warning:
        print(warning)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        frames = node_table(args.seconds, args.rounds, folder, args.quick)
        bundles = {"bilinear, D = 128": folder / "small"}
        if args.model:
            bundles[args.model.name] = args.model
        predictions = predictions_table(bundles, 50)
    text = PAGE.format(
        version=__version__,
        cores=os.cpu_count(),
        machine=platform.machine(),
        rounds=args.rounds,
        seconds=args.seconds,
        hz=HZ,
        frames="\n".join(frames),
        predictions="\n".join(predictions),
    )
    if args.out:
        args.out.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    import sys

    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    main()
