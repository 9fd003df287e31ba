"""J1, J12, J15, J16, J23: every method on drives, their motion patterns, and motion from other sources."""

from __future__ import annotations

import dataclasses
from typing import Any

from slowfeat_trainer.evaluation.compare import Embed, pixels
from slowfeat_trainer.evaluation.labelled_images import recognise
from slowfeat_trainer.reproduce.jayaraman import published
from slowfeat_trainer.reproduce.jayaraman.drives import (
    MAPS,
    DriveBench,
    place_labels,
    places,
    prepare,
)
from slowfeat_trainer.reproduce.jayaraman.networks import (
    UNLABELLED,
    Learned,
    learn,
    margins,
    scale_of_features,
)
from slowfeat_trainer.reproduce.jayaraman.other_motion import (
    SAME_M,
    SOURCES,
    furthest,
    recorded_otherwise,
)
from slowfeat_trainer.reproduce.jayaraman.pattern_picture import draw_patterns
from slowfeat_trainer.reproduce.jayaraman.rows import (
    HEADS,
    Column,
    Row,
    Rows,
    agrees,
    better,
    cell,
    equivariance_row,
    kept,
    mean,
    order_of,
    row_of,
    table,
    versus,
)
from slowfeat_trainer.reproduce.part import Bench, Finding, Result, Table
from slowfeat_trainer.terminal import say
from slowfeat_trainer.tuning.folds import joined

KEYS = ("rho", "rho_composite", "r2", "gain", "mrr", "own_rho", "own_gain", "rank", "knn", "linear")
NOTES = [
    (
        "KITTI's place is taken by drives through simulated maps, learned from in some maps and measured in others, and by "
        "bags that the user gives (the end of each is held out)."
    ),
    (
        "Four kinds of road become four maps: which map is a frame of the last 40 % of a drive from, by 10 labelled frames "
        "a map of the first 60 %. The networks have seen those frames without labels; clsnet alone learns from the map of all "
        "frames of the first 60 %, which is more than 10 labels, so its share stands apart."
    ),
    "The published equivariance errors are NORB's; the paper has none for KITTI.",
]


def run(bench: Bench) -> Result:
    """Train, measure, compare."""
    base = prepare(bench)
    rows: dict[str, Rows] = {name: {"pixels": []} for name in base.splits}
    for seed in range(bench.seeds):
        for name in base.splits:
            file = bench.folder / f"pixels_{name}_{seed}.json"
            rows[name]["pixels"].append(
                kept(file, lambda n=name: figures(pixels, base, n))  # type: ignore[misc]
            )
        for preset in ("random", "clsnet", *UNLABELLED, "slowfeat"):
            say(f"  {preset}, seed {seed}")
            learned = on_drives(bench, base, preset, seed)
            for name in base.splits:
                found = row_of(
                    learned,
                    name.replace(" ", "_"),
                    lambda n=name, k=learned: figures(k.embed, base, n, k),  # type: ignore[misc]
                )
                rows[name].setdefault(preset, []).append(found)
    others, told = elsewhere(bench, base, rows)
    head = Column("paper: KITTI-4 %", "knn", published.KITTI_4)
    tables = [
        table(f"Drives: {name}", found, KEYS, (head,) if name == MAPS else ())
        for name, found in rows.items()
    ]
    picture = draw_patterns(base, bench.folder / "motion_patterns.png")
    return Result(
        [*findings(rows, picture), told],
        [*tables, others],
        pictures={"motion_patterns.png": picture.about},
        notes=NOTES,
        seeds=bench.seeds,
    )


def on_drives(bench: Bench, base: DriveBench, preset: str, seed: int, **changes: Any) -> Learned:
    """A network that has learned from the drives; other experiments use the same."""
    labels = place_labels(base, base.setting.part) if preset == "clsnet" else None
    if preset in UNLABELLED:
        changes = margins(preset, scale_of_features(bench, base.setting, seed, preset)) | changes
    if preset == "slowfeat":
        shape = {"map_channels": 4, "map_rows": 8, "map_columns": 8}
        changes = shape | {"steps": bench.pick(100, 5000), "batch_size": 64} | changes
    return learn(bench, base.setting, preset, seed, labels=labels, **changes)


def figures(embed: Embed, base: DriveBench, name: str, learned: Learned | None = None) -> Row:
    """Equivariance on what is held out, and on the maps recognition of places as well."""
    predict = learned.predict if learned else None
    row = equivariance_row(embed, base.splits[name], base.patterns[name], predict)
    if name != MAPS:
        return row
    images = places(base)
    found = recognise(embed(images.frames), images)
    return row | {
        "knn": found.knn,
        "knn_error": found.knn_error,
        "linear": found.linear,
        "linear_error": found.linear_error,
    }


def elsewhere(bench: Bench, base: DriveBench, rows: dict[str, Rows]) -> tuple[Table, Finding]:
    """J23: the same drives, their motion told by other messages or less well; rows by what is held out."""
    maps = rows[MAPS]
    found: Rows = {"odometry": maps["equiv"]}
    told = []
    for source in SOURCES:
        recordings = recorded_otherwise(bench, base, source)
        off = furthest(recordings, base.simulated)
        told.append(f"{SOURCES[source]} ({off:.2g} m from odometry's at most)")
        if off < SAME_M:
            # The same motions of the same frames make the same network.
            found[SOURCES[source]] = maps["equiv"]
            continue
        for seed in range(bench.seeds):
            say(f"  motion from {source}, seed {seed}")
            setting = dataclasses.replace(
                base.setting, part=joined(recordings), name=f"drives_{source}"
            )
            scale = scale_of_features(bench, base.setting, seed)
            learned = learn(bench, setting, "equiv", seed, **margins("equiv", scale))
            row = row_of(
                learned,
                "maps",
                lambda k=learned: equivariance_row(
                    k.embed, base.splits[MAPS], base.patterns[MAPS], k.predict
                ),  # type: ignore[misc]
            )
            found.setdefault(SOURCES[source], []).append(row)
    keys = ("rho", "gain", "own_gain")
    figures_ = "; ".join(
        f"{n}: " + ", ".join(f"{HEADS[k]} {cell(found[n], k)}" for k in keys) for n in found
    )
    bags = "; ".join(
        f"{name}: {HEADS['rho']} {cell(its['equiv'], 'rho')} (pixels {cell(its['pixels'], 'rho')}), "
        f"{HEADS['own_gain']} {cell(its['equiv'], 'own_gain')}"
        for name, its in rows.items()
        if name != MAPS
    )
    says = (
        f"equiv on held-out maps by where poses in training are from: {figures_}. Poses read: {'; '.join(told)}. No "
        "picture is tracked: what stands for visual odometry is true poses with noise added."
        + (f" With the poses that bags bring (odometry, motion capture), {bags}." if bags else "")
        + " The paper takes its motion from GPS and inertia (KITTI) and compares no sources."
    )
    heading = "Motion told by other messages (equiv; all measured with true motions)"
    return table(heading, found, KEYS[:8], ()), Finding("J23", says, None)


def findings(rows: dict[str, Rows], picture: object) -> list[Finding]:
    """One for each row that drives answer."""
    maps = rows[MAPS]
    order = order_of(maps, Column("", "knn", published.KITTI_4))
    rho = order_of(maps, Column("", "rho", published.RHO_ATOMIC))
    beside = "; ".join(
        f"{name}: equiv {cell(found['equiv'], 'rho')}, drlim {cell(found['drlim'], 'rho')}, pixels {cell(found['pixels'], 'rho')}"
        for name, found in rows.items()
    )
    return [
        Finding("J1", str(getattr(picture, "says", "")), bool(getattr(picture, "agrees", False))),
        Finding(
            "J12",
            f"On drives at 32 x 32, equiv gets {versus(maps, 'equiv', 'drlim', 'rho')} and {versus(maps, 'equiv', 'drlim', 'gain')}; "
            f"its own map is worth a gain of {cell(maps['equiv'], 'own_gain')} (0 is chance). "
            f"rho by what is held out (1 is no better than standing still): {beside}.",
            better(maps, "equiv", "drlim", "rho")
            and better(maps, "equiv", "drlim", "gain")
            and mean(maps["equiv"], "rho") < 1,
        ),
        Finding("J15", f"rho, held-out maps, in NORB's published order: {rho}.", agrees(rho)),
        Finding(
            "J16", f"Which of four maps (chance 25 %), by 5 neighbours: {order}.", agrees(order)
        ),
    ]
