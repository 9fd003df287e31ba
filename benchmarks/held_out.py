"""Train presets on bags with several seeds and write the held-out tables as docs/held_out.md.

    .venv/bin/python benchmarks/held_out.py BAG... --presets slowfeat equiv_drlim --seeds 3

Trained runs are kept under --runs and not trained again, so it can be stopped and continued.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import time
from pathlib import Path

from slowfeat import __version__
from slowfeat.bundle import load_bundle
from slowfeat_trainer.config.train_config import TrainConfig, config_of_preset
from slowfeat_trainer.console.terminal import say
from slowfeat_trainer.data.options import IngestOptions
from slowfeat_trainer.evaluation.comparison_text import comparison_from
from slowfeat_trainer.evaluation.evaluate_bundles import describe
from slowfeat_trainer.runs import train_run

AUTO = IngestOptions(odom_offset_auto=True)
LIMITS = """\
What these tables do not say: the test part is another time in the same place. Other places and
other robots, and `--only-my-bags`, are in [places.md](places.md). How well places are recognised is
not measured here; the map of `slowfeat` moves with the robot on purpose, and is no slow code. A
transform `blind` means that no map that knows the motion was better on the calibration block.
"""


def trained(bag: Path, config: TrainConfig, runs: Path) -> Path:
    """The run of one bag, preset and seed; trained unless it is there."""
    run = runs / f"{bag.name}-{config.preset}-{config.seed}"
    begun = time.perf_counter()
    # A run whose bundle alone was removed is only exported again; its first time counts.
    if train_run([bag], run, config) is not None and not (run / "seconds.txt").exists():
        (run / "seconds.txt").write_text(f"{time.perf_counter() - begun:.0f}\n")
    return run


def section(bag: Path, presets: list[str], seeds: int, runs: Path) -> str:
    """The tables of one bag, from the figures that every bundle carries."""
    lines = [f"## {bag.name}\n"]
    for preset in presets:
        results, seconds, forms = [], [], []
        offset = 0.0
        for seed in range(seeds):
            run = trained(bag, config_of_preset(preset, reading=AUTO, seed=seed), runs)
            info = load_bundle(run).info
            results.append(comparison_from(info.metrics))
            seconds.append(float((run / "seconds.txt").read_text()))
            forms.append(info.training["transform"]["form"])
            offset = info.training["bags"][0]["odom_offset_s"]
        lines += [
            f"### {preset}\n",
            (
                f"Odometry shifted by {offset:+.3f} s (found from the images); transform: "
                f"{', '.join(forms)}; from bag to bundle {min(seconds):.0f} to {max(seconds):.0f} "
                "s.\n"
            ),
            f"```\n{describe(results).rsplit(chr(10), 3)[0]}\n```\n",
        ]
    return "\n".join(lines)


def main() -> int:
    """Train, measure, write."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("bags", nargs="+", type=Path)
    parser.add_argument("--presets", nargs="+", default=["slowfeat", "equiv_drlim"])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--runs", type=Path, default=Path("runs/held_out"))
    parser.add_argument("--out", type=Path, default=Path("docs/held_out.md"))
    args = parser.parse_args()
    command = " ".join(
        ["benchmarks/held_out.py", *(bag.name for bag in args.bags), "--presets", *args.presets]
    )
    parts = [
        "# Held out: two real bags, seeds and spread\n",
        (
            f"Written by `{command} --seeds {args.seeds}`, slowfeat {__version__}, on "
            f"{os.cpu_count()} CPU cores ({platform.machine()}), no GPU. Each preset was trained "
            "with its default settings on the first 60 % of a bag (the last fifth of that "
            "calibrates), all figures are from the last 40 %. Columns and rows are explained in "
            f"[training.md](training.md); ± is the standard deviation over {args.seeds} seeds.\n"
        ),
    ]
    parts.append(LIMITS)
    for bag in args.bags:
        say(f"== {bag}")
        parts.append(section(bag, args.presets, args.seeds, args.runs))
    args.out.write_text("\n".join(parts), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
