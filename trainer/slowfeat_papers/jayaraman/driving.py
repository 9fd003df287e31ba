"""J1, J12, J15, J16, J23: every method on drives, their motion patterns,
and motion from other sources.
"""

from __future__ import annotations

import dataclasses
from typing import Any

from slowfeat_papers.jayaraman import published
from slowfeat_papers.jayaraman.drive_views import (
    MAPS,
    DriveBench,
    place_labels,
    places,
    prepare,
)
from slowfeat_papers.jayaraman.driving_findings import findings, motion_sources
from slowfeat_papers.jayaraman.networks import (
    UNLABELLED,
    Learned,
    learn,
    margins,
    scale_of_features,
)
from slowfeat_papers.jayaraman.other_motion import (
    SAME_M,
    SOURCES,
    furthest,
    recorded_otherwise,
)
from slowfeat_papers.jayaraman.pattern_picture import draw_patterns
from slowfeat_papers.jayaraman.rows import (
    Column,
    Row,
    Rows,
    equivariance_row,
    kept,
    row_of,
    table,
)
from slowfeat_papers.material.part import Bench, Finding, Result, Table
from slowfeat_trainer.console.terminal import say
from slowfeat_trainer.evaluation.compare import Embed, pixels
from slowfeat_trainer.evaluation.metric_table import FEW_LABELS, recognition_metrics
from slowfeat_trainer.tuning.folds import joined

KEYS = ("rho", "rho_composite", "r2", "gain", "mrr", "own_rho", "own_gain", "rank", "knn", "linear")
NOTES = [
    (
        "KITTI's place is taken by drives through simulated maps, learned from in some maps and "
        "measured in others, and by bags that the user gives (the end of each is held out)."
    ),
    (
        "Four kinds of road become four maps: which map is a frame of the last 40 % of a drive "
        "from, by 10 labelled frames a map of the first 60 %. The networks have seen those frames "
        "without labels; clsnet alone learns from the map of all frames of the first 60 %, which "
        "is more than 10 labels, so its share stands apart."
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
    found = recognition_metrics(embed(images.frames), images)
    return row | {name: found.number(name) for name in FEW_LABELS}


def elsewhere(bench: Bench, base: DriveBench, rows: dict[str, Rows]) -> tuple[Table, Finding]:
    """J23: the same drives, their motion from other messages or less accurate; rows by what is held
    out.
    """
    maps = rows[MAPS]
    found: Rows = {"odometry": maps["equiv"]}
    same = []
    for source in SOURCES:
        recordings = recorded_otherwise(bench, base, source)
        if furthest(recordings, base.simulated) < SAME_M:
            # The same motions of the same frames make the same network.
            found[SOURCES[source]] = maps["equiv"]
            same.append(SOURCES[source])
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
    heading = "Motion from other messages (equiv; all measured with true motions)"
    return table(heading, found, KEYS[:8], ()), motion_sources(found, same, rows)
