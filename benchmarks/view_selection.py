"""What view selection gains: docs/view_selection.md gets its figures from here.

    .venv/bin/python benchmarks/view_selection.py drives --drives runs/view_selection/drives
    .venv/bin/slowfeat train runs/view_selection/drives/* --out runs/view_selection/run --steps 200
    .venv/bin/python benchmarks/view_selection.py offline --coil coil20.npz --bundle slowfeat=RUN
    .venv/bin/python benchmarks/view_selection.py closed --run RUN --drives DRIVES --onnx
    efficientnet_lite0.onnx .venv/bin/python benchmarks/view_selection.py latency --run RUN
    .venv/bin/python benchmarks/view_selection.py report

Each figure is appended to --results as soon as it is there and not measured again, so a campaign
can be stopped and continued; `report` prints the tables of what there is, or writes them into the
page with --out.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import view_selection_closed as closed
import view_selection_features as features
import view_selection_latency as latency
import view_selection_machines as machines
import view_selection_offline as offline
import view_selection_policies as policies
import view_selection_sets as sets
from view_selection_tables import tables

from slowfeat.bundle import load_bundle
from slowfeat.encoder import Encoder
from slowfeat_trainer.console.terminal import say
from slowfeat_trainer.pretraining.simulated_drives import MAPS_KEPT_OUT
from slowfeat_trainer.simulation.drive import SimulationConfig, simulate
from slowfeat_trainer.simulation.world import Pose, World

BEGIN = "<!-- figures: made by benchmarks/view_selection.py -->\n"
END = "<!-- end of figures -->\n"
# Of the 56 maps that the starter weights were learned from; none of these is measured on.
TRAIN_MAPS = ("E1M1", "E1M7", "E2M2", "E3M2", "MAP10", "MAP15", "MAP22", "MAP28")
DRIVE_SEED, DRIVE_S = 11, 90.0
# Episodes that no choice was made on.
FIRST_EPISODE = 500
# Pixels of which the maps are fitted, and what an image of 160 x 120 shrinks to for them.
PICTURE_SIZE = (120, 160)


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
            self.put(key, measure())
        return self.found[key]

    def put(self, key: str, value: Any) -> None:
        """Write a figure; it replaces one that is there."""
        self.found[key] = value
        self.file.parent.mkdir(parents=True, exist_ok=True)
        with self.file.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps([key, value]) + "\n")


def run_drives(args: argparse.Namespace, _results: Results) -> None:
    """Training drives, one a map."""
    for name in TRAIN_MAPS:
        if not (args.drives / name).exists():
            config = SimulationConfig(map_name=name, seed=DRIVE_SEED, seconds=DRIVE_S)
            simulate(args.drives / name, config)


def run_offline(args: argparse.Namespace, results: Results) -> None:
    """Accuracies of each kind of feature, for one and two labelled views; repeats take turns at
    bundles of one name.
    """
    given: dict[str, Callable[[], sets.ObjectViews]] = {}
    if args.coil is not None:
        given["coil20"] = lambda: sets.turntable(args.coil)
    given["rendered"] = lambda: sets.rendered(args.results.parent / "rendered")
    kinds: dict[str, list[Callable[[], features.Features]]] = {"pixels": [lambda: features.pixels]}
    bundles: dict[str, list[Callable[[], features.Features]]] = defaultdict(list)
    for text in args.bundle:
        name, _, path = text.partition("=")
        bundles[name].append(lambda path=path: features.of_bundle(Path(path)))  # type: ignore[misc]
    kinds |= bundles
    if args.onnx is not None:
        kinds["ImageNet"] = [lambda: features.of_onnx(args.onnx)]
    for where, views in given.items():
        made: sets.ObjectViews | None = None
        for kind, makers in kinds.items():
            for turn, make in enumerate(makers):
                keys = {
                    f"offline|{where}|{kind}|{n}|{k}": (n, offline.FIRST_SEED + k)
                    for k in range(turn, args.repeats, len(makers))
                    for n in args.labels
                }
                if keys.keys() <= results.found.keys():
                    continue
                made = made or views()
                say(f"offline: {where}, {kind}")
                z = embedded(make(), made)
                for key, (n, seed) in keys.items():
                    results.get(
                        key,
                        lambda z=z, m=made.motions, n=n, seed=seed: offline.one_repeat(
                            z, m, n, seed
                        ),  # type: ignore[misc]
                    )


def embedded(make: features.Features, views: sets.ObjectViews) -> np.ndarray:
    """Features (O, E, A, D) of grey views."""
    shape = views.pictures.shape
    flat = views.pictures.reshape(-1, *shape[3:])
    rows = [make(np.repeat(flat[i : i + 64, ..., None], 3, -1)) for i in range(0, len(flat), 64)]
    return np.concatenate(rows).reshape(*shape[:3], -1)


def run_closed(args: argparse.Namespace, results: Results) -> None:
    """Episodes of every policy, map by map in turns."""
    learned = load_bundle(args.run).info.training.get("bags", [])
    known = sorted({bag["name"].split("-")[0] for bag in learned} & set(args.maps))
    if known:
        raise SystemExit(f"the bundle has learned from {', '.join(known)}: choose other --maps")
    ours = machines.of_bundle(args.run)
    others = other_machines(args, ours) if args.drives is not None else {}
    for seed in range(FIRST_EPISODE, FIRST_EPISODE + args.episodes):
        for name in args.maps:
            with World(name, closed.CAMERA.rendered_size) as world:
                one_episode(world, name, seed, ours, others, results, args.only)
        say(f"closed: {seed - FIRST_EPISODE + 1} episodes a map done")


def other_machines(
    args: argparse.Namespace, ours: machines.Machine
) -> dict[str, Callable[[], machines.Machine]]:
    """Features without a map of their own, fitted at the first use."""
    kinds: dict[str, Callable[[], features.Features]] = {"pixels": lambda: features.pixels}
    if args.onnx is not None:
        kinds["ImageNet"] = lambda: features.of_onnx(args.onnx)
    made: dict[str, machines.Machine] = {}

    def get(kind: str) -> machines.Machine:
        if kind not in made:
            drives = [args.drives / name for name in TRAIN_MAPS]
            folder = args.results.parent / "frames"
            split = machines.training_split(drives, folder, PICTURE_SIZE)
            say(f"closed: maps of {kind}")
            made[kind] = machines.fitted(kinds[kind](), split, ours.info)
        return made[kind]

    return {kind: lambda kind=kind: get(kind) for kind in kinds}  # type: ignore[misc]


def one_episode(
    world: World,
    name: str,
    seed: int,
    ours: machines.Machine,
    others: dict[str, Callable[[], machines.Machine]],
    results: Results,
    only: list[str],
) -> None:
    """One start and goal, every policy."""
    key = f"{name}|{seed}"
    drawn = results.get(f"start|{key}", lambda: closed.draw_episode(world, name, seed))
    start, goal = (Pose(*p) for p in drawn)
    closed.put(world, goal)
    wanted = closed.picture_of(world)

    def robot(machine: machines.Machine | None) -> closed.Robot:
        closed.put(world, start)
        return closed.Robot(world, machine, seed)

    Make = Callable[[], tuple[machines.Machine | None, closed.Choose]]

    def to_view(get: Callable[[], machines.Machine], steps: int, recalls: bool = True) -> Make:
        return lambda: (get(), policies.towards_view(get(), wanted, steps, recalls))

    def to_new(get: Callable[[], machines.Machine], steps: int, recalls: bool = True) -> Make:
        return lambda: (get(), policies.towards_the_new(get(), steps, recalls))

    reach: dict[str, Make] = {
        "random": lambda: (None, policies.by_chance),
        "pixel shift": lambda: (None, policies.towards_pixels(wanted)),
        "slowfeat: goal, 1 step": to_view(lambda: ours, 1),
        "slowfeat: goal, 3 steps": to_view(lambda: ours, 3),
        "slowfeat: goal, 3 steps, only the view now": to_view(lambda: ours, 3, recalls=False),
        **{f"{kind}: goal, 3 steps": to_view(get, 3) for kind, get in others.items()},
        "true pose, 3 steps": lambda: (None, policies.towards_pose(goal, 3)),
    }
    cover: dict[str, Make] = {
        "random": lambda: (None, policies.by_chance),
        "odometry alone, 3 steps": lambda: (None, policies.far_by_odometry(3)),
        "slowfeat: novelty, 1 step": to_new(lambda: ours, 1),
        "slowfeat: novelty, 3 steps": to_new(lambda: ours, 3),
        **{
            f"{kind}: novelty, 3 steps": to_new(get, 3)
            for kind, get in others.items()
            if kind != "pixels"
        },
        "slowfeat: novelty, 1 step, without odometry": to_new(lambda: ours, 1, recalls=False),
    }

    def reached(make: Make) -> int:
        machine, choose = make()
        return closed.goal_episode(robot(machine), goal, choose)

    def covered(make: Make) -> dict[str, float]:
        machine, choose = make()
        return closed.cover_episode(robot(machine), choose)

    if "goal" in only:
        for policy, make in reach.items():
            results.get(f"goal|{policy}|{key}", lambda m=make: reached(m))  # type: ignore[misc]
    if "cover" in only:
        for policy, make in cover.items():
            results.get(f"cover|{policy}|{key}", lambda m=make: covered(m))  # type: ignore[misc]


def run_latency(args: argparse.Namespace, results: Results) -> None:
    """Times of a decision; measured anew whenever asked."""
    encoder = Encoder(load_bundle(args.run), "cpu", args.threads)
    for name, (question, rows) in latency.decisions(encoder).items():
        times = latency.measure(encoder, question, rows, args.rounds)
        results.put(f"latency|{name}|{encoder.info.dimension}", times)


def main() -> int:
    """Measure, or report."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    runs = {
        "drives": run_drives,
        "offline": run_offline,
        "closed": run_closed,
        "latency": run_latency,
    }
    parser.add_argument("what", choices=[*runs, "report"])
    parser.add_argument("--results", type=Path, default=Path("runs/view_selection/results.jsonl"))
    parser.add_argument("--coil", type=Path, help="offline: npz of images, object_id, azimuth_deg")
    parser.add_argument("--bundle", action="append", default=[], metavar="NAME=RUN")
    parser.add_argument("--onnx", type=Path, help="a network's features from ImageNet, as well")
    parser.add_argument("--labels", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--run", type=Path, help="closed, latency: the bundle")
    parser.add_argument("--drives", type=Path, help="the training drives, a folder each")
    parser.add_argument("--maps", nargs="+", default=list(MAPS_KEPT_OUT))
    parser.add_argument("--episodes", type=int, default=9, help="a map and policy")
    parser.add_argument("--only", nargs="+", default=["goal", "cover"], help="closed: of these")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=15, help="latency: of each decision")
    parser.add_argument("--out", type=Path, help="report: the page to renew")
    args = parser.parse_args()
    needed = {"drives": "drives", "closed": "run", "latency": "run"}.get(args.what)
    if needed and getattr(args, needed) is None:
        parser.error(f"{args.what} needs --{needed}")
    results = Results(args.results)
    if args.what in runs:
        runs[args.what](args, results)
    text = tables(results.found)
    if args.out is None:
        print(text)
    else:
        page = args.out.read_text(encoding="utf-8")
        head, _, rest = page.partition(BEGIN)
        args.out.write_text(head + BEGIN + "\n" + text + "\n" + END + rest.partition(END)[2])
    return 0


if __name__ == "__main__":
    sys.exit(main())
