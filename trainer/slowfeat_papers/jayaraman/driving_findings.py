"""What drives say to each row of the checklist."""

from __future__ import annotations

import numpy as np

from slowfeat_papers.jayaraman import published
from slowfeat_papers.jayaraman.drive_views import MAPS
from slowfeat_papers.jayaraman.pattern_picture import PatternPicture
from slowfeat_papers.jayaraman.rows import (
    HEADS,
    Column,
    Rows,
    agrees,
    better,
    cell,
    mean,
    order_of,
    versus,
)
from slowfeat_papers.material.part import Finding


def findings(rows: dict[str, Rows], picture: PatternPicture) -> list[Finding]:
    """One for each row that drives answer."""
    maps = rows[MAPS]
    order = order_of(maps, Column("", "knn", published.KITTI_4))
    rho = order_of(maps, Column("", "rho", published.RHO_ATOMIC))
    names = list(published.RHO_ATOMIC)
    least, gains = ([mean(maps[n], key) for n in names] for key in ("rho", "gain"))
    beside = "; ".join(
        f"{name}: equiv {cell(found['equiv'], 'rho')}, drlim {cell(found['drlim'], 'rho')}, "
        f"pixels {cell(found['pixels'], 'rho')}"
        for name, found in rows.items()
    )
    return [
        Finding("J1", picture.says, picture.agrees),
        Finding(
            "J12",
            f"On drives at 32 x 32, equiv gets {versus(maps, 'equiv', 'drlim', 'rho')} and "
            f"{versus(maps, 'equiv', 'drlim', 'gain')}; its own map is worth a gain of "
            f"{cell(maps['equiv'], 'own_gain')} (0 is chance). rho by what is held out (1 is no "
            f"better than the copy baseline): {beside}.",
            better(maps, "equiv", "drlim", "rho")
            and better(maps, "equiv", "drlim", "gain")
            and mean(maps["equiv"], "rho") < 1,
        ),
        Finding(
            "J15",
            f"rho, held-out maps, in NORB's published order: {rho}. The least is {min(least):.2f} "
            f"({names[int(np.argmin(least))]}), and 1 is no better than the copy baseline. Largest "
            f"motion gain: {names[int(np.argmax(gains))]} ({max(gains):.3f}).",
            agrees(rho) and min(least) < 1,
        ),
        Finding(
            "J16", f"Which of four maps (chance 25 %), by 5 neighbours: {order}.", agrees(order)
        ),
    ]


def motion_sources(found: Rows, same: list[str], rows: dict[str, Rows]) -> Finding:
    """J23.

    Args:
        found: figures of equiv on held-out maps by where poses in training are from.
        same: sources with the very poses of odometry.
        rows: figures by what is held out.
    """
    keys = ("rho", "gain", "own_gain")
    distinct = "; ".join(
        f"{n}: " + ", ".join(f"{HEADS[k]} {cell(found[n], k)}" for k in keys)
        for n in found
        if n not in same
    )
    bags = "; ".join(
        f"{name}: {HEADS['rho']} {cell(its['equiv'], 'rho')} (pixels "
        f"{cell(its['pixels'], 'rho')}), {HEADS['own_gain']} {cell(its['equiv'], 'own_gain')}"
        for name, its in rows.items()
        if name != MAPS
    )
    says = (
        f"equiv on held-out maps by where poses in training are from: {distinct}. "
        + (f"Read from {' and '.join(same)}, poses are those of odometry. " if same else "")
        + "No image is tracked: what stands for visual odometry is true poses with noise added."
        + (f" With the poses that bags bring (odometry, motion capture), {bags}." if bags else "")
        + " The paper takes its motion from GPS and inertia (KITTI) and compares no sources."
    )
    return Finding("J23", says, None)
