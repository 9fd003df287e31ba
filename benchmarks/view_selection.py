"""What view selection gains: docs/view_selection.md gets its figures from here.

    .venv/bin/python benchmarks/view_selection.py offline --coil coil20.npz --bundle slowfeat=runs/first
    .venv/bin/python benchmarks/view_selection.py closed --run runs/first --maps MAP07 MAP11 --episodes 100
    .venv/bin/python benchmarks/view_selection.py latency --run runs/first
    .venv/bin/python benchmarks/view_selection.py report

Each figure is appended to --results as soon as it is there and not measured again, so a campaign can be stopped and
continued; `report` prints the tables of what there is, or writes them into the page with --out.
"""

from __future__ import annotations

import argparse
import json
import math
import platform
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import view_selection_closed as closed
import view_selection_offline as offline

from slowfeat.bundle import load_bundle, sha256
from slowfeat.encoder import Encoder
from slowfeat.view_selection.decision import Question, decide
from slowfeat_trainer.terminal import say

BEGIN = "<!-- figures: made by benchmarks/view_selection.py -->\n"
END = "<!-- end of figures -->\n"


class Results:
    """Figures by key, in a file that only grows."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.found: dict[str, Any] = {}
        if file.exists():
            for line in file.read_text(encoding="utf-8").splitlines():
                # A line that a crash cut short is measured again.
                try:
                    key, value = json.loads(line)
                except ValueError:
                    continue
                self.found[key] = value

    def get(self, key: str, measure: Callable[[], Any]) -> Any:
        """The figure of a key; measured where it is not there."""
        if key not in self.found:
            self.found[key] = measure()
            self.file.parent.mkdir(parents=True, exist_ok=True)
            with self.file.open("a", encoding="utf-8") as stream:
                stream.write(json.dumps([key, self.found[key]]) + "\n")
        return self.found[key]


def run_offline(args: argparse.Namespace, results: Results) -> None:
    """Accuracies of each kind of feature, for one and two labelled views."""
    objects = offline.load_objects(args.coil)
    kinds: dict[str, Callable[[], offline.Features]] = {"pixels": lambda: offline.pixels}
    for text in args.bundle:
        name, _, path = text.partition("=")
        kinds[name] = lambda path=path: offline.of_bundle(Path(path))  # type: ignore[misc]
    if args.onnx is not None:
        kinds["ImageNet"] = lambda: offline.of_onnx(args.onnx)
    for kind, make in kinds.items():
        keys = [(n, seed) for n in args.labels for seed in range(args.repeats)]
        todo = [k for k in keys if f"offline|{kind}|{k[0]}|{k[1]}" not in results.found]
        if not todo:
            continue
        say(f"offline: {kind}, {len(todo)} repeats")
        flat = objects.reshape(-1, *objects.shape[2:])
        features = make()(flat).reshape(*objects.shape[:2], -1)
        for n, seed in todo:
            results.get(
                f"offline|{kind}|{n}|{seed}",
                lambda z=features, n=n, seed=seed: offline.one_repeat(z, n, seed),  # type: ignore[misc]
            )


def run_closed(args: argparse.Namespace, results: Results) -> None:
    """Episodes of every policy in every map."""
    encoder = Encoder(load_bundle(args.run))
    name = sha256(encoder.bundle.transform)[:8]
    goals: dict[str, Any] = {
        "random": lambda e, _w, _g: closed.by_chance(e),
        "pixel shift": lambda _e, w, _g: closed.towards_pixels(w),
        f"goal, 1 step ({name})": lambda _e, w, _g: closed.towards_view(encoder, w, 1),
        f"goal, 3 steps ({name})": lambda _e, w, _g: closed.towards_view(encoder, w, 3),
        "true pose, greedy": lambda _e, _w, g: closed.towards_pose(g),
    }
    covers: dict[str, Any] = {
        "random": closed.by_chance,
        f"novelty, 1 step ({name})": lambda _e: closed.towards_the_new(encoder, 1),
        f"novelty, 3 steps ({name})": lambda _e: closed.towards_the_new(encoder, 3),
    }
    for map_name in args.maps:
        with closed.World(map_name, closed.CAMERA.rendered_size) as world:
            for seed in range(args.episodes):
                for policy, make in goals.items():
                    results.get(
                        f"goal|{policy}|{map_name}|{seed}",
                        lambda s=seed, m=make: closed.goal_episode(world, s, m),  # type: ignore[misc]
                    )
                for policy, make in covers.items():
                    results.get(
                        f"cover|{policy}|{map_name}|{seed}",
                        lambda s=seed, m=make: closed.cover_episode(world, s, m),  # type: ignore[misc]
                    )
        say(f"closed: {map_name} done")


def run_latency(args: argparse.Namespace, results: Results) -> None:
    """Time of a decision, beside the same predictions without any choosing."""
    encoder = Encoder(load_bundle(args.run), "cpu", args.threads)
    rng = np.random.default_rng(0)
    motions = rng.uniform(-0.5, 0.5, (100, 6)) * [1, 0.2, 0, 0, 0, 2]
    z = rng.normal(size=encoder.info.dimension).astype(np.float32)
    seen = rng.normal(size=(500, encoder.info.dimension)).astype(np.float32)

    def timed(work: Callable[[], object]) -> list[float]:
        work()
        times = []
        for _ in range(args.repeats):
            begun = time.perf_counter()
            work()
            times.append(1e3 * (time.perf_counter() - begun))
        return times

    def bare(rows: list[int]) -> list[float]:
        inputs = [
            (np.repeat(z[None], n, axis=0), np.resize(motions, (n, 6)).astype(np.float32))
            for n in rows
        ]
        return timed(lambda: [encoder.predict_checked(*pair) for pair in inputs])

    def decision(question: Question) -> list[float]:
        return timed(lambda: decide(encoder.predict, encoder.info, z, motions, question))

    for name, rows, steps in (("100 motions", [100], 1), ("3 steps, beam 8", [100, 800, 800], 3)):
        floor = bare(rows)
        for policy in ("goal", "novelty"):
            took = decision(Question(policy, goal=z, seen=seen, steps=steps))
            key = f"latency|{name}|{policy}|{encoder.info.dimension}"
            results.found.pop(key, None)
            results.get(key, lambda f=floor, t=took: [np.median(f), np.median(t), len(t)])  # type: ignore[misc]


# -- tables -------------------------------------------------------------------------------------------


def interval(hits: int, count: int) -> tuple[float, float]:
    """Wilson's 95 % confidence interval of a share."""
    z, p = 1.96, hits / count
    middle = (p + z * z / (2 * count)) / (1 + z * z / count)
    half = z * math.sqrt(p * (1 - p) / count + z * z / (4 * count * count)) / (1 + z * z / count)
    return middle - half, middle + half


def grouped(results: Results, kind: str, places: list[int]) -> dict[tuple[str, ...], list[Any]]:
    """Figures of a kind by some parts of their keys."""
    groups: dict[tuple[str, ...], list[Any]] = defaultdict(list)
    for key, value in results.found.items():
        parts = key.split("|")
        if parts[0] == kind:
            groups[tuple(parts[i] for i in places)].append(value)
    return groups


def mean_and_error(values: list[float], factor: float = 1.0) -> str:
    """Mean and its standard error."""
    a = factor * np.array(values, dtype=np.float64)
    error = a.std(ddof=1) / math.sqrt(len(a)) if len(a) > 1 else math.nan
    return f"{a.mean():.1f} ± {error:.1f}"


def tables(results: Results) -> str:
    """All that was measured, as Markdown."""
    parts = [f"Machine: {platform.machine()}, Python {platform.python_version()}.\n"]
    found = grouped(results, "offline", [1, 2])
    if found:
        names = offline.NAMES
        parts.append("Accuracy in per cent, mean ± standard error over the repeats:\n")
        parts.append("| features | labels | repeats | " + " | ".join(names) + " | gained |")
        parts.append("|---|---" + "|---" * (len(names) + 2) + "|")
        for (kind, labels), rows in sorted(found.items()):
            cells = [mean_and_error([row[name] for row in rows], 100) for name in names]
            mean = {name: float(np.mean([row[name] for row in rows])) for name in names}
            way = max(mean["true"] - mean["random"], 1e-9)
            gained = (mean["resemblance"] - mean["random"]) / way
            parts.append(
                f"| {kind} | {labels} | {len(rows)} | {' | '.join(cells)} | {gained:.2f} |"
            )
        parts.append("")
    found = grouped(results, "goal", [1])
    if found:
        parts.append("| policy | episodes | goal reached | 95 % interval | motions when reached |")
        parts.append("|---|---|---|---|---|")
        for (policy,), rows in found.items():
            hits = [made for reached, made in rows if reached]
            low, high = interval(len(hits), len(rows))
            mean = f"{np.mean(hits):.1f}" if hits else "-"
            share = f"{len(hits) / len(rows):.0%} | {low:.0%} to {high:.0%}"
            parts.append(f"| {policy} | {len(rows)} | {share} | {mean} |")
        parts.append("")
    found = grouped(results, "cover", [1])
    if found:
        parts.append("| policy | episodes | places | views | metres | places a metre |")
        parts.append("|---|---|---|---|---|---|")
        for (policy,), rows in found.items():
            per_metre = [r["places"] / max(r["metres"], 0.5) for r in rows]
            cells = [mean_and_error([r[n] for r in rows]) for n in ("places", "views", "metres")]
            cells.append(mean_and_error(per_metre))
            parts.append(f"| {policy} | {len(rows)} | {' | '.join(cells)} |")
        parts.append("")
    found = grouped(results, "latency", [1, 2, 3])
    if found:
        parts.append("| decision | policy | D | bare transform.onnx, ms | decision, ms | ratio |")
        parts.append("|---|---|---|---|---|---|")
        for (name, policy, d), ((floor, took, _),) in found.items():
            parts.append(
                f"| {name} | {policy} | {d} | {floor:.1f} | {took:.1f} | {took / floor:.2f} |"
            )
        parts.append("")
    return "\n".join(parts)


def main() -> int:
    """Measure, or report."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=["offline", "closed", "latency", "report"])
    parser.add_argument("--results", type=Path, default=Path("runs/view_selection/results.jsonl"))
    parser.add_argument("--coil", type=Path, help="offline: npz of images, object_id, azimuth_deg")
    parser.add_argument("--bundle", action="append", default=[], metavar="NAME=RUN")
    parser.add_argument("--onnx", type=Path, help="offline: an ImageNet network's features")
    parser.add_argument("--labels", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--run", type=Path, help="closed, latency: the bundle")
    parser.add_argument("--maps", nargs="+", default=["MAP07", "MAP11"])
    parser.add_argument("--episodes", type=int, default=100, help="a map and policy")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--out", type=Path, help="report: the page to renew")
    args = parser.parse_args()
    needed = {"offline": "coil", "closed": "run", "latency": "run"}.get(args.what)
    if needed and getattr(args, needed) is None:
        parser.error(f"{args.what} needs --{needed}")
    results = Results(args.results)
    run = {"offline": run_offline, "closed": run_closed, "latency": run_latency}.get(args.what)
    if run is not None:
        run(args, results)
    text = tables(results)
    if args.out is None:
        print(text)
    else:
        page = args.out.read_text(encoding="utf-8")
        head, _, rest = page.partition(BEGIN)
        args.out.write_text(head + BEGIN + "\n" + text + "\n" + END + rest.partition(END)[2])
    return 0


if __name__ == "__main__":
    sys.exit(main())
