"""Known errors of a simulated robot's odometry, and what the images say of them: a grid, with the
standard errors held to account.

The images are those of simulated drives in places of Freedoom, through two lenses; the odometry is
the truth of the drive, made wrong afterwards. Prints the table of docs/odometry.md:

    python -m benchmarks.odometry_errors --out FOLDER [--quick] [--maps MAP05,E1M2,MAP12]
"""

from __future__ import annotations

import argparse
import itertools
import json
import math
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from slowfeat_trainer import bags
from slowfeat_trainer.data.options import IngestOptions
from slowfeat_trainer.ingest.engines import open_engine
from slowfeat_trainer.ingest.ingest_bag import ingest_bag
from slowfeat_trainer.motion.choose import find_source, read_track
from slowfeat_trainer.odometry_errors.estimate import estimate
from slowfeat_trainer.odometry_errors.look import adjacent_pairs, look, reported_by, seen_noise
from slowfeat_trainer.odometry_errors.turns import Reported, SeenTurns
from slowfeat_trainer.simulation.drive import SimulationConfig, simulate

# Maps and lenses (degrees), and seconds of a drive of which all is looked at.
MAPS, LENSES, SECONDS = ("MAP07", "E1M3"), (60.0, 90.0), 120.0
# Errors: degrees a second; factors (of the correction); degrees rms over half a second; seconds.
BIASES, SCALES, NOISES, DELAYS = (
    (0.0, 5.0, 20.0),
    (0.3, 1.0, 4.0, -1.0),
    (0.0, 5.0, 15.0),
    (0.0, 0.2, 0.4),
)
# What is asked for: degrees a second, shares, seconds.
WANTED = {"bias": 1.0, "scale": 0.05, "noise": 0.2, "delay": 0.03}


@dataclass(frozen=True)
class Case:
    """One point of the grid."""

    drive: str
    bias: float
    scale: float
    noise: float
    delay: float


def look_at(map_name: str, fov: float, folder: Path) -> tuple[SeenTurns, Reported, float]:
    """The turns that the images of a drive show, the truth, and the noise of the former."""
    bag = folder / f"{map_name}_{fov:.0f}"
    if not bag.exists():
        config = SimulationConfig(map_name=map_name, seconds=SECONDS, fov_deg=fov)
        simulate(bag, config, progress=False)
    options = IngestOptions(trust_odometry=True)
    with bags.open_bag(bag) as reader:
        source = find_source(reader, bags.topics_of(reader), options, bag)
        track = read_track(reader, source, options, Counter(), [])
    with TemporaryDirectory() as place, open_engine() as engine:
        recording = ingest_bag(bag, options, Path(place), engine)
        frames, stamps, camera = recording.frames, recording.stamps, recording.camera
        pairs = adjacent_pairs(stamps)
        seen = look(frames, stamps, camera, pairs)
        noise = seen_noise(frames, stamps, camera, seen, pairs)
    return seen, reported_by(track, int(stamps[0])), noise


def made_wrong(true: Reported, case: Case, seed: int) -> Reported:
    """Odometry that the case's errors correct."""
    rng = np.random.default_rng(seed)
    dt = np.diff(true.t)
    # Of the corrected odometry, over one second.
    noise = math.radians(case.noise) / math.sqrt(0.5) * np.sqrt(dt) * rng.normal(size=len(dt))
    turn = (np.diff(true.turned) - math.radians(case.bias) * dt + noise) / case.scale
    turned = np.concatenate([[0.0], np.cumsum(turn)])
    return Reported(true.t - case.delay, turned, true.driven, true.jumps, true.pauses)


def errors_of(case: Case, drive: tuple[SeenTurns, Reported, float], seed: int) -> dict[str, float]:
    """How far each estimate is off, in units of what is asked for (`off_`) and
    of its standard error (`se_`).
    """
    seen, true, noise = drive
    found = estimate(seen, made_wrong(true, case, seed), True, noise)
    if not found.is_known:
        return {"unknown": 1.0}
    m = found.model
    per_s = m.yaw_bias_rad_s + m.yaw_bias_rad_m * float(true.driven[-1] / (true.t[-1] - true.t[0]))
    half_second = math.degrees(float(m.yaw_noise(0.5)))
    noise_se = math.degrees(m.noise_rad_sqrt_s_se or 0.0) * math.sqrt(0.5)
    result = {
        "off_bias": (math.degrees(per_s) - case.bias) / WANTED["bias"],
        "off_scale": (m.yaw_scale / case.scale - 1) / WANTED["scale"],
        "off_sign": float(m.yaw_scale * case.scale < 0),
        "off_delay": (m.delay_s - case.delay) / WANTED["delay"],
        "se_scale": (m.yaw_scale - case.scale) / (m.yaw_scale_se or 1.0),
        "se_delay": (m.delay_s - case.delay) / (m.delay_s_se or 1.0),
        "se_noise": (half_second - case.noise) / max(noise_se, 1e-6),
    }
    if m.yaw_bias_rad_s_se:
        result["se_bias"] = (math.degrees(m.yaw_bias_rad_s) - case.bias) / math.degrees(
            m.yaw_bias_rad_s_se
        )
    if case.noise:
        result["off_noise"] = (half_second / case.noise - 1) / WANTED["noise"]
    return result


def table(results: list[tuple[Case, dict[str, float]]]) -> str:
    """Share of the cases within what is asked for, by noise, and within one standard error."""
    head = (
        "| noise, degrees rms over half a second | cases | not known | bias within 1 degree/s | "
        "scale within 5 % | sign right | noise within 20 % | delay within .03 s |"
    )
    lines = [head, "|---" * 8 + "|"]
    for noise in NOISES:
        mine = [r for case, r in results if case.noise == noise]
        known = [r for r in mine if "unknown" not in r]

        def within(name: str, known: list[dict[str, float]] = known) -> str:
            values = [abs(r[name]) <= 1 for r in known if name in r]
            return f"{np.mean(values):.0%}" if values else "-"

        sign = np.mean([r["off_sign"] == 0 for r in known])
        lines.append(
            f"| {noise:g} | {len(mine)} | {len(mine) - len(known)} | {within('off_bias')} | "
            f"{within('off_scale')} | {sign:.0%} | {within('off_noise')} | {within('off_delay')} |"
        )
    held = []
    for name in ("bias", "scale", "noise", "delay"):
        values = [abs(r[f"se_{name}"]) for _, r in results if f"se_{name}" in r]
        one, two = (np.mean([v < k for v in values]) for k in (1, 2))
        held.append(f"{name} {one:.0%} ({two:.0%})")
    lines += ["", "Within one standard error (two): " + ", ".join(held) + "."]
    return "\n".join(lines)


def main() -> None:
    """Run the grid."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--out", type=Path, required=True, help="folder for the drives and the figures"
    )
    parser.add_argument("--quick", action="store_true", help="half of the values")
    parser.add_argument("--maps", default=",".join(MAPS), help="where to drive")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    step = 2 if args.quick else 1
    grid = list(itertools.product(BIASES[::step], SCALES[::step], NOISES, DELAYS[::step]))
    results = []
    for map_name, fov in itertools.product(args.maps.split(","), LENSES):
        drive = look_at(map_name, fov, args.out)
        for number, (bias, scale, noise, delay) in enumerate(grid):
            case = Case(f"{map_name}, {fov:.0f} degrees", bias, scale, noise, delay)
            results.append((case, errors_of(case, drive, number)))
        print(f"{map_name}, {fov:.0f} degrees: done", flush=True)
    with (args.out / "odometry_errors.json").open("w") as file:
        json.dump([{**vars(case), **errors} for case, errors in results], file, indent=1)
    print(table(results))


if __name__ == "__main__":
    main()
