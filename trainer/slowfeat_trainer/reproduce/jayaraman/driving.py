"""J1, J12, J15, J16, J23: every method on drives, their motion patterns, and motion from other sources."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

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
from slowfeat_trainer.reproduce.jayaraman.other_motion import SOURCES, recorded_otherwise
from slowfeat_trainer.reproduce.jayaraman.pattern_picture import draw_patterns
from slowfeat_trainer.reproduce.jayaraman.rows import (
    Column,
    Row,
    Rows,
    agrees,
    better,
    cell,
    equivariance_row,
    kept,
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
        "a map of the first 60 %. The networks have seen those frames without labels."
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
    others, told = elsewhere(bench, base, rows[MAPS])
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


def elsewhere(bench: Bench, base: DriveBench, rows: Rows) -> tuple[Table, Finding]:
    """J23: the same drives, their motion told by other messages or less well."""
    found: Rows = {"odometry": rows["equiv"]}
    for source in SOURCES:
        for seed in range(bench.seeds):
            say(f"  motion from {source}, seed {seed}")
            recordings = recorded_otherwise(bench, base, source)
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
    names = list(found)
    says = (
        "equiv on held-out maps, trained with poses from: "
        + "; ".join(
            f"{n}: rho {cell(found[n], 'rho')}, gain {cell(found[n], 'gain')}" for n in names
        )
        + ". The paper itself has motion from GPS and inertia (KITTI), not from the wheels."
    )
    difference = abs(
        np.mean([r["gain"] for r in found[names[0]]])
        - np.mean([r["gain"] for r in found[names[1]]])
    )
    heading = "Motion told by other messages (equiv; all measured with true motions)"
    return table(heading, found, KEYS[:8], ()), Finding("J23", says, bool(difference < 0.05))


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
            f"On drives at 32 x 32, equiv gets {versus(maps, 'equiv', 'drlim', 'rho')} and {versus(maps, 'equiv', 'drlim', 'gain')}. "
            f"rho by what is held out: {beside}.",
            better(maps, "equiv", "drlim", "rho"),
        ),
        Finding("J15", f"rho, held-out maps, in NORB's published order: {rho}.", agrees(rho)),
        Finding(
            "J16", f"Which of four maps (chance 25 %), by 5 neighbours: {order}.", agrees(order)
        ),
    ]
