"""The live self-check on recorded drives: how soon it notices a fault, how often it is wrong.

    .venv/bin/python benchmarks/self_check.py --choose NAME:RUN=BAG ... \
        --report NAME:RUN=BAG ... --work FOLDER --out docs/nodes/self_check.md

A drive takes one to two minutes of one core; those in FOLDER are not measured again. A bundle sees
the end of a bag that its training held out, or all of a bag that it never saw. The thresholds are
chosen on the clean drives of --choose: just above the greatest value of each statistic there. The
table is of --report.
"""

from __future__ import annotations

import argparse
import platform
import statistics
import time
from pathlib import Path

from benchmarks.self_check_trials import (
    CLEAN_S,
    EVERY_S,
    FAULTS,
    LATE_S,
    MOTION_S,
    REMOUNT_DEG,
    STATISTICS,
    Course,
    Measured,
    Trial,
    kept_or_measured,
    measure,
    open_drive,
)
from slowfeat import __version__
from slowfeat.odometry import NS
from slowfeat.self_check import SelfCheck

# A threshold stands above the greatest clean value by this factor.
ABOVE = 1.1
SHOWN = ("slip x1.5", "frozen odometry", "kidnapped")
COLOURS = {
    "ratio": "#1f77b4",
    "scale gain": "#2ca02c",
    "unseen change": "#d62728",
    "cut": "#9467bd",
}
MARK = "<!-- end of the tables -->\n"
PAGE = """# The self-check, measured

Written by `benchmarks/self_check.py`, slowfeat {version} ({machine}). A trial is {clean_s:.0f} s of
a clean drive, then a fault; at most {trials} of each fault start on a drive, {every_s:.0f} s or
more apart, on at most {minutes:g} minutes of it. Noticed means: a warning within {motion_s:.0f} s
of motion after the fault (3 s for kidnapped), and none when it began. Late odometry: stamps off by
{late_s:g} s. Remounted: the camera turned by {deg:.0f} degrees. Dirty lens: grease all over, mud on
the left half. Dark: a tenth of the light. Kidnapped: lifted and put down where the drive was half
its length later, driving on there.

## What is noticed

Thresholds chosen on {chosen_on}, reported on {reported_on}.

{verdicts}

## The thresholds

Each is {above:g} times the greatest value of its statistic on the clean drives that it was chosen
on; the last column is the node's default.

{thresholds}

## Over time

One trial a fault, of the first drive reported. Each statistic is drawn in units of its threshold
(the dashed line); the fault begins at the vertical line; the shaded part is a warning.

{pictures}
"""


def greatest(course: Course, name: str) -> float:
    return max((v for v in course.values[name] if v == v), default=0.0)


def choose(measured: list[Measured]) -> dict[str, float]:
    return {
        name: round(ABOVE * max(greatest(m.clean, name) for m in measured), 3)
        for name in STATISTICS
    }


def defaults() -> dict[str, float]:
    check = SelfCheck()
    values = (
        check.ratio_threshold,
        check.scale_threshold,
        check.unseen_threshold,
        check.cut_threshold,
    )
    return dict(zip(STATISTICS, values, strict=True))


def onsets(flags: list[tuple[int, bool]]) -> int:
    return sum(b and not a for (_, a), (_, b) in zip([(0, False), *flags], flags, strict=False))


def noticed(trials: list[Trial], thresholds: dict[str, float]) -> tuple[int, int, list[float]]:
    """Trials noticed in time, trials that count (no alarm before the fault), and the delays, s."""
    hits, counted, delays = 0, 0, []
    for trial in trials:
        flags = trial.course.alarms(thresholds)
        before = [flag for stamp, flag in flags if stamp <= trial.start_ns]
        if before and before[-1]:
            continue
        counted += 1
        after = [s for s, flag in flags if flag and trial.start_ns < s <= trial.deadline_ns]
        if after:
            hits += 1
            delays.append((after[0] - trial.start_ns) / NS)
    return hits, counted, delays


def verdict_table(measured: list[Measured], thresholds: dict[str, float]) -> list[str]:
    lines = [
        "| drive | clean, min | false alarms a minute | " + " | ".join(FAULTS) + " |",
        "|---|---|---|" + "---|" * len(FAULTS),
    ]
    totals: dict[str, list[float]] = {fault: [0, 0] for fault in FAULTS}
    delays: dict[str, list[float]] = {fault: [] for fault in FAULTS}
    alarms, minutes = 0, 0.0
    for m in measured:
        false = onsets(m.clean.alarms(thresholds))
        alarms, minutes = alarms + false, minutes + m.clean.minutes
        cells = [m.name, f"{m.clean.minutes:.1f}", f"{false / m.clean.minutes:.2f}"]
        for fault in FAULTS:
            hits, counted, took = noticed(m.trials[fault], thresholds)
            totals[fault][0] += hits
            totals[fault][1] += counted
            delays[fault] += took
            cells.append(f"{hits} of {counted}" if counted else "-")
        lines.append("| " + " | ".join(cells) + " |")
    shares = [f"**{hits / max(counted, 1):.0%}**" for hits, counted in totals.values()]
    lines.append(
        f"| all | {minutes:.1f} | **{alarms / minutes:.2f}** | " + " | ".join(shares) + " |"
    )
    medians = [f"{statistics.median(delays[f]):.1f}" if delays[f] else "-" for f in FAULTS]
    lines.append("| median delay, s | | | " + " | ".join(medians) + " |")
    return lines


def threshold_table(
    measured: list[Measured], chosen: dict[str, float], names: list[str]
) -> list[str]:
    lines = [
        "| statistic | "
        + " | ".join(f"greatest on {m.name}" for m in measured)
        + " | chosen | default |",
        "|---|" + "---|" * (len(measured) + 2),
    ]
    for name in names:
        cells = [f"{greatest(m.clean, name):.2f}" for m in measured]
        lines.append(
            f"| {name} | " + " | ".join(cells) + f" | {chosen[name]:.2f} | {defaults()[name]:g} |"
        )
    return lines


def picture(trial: Trial, thresholds: dict[str, float], title: str) -> str:
    """An SVG of the statistics of a trial over time, s from the fault."""
    width, height, most = 640, 180, 3.0
    times = [(s - trial.start_ns) / NS for s in trial.course.stamps]
    first, last = times[0], times[-1]

    def x(t: float) -> float:
        return 40 + (t - first) / (last - first) * (width - 50)

    def y(value: float) -> float:
        return height - 25 - min(max(value, 0.0), most) / most * (height - 45)

    flags = trial.course.alarms(thresholds)
    step = (width - 50) / max(len(flags), 1)
    shades = [
        f'<rect x="{x((s - trial.start_ns) / NS):.1f}" y="20" width="{step:.1f}" '
        f'height="{height - 45}" fill="#fdd"/>'
        for s, flag in flags
        if flag
    ]
    lines = []
    for k, name in enumerate(STATISTICS):
        points = " ".join(
            f"{x(t):.1f},{y(v / thresholds[name]):.1f}"
            for t, v in zip(times, trial.course.values[name], strict=True)
            if v > -1e9
        )
        lines.append(
            f'<polyline points="{points}" fill="none" stroke="{COLOURS[name]}" stroke-width="1.5"/>'
        )
        lines.append(f'<text x="{330 + 78 * k}" y="13" fill="{COLOURS[name]}">{name}</text>')
    ticks = [
        f'<text x="{x(t):.1f}" y="{height - 8}">{t}</text>'
        for t in range(round(first), round(last) + 1, 2)
    ]
    return "\n".join(
        [
            (
                f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
                'font-family="sans-serif" font-size="11">'
            ),
            f'<rect width="{width}" height="{height}" fill="white"/>',
            *shades,
            f'<text x="40" y="13">{title}</text>',
            (
                f'<line x1="40" x2="{width - 10}" y1="{y(1):.1f}" y2="{y(1):.1f}" stroke="gray" '
                'stroke-dasharray="4"/>'
            ),
            f'<line x1="{x(0):.1f}" x2="{x(0):.1f}" y1="20" y2="{height - 25}" stroke="black"/>',
            *lines,
            *ticks,
            "</svg>",
            "",
        ]
    )


def draw(measured: Measured, thresholds: dict[str, float], folder: Path) -> list[str]:
    folder.mkdir(parents=True, exist_ok=True)
    links = []
    for fault in SHOWN:
        trials = measured.trials[fault]
        if not trials:
            continue
        path = folder / f"self_check_{fault.replace(' ', '_').replace('.', '')}.svg"
        title = f"{measured.name}: {fault}; s from the fault"
        path.write_text(picture(trials[len(trials) // 2], thresholds, title), encoding="utf-8")
        links.append(f"![{fault}](../images/{path.name})")
    return links


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--choose", nargs="+", required=True, metavar="NAME:RUN=BAG")
    parser.add_argument("--report", nargs="+", required=True, metavar="NAME:RUN=BAG")
    parser.add_argument("--work", type=Path, required=True, help="keeps what is measured")
    parser.add_argument("--minutes", type=float, default=2.0, help="of each drive at most")
    parser.add_argument("--trials", type=int, default=12, help="of each fault and drive at most")
    parser.add_argument("--out", type=Path)
    args = parser.parse_args()

    def measured(texts: list[str]) -> list[Measured]:
        found = []
        for text in texts:
            name, _, rest = text.partition(":")
            run, _, bag = rest.partition("=")
            began = time.monotonic()

            def make(name: str = name, run: str = run, bag: str = bag) -> Measured:
                drive = open_drive(name, Path(run), Path(bag), args.minutes)
                return measure(drive, args.trials)

            key = f"{name}_{Path(run).name}_{args.minutes:g}_{args.trials}.json"
            found.append(kept_or_measured(args.work / key, make))
            print(f"measured {name}, {time.monotonic() - began:.0f} s", flush=True)
        return found

    chosen_on, reported = measured(args.choose), measured(args.report)
    chosen = choose(chosen_on)
    links = draw(reported[0], chosen, args.out.parent.parent / "images") if args.out else []
    text = PAGE.format(
        version=__version__,
        machine=platform.machine(),
        clean_s=CLEAN_S,
        every_s=EVERY_S,
        trials=args.trials,
        minutes=args.minutes,
        motion_s=MOTION_S,
        late_s=LATE_S,
        deg=REMOUNT_DEG,
        above=ABOVE,
        chosen_on=", ".join(m.name for m in chosen_on),
        reported_on=", ".join(m.name for m in reported),
        verdicts="\n".join(verdict_table(reported, chosen)),
        thresholds="\n".join(threshold_table(chosen_on, chosen, list(STATISTICS))),
        pictures="\n\n".join(links),
    )
    text += (
        "\nWith the node's defaults instead:\n\n"
        + "\n".join(verdict_table(reported, defaults()))
        + "\n"
    )
    if args.out:
        head = args.out.read_text(encoding="utf-8") if args.out.exists() else ""
        # What was written by hand stands behind the tables.
        _, mark, tail = head.partition(MARK)
        args.out.write_text(text + (mark + tail if mark else MARK), encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
