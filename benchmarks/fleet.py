"""docs/fleet.md: what 1,000 robots that drive an hour a day take, from rates measured here.

    .venv/bin/python benchmarks/fleet.py --out docs/fleet.md
    .venv/bin/python benchmarks/fleet.py --rates rates.json --out docs/fleet.md

The first measures for a minute or two (on a simulated drive, CPU seconds) and keeps the rates with
--keep FILE; the second takes them from such a file. Whatever is assumed and not measured is a flag,
and stands in the page as such.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
from pathlib import Path

from fleet_arithmetic import Assumptions, Day, day_of, machines
from fleet_rates import Rates, measure

ABOUT = {
    "robots": "robots",
    "hours_a_day": "hours that each drives a day",
    "cores_per_machine": "cores of a rented machine",
    "core_hour_price": "price of a core for an hour, $",
    "cores_per_gpu": "cores whose updates one GPU does (no GPU was at hand)",
    "gpu_hour_price": "price of a GPU for an hour, $",
    "passes": "how often a frame is learned from",
    "uplink_mbit_s": "uplink of a robot, Mbit/s",
    "gb_month_price": "price of a gigabyte in the store for a month, $",
    "bag_days": "days that bags stay in the store",
    "dataset_days": "days that datasets stay",
}


def number(value: float) -> str:
    """Three digits that count, with thousands apart."""
    if value >= 1e6:
        return f"{value / 1e6:,.3g} million" if value < 1e9 else f"{value / 1e9:,.3g} billion"
    return f"{float(f'{value:.3g}'):,.10g}"


def several(values: list[float]) -> str:
    """The median, and in brackets the range of the rounds."""
    least, median, most = values
    return f"{number(median)} ({number(least)} to {number(most)})"


def size(count: float) -> str:
    """Bytes in the unit that fits."""
    for unit, one in (("TB", 1e12), ("GB", 1e9), ("MB", 1e6)):
        if count >= one:
            return f"{count / one:.3g} {unit}"
    return f"{count / 1e3:.3g} kB"


def measured_table(rates: Rates) -> list[str]:
    """What was measured."""
    rows = [
        ("a bag, 640x480 JPEG at 30 Hz", f"{rates.bag_bytes_per_s * 3600 / 1e9:.3g} GB an hour"),
        ("frames kept (`--rate 10`)", f"{rates.frames_per_s:.3g} a second"),
        (
            "a frame of 64x64 in a dataset, with its pose",
            f"{rates.dataset_bytes_per_frame:.0f} bytes",
        ),
        ("ingest, core-hours for an hour of bag", several(rates.ingest_s_per_s)),
        ("of it reading and hashing, in one process", several(rates.reading_s_per_s)),
        (
            f"an update of the default preset on one core ({rates.frames_per_update} frames), s",
            several(rates.update_s),
        ),
        ("a bundle (default preset)", size(rates.bundle_bytes)),
    ]
    return ["| measured | |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows)]


def assumed_table(assumed: Assumptions) -> list[str]:
    """What was not."""
    values = dataclasses.asdict(assumed)
    return ["| assumed | |", "|---|---|", *(f"| {ABOUT[k]} | {v:,} |" for k, v in values.items())]


def day_table(day: Day, assumed: Assumptions) -> list[str]:
    """What follows."""
    cores = assumed.cores_per_machine
    rows = [
        ("images recorded", number(day.pictures)),
        ("frames to learn from", number(day.frames)),
        ("bags", size(day.bag_bytes)),
        ("upload, hours of one robot's uplink", number(day.upload_h)),
        ("ingest, core-hours", several(day.ingest_core_h)),
        (
            f"ingest within an hour, machines of {cores} cores",
            several([machines(hours, 1.0, cores) for hours in day.ingest_core_h]),
        ),
        ("ingest commands side by side, to read all bags within an hour", several(day.reading_h)),
        ("dataset", size(day.dataset_bytes)),
        ("updates", number(day.updates)),
        ("training, core-hours", several(day.training_core_h)),
        (
            f"training within a day, machines of {cores} cores",
            several([machines(hours, 24.0, cores) for hours in day.training_core_h]),
        ),
        ("or GPU-hours (assumed factor)", several(day.gpu_h)),
        ("bundles sent to the robots", size(day.bundle_bytes)),
        ("cost of ingest, $", several(day.ingest_cost)),
        ("cost of training on cores, $", several(day.training_cost)),
        ("or on GPUs (assumed factor), $", several(day.gpu_cost)),
        ("cost of the store for a day, once it is full, $", number(day.store_cost)),
    ]
    return [
        "| a day of the fleet | |",
        "|---|---|",
        *(f"| {name} | {value} |" for name, value in rows),
    ]


def page(rates: Rates, assumed: Assumptions) -> str:
    """The tables of docs/fleet.md."""
    how = (
        f"Measured by `benchmarks/fleet.py` on {rates.machine}, CPU seconds, median of the rounds "
        "(range)."
    )
    parts = [
        [how],
        measured_table(rates),
        assumed_table(assumed),
        day_table(day_of(rates, assumed), assumed),
    ]
    return "\n\n".join("\n".join(part) for part in parts)


def main() -> int:
    """Measure or read the rates, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--rates", type=Path, metavar="FILE", help="rates of an earlier run")
    parser.add_argument("--keep", type=Path, metavar="FILE", help="write the rates here")
    parser.add_argument("--out", type=Path, metavar="FILE", help="a page; its own text is kept")
    for field in dataclasses.fields(Assumptions):
        flag = f"--{field.name.replace('_', '-')}"
        parser.add_argument(
            flag, type=type(field.default), default=field.default, help=ABOUT[field.name]
        )
    args = parser.parse_args()
    assumed = Assumptions(**{k: getattr(args, k) for k in ABOUT})
    rates = Rates(**json.loads(args.rates.read_text())) if args.rates else measure()
    if args.keep is not None:
        args.keep.write_text(json.dumps(dataclasses.asdict(rates), indent=2) + "\n")
    tables = page(rates, assumed)
    print(tables)
    if args.out is not None:
        write_between_marks(args.out, tables)
    return 0


def write_between_marks(target: Path, tables: str) -> None:
    """Replace what stands between the page's two marks."""
    begin, end = "<!-- figures -->", "<!-- end of the figures -->"
    text = target.read_text(encoding="utf-8")
    before, _, rest = text.partition(begin)
    target.write_text(f"{before}{begin}\n{tables}\n{end}{rest.partition(end)[2]}", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
