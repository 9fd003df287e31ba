"""The live half: the node and the replay in their own processes, this one listens, all over DDS."""

from __future__ import annotations

import json
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from slowfeat.geometry import Array
from slowfeat_trainer.console.terminal import progress_bar, say
from slowfeat_trainer.demo.children import Child, Children, wait_until
from slowfeat_trainer.demo.listener import Listener, Vector
from slowfeat_trainer.demo.replay_split import ReplayData

NAMESPACE = "slowfeat_demo"
NODE = f"/{NAMESPACE}/encoder"
# The node loads ONNX Runtime and the bundle; on a small machine that takes its time, s.
START_TIMEOUT_S = 60.0
# Silence after the end of the replay, after which nothing more is expected, s.
SILENCE_S = 2.0
# A bag's frames are all wanted, so they may wait for the node.
QUEUE_DEPTH = 100


@dataclass(frozen=True)
class NodeOutput:
    """What came back from the node while the bag was replayed."""

    # Header stamp -> when the image was published, and when its embedding arrived (same clock, ns).
    sent_ns: dict[int, int]
    arrived_ns: dict[int, int]
    # Header stamp -> embedding (D,).
    embeddings: dict[int, Vector]
    # Frames with ~/predictions of the same stamp; embeddings that came twice.
    predicted: int
    repeated: int


@dataclass(frozen=True)
class Answers:
    """What the node's ~/predict said, for P pairs."""

    # Index (P,) into the material's held-out part: the frame before and the one after.
    before: npt.NDArray[np.int64]
    after: npt.NDArray[np.int64]
    # (P, 6) the motion that really came next, and another one.
    motions: Array
    # (P, 3, D): for the true motion, for the wrong one, and for no motion.
    predicted: Vector
    # (P, 3) expected error, l2.
    expected_error: Vector


def run_live(material: ReplayData, model: Path, work: Path) -> tuple[NodeOutput, Answers]:
    """Replay the material's held-out part to a node that runs `model`; logs go to work/logs.

    Raises:
        SlowfeatError: a process ended early, or nothing came in time.
    """
    with Children(work / "logs") as children, Listener(NODE) as listener:
        say("starting the node in its own process")
        node = children.start("node", node_command(model, material))

        def step() -> None:
            listener.spin()
            node.check()

        wait_until(lambda: listener.connected, step, START_TIMEOUT_S, "the node's ~/info")
        heard = _replay(children, node, listener, material, work / "logs" / "sent.json")
        say("asking the node what it would have predicted for the motions that really came")
        answers = _ask(node, listener, material)
    return heard, answers


def node_command(model: Path, material: ReplayData) -> list[str]:
    """The command that starts the node on the bag's topics."""
    words = [sys.executable, "-m", "slowfeat", "run", "--model", str(model)]
    words += ["--namespace", NAMESPACE, "--queue-depth", str(QUEUE_DEPTH)]
    words += ["--odom-topic", material.odom_topic]
    if material.compressed:
        # Remapped by itself, because a compressed topic need not end in /compressed.
        words += ["--image-transport", "compressed"]
        return [*words, "--ros-args", "--remap", f"image/compressed:={material.image_topic}"]
    return [*words, "--image-transport", "raw", "--image-topic", material.image_topic]


def replay_command(material: ReplayData, sent: Path) -> list[str]:
    """The command that replays the held-out part at its own pace."""
    topics = [material.image_topic, material.odom_topic]
    words = [sys.executable, "-m", "slowfeat_trainer.simulation.replay", str(material.bag)]
    words += ["--start", f"{material.replay_from_s:.9f}", "--sent", str(sent)]
    return [*words, "--topics", *topics, "--wait-for", *topics, "--timeout", "30"]


def _replay(
    children: Children, node: Child, listener: Listener, material: ReplayData, sent_file: Path
) -> NodeOutput:
    frames = len(material.held_out)
    say(f"replaying {frames} frames at their own pace, {material.held_out.seconds:.0f} s")
    player = children.start("replay", replay_command(material, sent_file))
    with progress_bar(frames, "replay", "frame") as bar:

        def step() -> None:
            listener.spin()
            bar.update(len(listener.arrived_ns) - bar.n)
            node.check()
            player.check(may_end=True)

        # The replay's own end is the measure; this only guards against one that hangs.
        longest = 60 + 2 * material.held_out.seconds
        wait_until(lambda: player.ended, step, longest, "the replay's end")
        player.check(may_end=True)
        sent_ns = {
            image["stamp_ns"]: image["monotonic_ns"]
            for image in json.loads(sent_file.read_text(encoding="utf-8"))["images"]
        }
        quiet_since = time.monotonic()
        while len(listener.arrived_ns) < len(sent_ns) or len(listener.predicted) < len(sent_ns):
            before = len(listener.arrived_ns) + len(listener.predicted)
            step()
            if len(listener.arrived_ns) + len(listener.predicted) > before:
                quiet_since = time.monotonic()
            if time.monotonic() - quiet_since > SILENCE_S:
                break
    return NodeOutput(
        sent_ns,
        dict(listener.arrived_ns),
        dict(listener.embeddings),
        len(listener.predicted & sent_ns.keys()),
        listener.repeated,
    )


def _ask(node: Child, listener: Listener, material: ReplayData) -> Answers:
    """One call of ~/predict for each pair of frames that both came back."""
    stamps = material.held_out.stamps
    come = np.array([int(stamp) in listener.embeddings for stamp in stamps])
    pairs = material.pairs
    pairs = pairs.take(come[pairs.before] & come[pairs.after])
    # The wrong motion is one the robot made as well: that of the pair half the part away.
    wrong = np.roll(pairs.motions, len(pairs) // 2, axis=0)
    motions = np.stack([pairs.motions, wrong, np.zeros_like(wrong)], axis=1)
    dimension = int(listener.info.dimension)
    predicted = np.zeros((len(pairs), 3, dimension), dtype=np.float32)
    expected = np.zeros((len(pairs), 3), dtype=np.float32)
    with progress_bar(len(pairs), "predict", "pair") as bar:
        for i, before in enumerate(pairs.before):
            node.check()
            start = listener.embeddings[int(stamps[before])]
            predicted[i], expected[i] = listener.predict(start, motions[i])
            bar.update()
    return Answers(pairs.before, pairs.after, pairs.motions, predicted, expected)
