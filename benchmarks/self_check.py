"""The live self-check on recorded drives: how soon it notices wrong odometry, how often it is wrong.

    .venv/bin/python benchmarks/self_check.py simulated:RUN=BAG ... donkey:RUN=BAG ... --out docs/nodes/self_check.md

Each bundle sees the end of its bag, which its training kept out. The node's own classes get embeddings and
odometry in the order of a live drive. A trial: some seconds of clean odometry, then a fault; noticed when
the verdict names a problem within 2 s of true motion. Trials start every few seconds all over the drive.
"""

from __future__ import annotations

import argparse
import platform
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from slowfeat import __version__
from slowfeat.bundle import load_bundle
from slowfeat.encoder import Embedding, Encoder
from slowfeat.geometry import Array, motion_matrix, quaternion_from_matrix, relative_motion
from slowfeat.images import Image
from slowfeat.live.motion_check import MotionCheck
from slowfeat.odometry import NS
from slowfeat.self_check import MIN_COMPARISONS, SCALES, Comparison, SelfCheck, Verdict, best_scale
from slowfeat_trainer.bags import bag_sha256
from slowfeat_trainer.data.pairs import Part, split_recordings
from slowfeat_trainer.ingest.bundle_reading import reading_for
from slowfeat_trainer.ingest.ingest_bag import read_recording

CLEAN_S, MOTION_S, EVERY_S = 4.0, 2.0, 5.0
# Slower than this the robot stands: no fault of its odometry can be seen.
STILL_M_S, STILL_RAD_S = 0.04, 0.04
MOST_FALSE_PER_MINUTE = 0.5
OF_ODOMETRY = ("odometry x1.5", "odometry x0.67", "frozen odometry")
OF_SIGHT = ("dirty lens", "dark", "kidnapped")
FAULTS = (*OF_ODOMETRY, *OF_SIGHT)
Score = Callable[[list[Comparison]], float]


@dataclass(frozen=True)
class Drive:
    """The held-out end of a bag, embedded."""

    encoder: Encoder
    part: Part
    embeddings: Embedding
    # Fault of OF_SIGHT -> embeddings of the same frames under it; the kidnapped robot sees clean ones.
    faulty: dict[str, Embedding]


@dataclass(frozen=True)
class Trial:
    """Comparisons around a fault."""

    comparisons: list[Comparison]
    start_ns: int
    # When the robot has moved for 2 s since.
    deadline_ns: int


@dataclass
class Measured:
    """Everything recorded of one bundle."""

    source: str
    clean: list[Comparison]
    trials: dict[str, list[Trial]]


PAGE = """# The self-check, measured

Written by `benchmarks/self_check.py`, slowfeat {version} ({machine}). Each bundle sees the end of its bag that its
training kept out. A trial is {clean_s:.0f} s of a clean drive, then a fault; one starts every {every_s:.0f} s of the
drive. Dirty lens: grease all over, mud on the left half. Dark: a tenth of the light. Kidnapped: lifted and put down where the drive
was half its length later, driving on there. In brackets the least and the greatest over the bundles (seeds, and for the simulation also maps).

## What the node says, with its default parameters

Window {window_s:g} s, ratio above {ratio:g}, or a scale that takes away more than {scale:.0%} of the squared error. These were
chosen by the last table, on these very drives. Delays are for the faults in their order.

{verdicts}

## Which scale of the reported motion predicts best

Share of windows of 1.5 s; of the trials, the last window.

{scales}

## Which statistic tells, each at its own best threshold

Noticed within {motion_s:.0f} s of motion, at the threshold that gives at most {most_false:g} false alarms a minute on
these very clean drives (and less than a tenth of the time in alarm): what the statistic can do at best.

{attempts}
"""


class Recorder(SelfCheck):
    """A self-check that keeps what it was given."""

    def __init__(self) -> None:
        super().__init__()
        self.comparisons: list[Comparison] = []

    def add(self, comparison: Comparison) -> Verdict:
        """Keep it, too."""
        self.comparisons.append(comparison)
        return super().add(comparison)


def open_drive(run: Path, bag: Path) -> Drive:
    bundle = load_bundle(run)
    encoder = Encoder(bundle, "cpu", 1)
    digest = bag_sha256(bag)
    reading = reading_for(bundle.info, digest, {})
    assert reading.trained is not None, f"{run} was not trained on {bag}"  # noqa: S101
    recording = read_recording(bag, reading.options, digest=digest)
    part = split_recordings([recording], reading.trained).test
    rows = [np.arange(i, min(i + 64, len(part))) for i in range(0, len(part), 64)]

    def embed(change: Callable[[Image], Image]) -> Embedding:
        return np.concatenate([encoder.embed_batch(change(part.frames[r])) for r in rows])

    return Drive(
        encoder, part, embed(lambda f: f), {"dirty lens": embed(dirty), "dark": embed(dark)}
    )


def dirty(frames: Image) -> Image:
    """Frames through a lens with grease all over it and mud on its left half."""
    found = np.stack([cv2.GaussianBlur(f, (0, 0), frames.shape[2] / 25) for f in frames])
    height, width = frames.shape[1:3]
    mud = np.zeros((height, width), np.float32)
    centre = (width // 3, height // 2)
    cv2.ellipse(mud, centre, (width // 4, height // 3), 0, 0, 360, 1.0, -1)
    mud = 0.9 * cv2.GaussianBlur(mud, (0, 0), width / 30)[..., None]
    return np.asarray(found * (1 - mud) + mud * np.array([70.0, 60.0, 45.0]), np.uint8)


def dark(frames: Image) -> Image:
    """Frames in a tenth of the light."""
    return np.asarray(frames // 10, np.uint8)


def with_fault(poses: Array, fault: str) -> Array:
    """Poses (N, 4, 4) as the odometry would tell them from the second one on."""
    if fault == "frozen odometry":
        return np.broadcast_to(poses[0], poses.shape)
    scale = {"odometry x1.5": 1.5, "odometry x0.67": 2 / 3}[fault]
    steps = motion_matrix(scale * relative_motion(poses[:-1], poses[1:]))
    told = [poses[0]]
    for step in steps:
        told.append(told[-1] @ step)
    return np.array(told)


def replay(
    drive: Drive, rows: Sequence[int], poses: Array, seen: Embedding | None = None
) -> list[Comparison]:
    """The comparisons that a live drive over some frames makes, with odometry told by `poses`.

    Args:
        drive: the drive.
        rows: its frames (K,), whose stamps count.
        poses: (K, 4, 4).
        seen: (K, D), what is seen at these stamps; None: these frames.
    """
    seen = drive.embeddings[list(rows)] if seen is None else seen
    check = MotionCheck()
    recorder = check.self_check = Recorder()
    quaternions = quaternion_from_matrix(poses[:, :3, :3])
    for k, row in enumerate(rows):
        stamp = int(drive.part.stamps[row])
        check.add_pose(stamp, "base_link", poses[k, :3, 3], quaternions[k])
        check.add_frame(drive.encoder, stamp, None, seen[k])
    return recorder.comparisons


def under_fault(
    drive: Drive, fault: str, rows: tuple[int, int, int]
) -> tuple[Array, Embedding | None]:
    """Poses (K, 4, 4) that are told and embeddings (K, D) that are seen, with a fault from `at` on.

    Args:
        drive: the drive.
        fault: one of FAULTS.
        rows: first, at and behind the last.
    """
    (first, at, end), poses = rows, drive.part.poses
    if fault in OF_ODOMETRY:
        return np.concatenate([poses[first:at], with_fault(poses[at:end], fault)]), None
    if fault != "kidnapped":
        clean, faulty = drive.embeddings[first:at], drive.faulty[fault][at:end]
        return poses[first:end], np.concatenate([clean, faulty])
    # Lifted, put down elsewhere, and driving on there; its odometry knows nothing of it.
    there = (at + len(poses) // 2 + np.arange(end - at)) % len(poses)
    on = np.stack([poses[at] @ np.linalg.inv(poses[there[0]]) @ poses[row] for row in there])
    return (
        np.concatenate([poses[first:at], on]),
        np.concatenate([drive.embeddings[first:at], drive.embeddings[there]]),
    )


def measure(drive: Drive, source: str) -> Measured:
    stamps, poses = drive.part.stamps, drive.part.poses
    dt = np.diff(stamps) / NS
    moved = relative_motion(poses[:-1], poses[1:])
    moving = (np.linalg.norm(moved[:, :3], axis=1) > STILL_M_S * dt) | (
        np.linalg.norm(moved[:, 3:], axis=1) > STILL_RAD_S * dt
    )
    motion_s = np.concatenate([[0.0], np.cumsum(dt * moving)])
    trials: dict[str, list[Trial]] = {fault: [] for fault in FAULTS}
    for start_s in np.arange(CLEAN_S, (stamps[-1] - stamps[0]) / NS - CLEAN_S, EVERY_S):
        start_ns = int(stamps[0] + start_s * NS)
        first, at = np.searchsorted(stamps, [start_ns - CLEAN_S * NS, start_ns])
        end = int(np.searchsorted(motion_s, motion_s[at] + MOTION_S))
        if end >= len(stamps) or stamps[end] - start_ns > 2 * MOTION_S * NS:
            continue  # the drive ends, or the robot stands for most of the time
        rows = range(first, end + 1)
        for fault in FAULTS:
            told, seen = under_fault(drive, fault, (int(first), int(at), end + 1))
            comparisons = replay(drive, rows, told, seen)
            trials[fault].append(Trial(comparisons, start_ns, int(stamps[end])))
    return Measured(source, replay(drive, range(len(stamps)), poses), trials)


def alarms(comparisons: list[Comparison]) -> list[tuple[int, bool]]:
    """Stamp and whether the node would warn, with the defaults."""
    check = SelfCheck()
    return [(c.stamp_ns, bool(check.add(c).problem)) for c in comparisons]


def scores(comparisons: list[Comparison], score: Score, window_s: float) -> list[tuple[int, float]]:
    """Stamp and score of each window."""
    found, first = [], 0
    for k, item in enumerate(comparisons):
        while comparisons[first].stamp_ns < item.stamp_ns - window_s * NS:
            first += 1
        if k + 1 - first >= MIN_COMPARISONS:
            found.append((item.stamp_ns, score(comparisons[first : k + 1])))
    return found


def onsets(flags: list[tuple[int, bool]]) -> int:
    return sum(b and not a for (_, a), (_, b) in zip([(0, False), *flags], flags, strict=False))


def minutes(comparisons: list[Comparison]) -> float:
    return (comparisons[-1].stamp_ns - comparisons[0].stamp_ns) / NS / 60


def noticed(trials: list[tuple[Trial, list[tuple[int, bool]]]]) -> tuple[int, int, list[float]]:
    """Trials noticed in time, trials that count (no alarm before the fault), and the delays, s."""
    hits, counted, delays = 0, 0, []
    for trial, flags in trials:
        before = [flag for stamp, flag in flags if stamp <= trial.start_ns]
        if before and before[-1]:
            continue
        counted += 1
        after = [s for s, flag in flags if flag and trial.start_ns < s <= trial.deadline_ns]
        if after:
            hits += 1
            delays.append((after[0] - trial.start_ns) / NS)
    return hits, counted, delays


def median_ratio(window: list[Comparison]) -> float:
    return statistics.median(item.ratio for item in window)


def likelihood_gain(window: list[Comparison]) -> float:
    """Drop of the mean squared error, in units of the expected one, for 2/3 of the motion or 3/2."""
    moved = [item for item in window if len(item.squared_errors) == len(SCALES)]
    if len(moved) < MIN_COMPARISONS:
        return -np.inf
    drops = [(m.squared_errors[0] - m.squared_errors[3:5]) / m.expected_error**2 for m in moved]
    return float(np.mean(drops, axis=0).max())


def scale_gain(window: list[Comparison]) -> float:
    moved = [item for item in window if len(item.squared_errors) == len(SCALES)]
    return best_scale(moved)[1] if len(moved) >= MIN_COMPARISONS else -np.inf


ATTEMPTS: dict[str, Score] = {
    "median of error / expected error": median_ratio,
    "drop of squared error / expected, scale 2/3 or 3/2": likelihood_gain,
    "share of squared error that the best scale takes away": scale_gain,
}


def best_threshold(measured: list[Measured], score: Score, window_s: float) -> float:
    """The least threshold with at most MOST_FALSE_PER_MINUTE false alarms on the clean drives."""
    clean = [scores(m.clean, score, window_s) for m in measured]
    total = sum(minutes(m.clean) for m in measured)
    values = np.unique(np.concatenate([[value for _, value in c] for c in clean]))
    for threshold in values[:: max(1, len(values) // 400)]:
        count = sum(onsets([(s, v > threshold) for s, v in c]) for c in clean)
        share = np.mean([v > threshold for c in clean for _, v in c])
        if count / total <= MOST_FALSE_PER_MINUTE and share < 0.1:
            return float(threshold)
    return float(values[-1])


def attempts_table(measured: list[Measured]) -> list[str]:
    lines = [
        "| source | window, s | statistic | threshold | " + " | ".join(FAULTS) + " |",
        "|---|---|---|---|" + "---|" * len(FAULTS),
    ]
    for source in dict.fromkeys(m.source for m in measured):
        of_source = [m for m in measured if m.source == source]
        for window_s in (1.0, 1.5, 2.0):
            for name, score in ATTEMPTS.items():
                threshold = best_threshold(of_source, score, window_s)
                cells = [source, f"{window_s}", name, f"{threshold:.2f}"]
                for fault in FAULTS:
                    flagged = [
                        (t, [(s, v > threshold) for s, v in scores(t.comparisons, score, window_s)])
                        for m in of_source
                        for t in m.trials[fault]
                    ]
                    hits, counted, _ = noticed(flagged)
                    cells.append(f"{hits / max(counted, 1):.0%} of {counted}")
                lines.append("| " + " | ".join(cells) + " |")
    return lines


def spread(values: list[float], form: str) -> str:
    return f"{statistics.mean(values):{form}} ({min(values):{form}} to {max(values):{form}})"


def verdict_table(measured: list[Measured]) -> list[str]:
    lines = [
        "| source | bundles | clean minutes | false alarms a minute | time in WARN, clean | "
        + " | ".join(f"{f}: noticed within {MOTION_S:.0f} s of motion" for f in FAULTS)
        + " | median delay, s |",
        "|---|---|---|---|---|" + "---|" * (len(FAULTS) + 1),
    ]
    for source in dict.fromkeys(m.source for m in measured):
        of_source = [m for m in measured if m.source == source]
        flags = [alarms(m.clean) for m in of_source]
        false = [onsets(f) / minutes(m.clean) for f, m in zip(flags, of_source, strict=True)]
        warned = [float(np.mean([flag for _, flag in f])) for f in flags]
        total = sum(minutes(m.clean) for m in of_source)
        cells = [source, f"{len(of_source)}", f"{total:.1f}", spread(false, ".2f")]
        cells.append(spread(warned, ".1%"))
        medians = []
        for fault in FAULTS:
            found = [
                noticed([(t, alarms(t.comparisons)) for t in m.trials[fault]]) for m in of_source
            ]
            rates = [hits / max(counted, 1) for hits, counted, _ in found]
            cells.append(f"{spread(rates, '.0%')}, N={sum(c for _, c, _ in found)}")
            delays = [d for _, _, ds in found for d in ds]
            medians.append(f"{statistics.median(delays):.1f}" if delays else "-")
        lines.append("| " + " | ".join([*cells, " / ".join(medians)]) + " |")
    return lines


def scale_table(measured: list[Measured]) -> list[str]:
    names = ["clean", *OF_ODOMETRY[:2]]
    told = " | ".join(f"{s:.2g}" for s in sorted(SCALES))
    lines = [f"| source | odometry | {told} |", "|---|---|" + "---|" * len(SCALES)]
    for source in dict.fromkeys(m.source for m in measured):
        for name in names:
            best = []
            for m in (m for m in measured if m.source == source):
                if name == "clean":
                    best += [v for _, v in scores(m.clean, lambda w: best_of(w), 1.5)]
                else:
                    for t in m.trials[name]:
                        best += [v for _, v in scores(t.comparisons, best_of, 1.5)[-1:]]
            shares = " | ".join(f"{np.mean(np.isclose(best, s)):.0%}" for s in sorted(SCALES))
            lines.append(f"| {source} | {name} | {shares} |")
    return lines


def best_of(window: list[Comparison]) -> float:
    moved = [item for item in window if len(item.squared_errors) == len(SCALES)]
    return best_scale(moved)[0] if len(moved) >= MIN_COMPARISONS else np.nan


def page(measured: list[Measured]) -> str:
    defaults = SelfCheck()
    tables = {
        "{verdicts}": verdict_table(measured),
        "{scales}": scale_table(measured),
        "{attempts}": attempts_table(measured),
    }
    return PAGE.format(
        version=__version__,
        machine=platform.machine(),
        clean_s=CLEAN_S,
        every_s=EVERY_S,
        motion_s=MOTION_S,
        most_false=MOST_FALSE_PER_MINUTE,
        window_s=defaults.window_s,
        ratio=defaults.ratio_threshold,
        scale=defaults.scale_threshold,
        **{mark.strip("{}"): "\n".join(lines) for mark, lines in tables.items()},
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("drives", nargs="+", metavar="SOURCE:RUN=BAG")
    parser.add_argument("--out", type=Path)
    args = parser.parse_args()
    measured = []
    for text in args.drives:
        source, _, rest = text.partition(":")
        run, _, bag = rest.partition("=")
        measured.append(measure(open_drive(Path(run), Path(bag)), source))
    text = page(measured)
    if args.out:
        head = args.out.read_text(encoding="utf-8") if args.out.exists() else ""
        # What was written by hand stands behind the tables.
        _, mark, tail = head.partition("<!-- end of the tables -->\n")
        args.out.write_text(
            text + (mark + tail if mark else "<!-- end of the tables -->\n"), encoding="utf-8"
        )
    print(text)


if __name__ == "__main__":
    main()
