"""The demo from the bag to the page."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from slowfeat.bundle import Bundle, load_bundle
from slowfeat.errors import BagError, UsageError
from slowfeat.files import write_whole
from slowfeat_trainer.config.train_config import TrainConfig, config_of_preset
from slowfeat_trainer.console.terminal import say
from slowfeat_trainer.data.options import IngestOptions
from slowfeat_trainer.demo.children import sigterm_as_interrupt
from slowfeat_trainer.demo.domain import isolate
from slowfeat_trainer.demo.replay_split import prepare

# What the demo writes into its folder; a folder with none of these is somebody else's.
RUN, LOGS, BAG, PAGE, FIGURES = "run", "logs", "bag", "demo.html", "demo.json"
OUR_BAG = Path("bags") / "sim_tour"


@dataclass(frozen=True)
class DemoOptions:
    """What the demo is asked for; `slowfeat demo` has the defaults."""

    out: Path
    # None: the bag of the source tree, or one simulated now.
    bag: Path | None
    # A run or bundle to show; None trains one.
    run: Path | None
    # Updates of the training.
    steps: int
    seed: int
    # At most so much of the held-out part is replayed, s.
    seconds: float
    # Options of IngestOptions that were given as flags; the rest is the default, or what a run that
    # is shown was trained with.
    reading: dict[str, Any]
    # Whether the page shows the bag's own images.
    frames: bool
    # Train anew where a run is there.
    overwrite: bool


def run_demo(options: DemoOptions) -> str:
    """Do all of it; returns the table. Leaves demo.html, demo.json and the run in options.out.

    Raises:
        SlowfeatError: whatever went wrong, in one line; no page is left half-written.
    """
    started = time.monotonic()
    check_folder(options.out)
    # Before minutes of training, not after them.
    import_ros()
    with sigterm_as_interrupt():
        bag = options.bag or default_bag(options.out, options.seed)
        bundle, model = get_bundle(options, bag)
        material = prepare(bag, bundle, options.reading, options.seconds)
        domain = isolate()
        say(f"ROS domain {domain}, on this machine only")
        from slowfeat_trainer.demo.live import run_live

        options.out.mkdir(parents=True, exist_ok=True)
        heard, answers = run_live(material, model, options.out)
        if not heard.embeddings:
            raise BagError(
                f"no embedding came back; the node's log is {options.out / LOGS / 'node.log'}"
            )
        from slowfeat_trainer.demo.demo_page import make_page
        from slowfeat_trainer.demo.demo_result import evaluate
        from slowfeat_trainer.demo.demo_table import table

        result = evaluate(material, bundle, heard, answers, time.monotonic() - started)
        write_whole(options.out / FIGURES, json.dumps(result.to_json(), indent=2) + "\n")
        write_whole(options.out / PAGE, make_page(result, options.frames))
    return f"{table(result)}\n\npage: {options.out / PAGE}   bundle: {bundle.path}"


def import_ros() -> None:
    """Import what the live half needs; ModuleNotFoundError says what is missing."""
    import rclpy
    import slowfeat_interfaces.msg

    del rclpy, slowfeat_interfaces


def check_folder(out: Path) -> None:
    """Refuse a folder that holds somebody else's things.

    Raises:
        UsageError: it does, or it is a file.
    """
    if not out.exists():
        return
    ours = any((out / name).exists() for name in (RUN, LOGS, BAG, PAGE, FIGURES, "live.html"))
    if not out.is_dir() or (any(out.iterdir()) and not ours):
        raise UsageError(f"{out} exists and is no demo of slowfeat; choose another --out")


def default_bag(out: Path, seed: int) -> Path:
    """The bag of the source tree; where slowfeat was installed without it, one simulated now."""
    ours = Path(__file__).resolve().parents[3] / OUR_BAG
    if ours.is_dir():
        return ours
    made = out / BAG
    if not made.is_dir():
        from slowfeat_trainer.simulation.drive import SimulationConfig, simulate

        say("the source tree's bag is not here; a simulated robot records one")
        out.mkdir(parents=True, exist_ok=True)
        simulate(made, SimulationConfig(map_name="MAP05", seed=seed, seconds=100, size=(128, 96)))
    return made


def get_bundle(options: DemoOptions, bag: Path) -> tuple[Bundle, Path]:
    """The bundle to show, and the path to give to the node; trains one where none is named."""
    if options.run is not None:
        return load_bundle(options.run), options.run
    from slowfeat_trainer.runs import train_run

    run = options.out / RUN
    config = config_of_preset(
        TrainConfig().preset,
        steps=options.steps,
        seed=options.seed,
        reading=replace(IngestOptions(), **options.reading),
    )
    if train_run([bag], run, config, options.overwrite) is None:
        say(f"{run} is trained already; --overwrite trains it again")
    return load_bundle(run), run
