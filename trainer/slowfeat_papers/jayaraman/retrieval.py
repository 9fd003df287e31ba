"""J18: pairs of the same transformation are found by the change that a map predicts (figure)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from slowfeat_papers.jayaraman import drive_views as drives
from slowfeat_papers.jayaraman import grid
from slowfeat_papers.jayaraman.driving import on_drives
from slowfeat_papers.jayaraman.networks import (
    Learned,
    learn,
    margins,
    scale_of_features,
)
from slowfeat_papers.jayaraman.sheets import Picture, row_of_pictures, write_sheet
from slowfeat_papers.material.part import Bench, Finding, Result, Table
from slowfeat_papers.measures.transformations import PairRetrieval, pair_retrieval
from slowfeat_trainer.console.terminal import say
from slowfeat_trainer.data.motion_patterns import MotionPatterns
from slowfeat_trainer.data.pairs import Index, Pairs, Part
from slowfeat_trainer.evaluation.compare import pixels
from slowfeat_trainer.metrics.equivariance import Matrix

METHODS = ("random", "drlim", "equiv", "equiv_drlim")
QUERIES, BANK, FOUND, SHOWN = 400, 4000, 5, 4


@dataclass(frozen=True)
class Place:
    """Held-out pairs of one kind of data."""

    part: Part
    pairs: Pairs
    motion: Index
    # Object, or minute of a drive: what a query does not find itself in.
    group: Index
    # Rows of the pairs that ask.
    queries: Index


def run(bench: Bench) -> Result:
    """Retrieve on unseen objects and on held-out maps."""
    on_grid, driven = grid.prepare(bench), drives.prepare(bench)
    objects = on_grid.split.test
    maps = driven.splits[drives.MAPS].test
    places = {
        "unseen objects": place_of(objects, on_grid.patterns, objects.source),
        "held-out maps": place_of(maps, driven.patterns[drives.MAPS], minutes(maps)),
    }
    figures: dict[tuple[str, str, str], list[float]] = {}
    shown: dict[str, list[Picture]] = {name: [] for name in places}
    for seed in range(bench.seeds):
        for method in METHODS:
            say(f"  {method}, seed {seed}")
            networks = {
                "unseen objects": of_grid(bench, on_grid, method, seed),
                "held-out maps": on_drives(bench, driven, method, seed),
            }
            for name, place in places.items():
                learned = networks[name]
                found = retrieve(learned.embed(place.part.frames), place, learned)
                for kind, result in found.items():
                    figures.setdefault((name, method, kind), []).append(result.precision)
                    figures.setdefault((name, "chance", ""), []).append(result.chance)
                if method == "equiv" and seed == 0:
                    shown[name] = draw(place, found["predicted"])
        for name, place in places.items():
            code = grid.grey_pixels if name == "unseen objects" else pixels
            found = retrieve(code(place.part.frames), place, None)
            figures.setdefault((name, "pixels", "real"), []).append(found["real"].precision)
    for name, rows in shown.items():
        write_sheet(bench.folder / f"{name.replace(' ', '_')}.png", rows)
    return result_of(figures, list(places), bench.seeds)


def place_of(part: Part, patterns: MotionPatterns, group: Index) -> Place:
    """Pairs half a second apart, thinned, and some of them to ask."""
    pairs = part.pairs_at_gap(0.5)
    motion = patterns.assign(pairs.motions)
    rng = np.random.default_rng(0)
    keep = np.sort(rng.permutation(len(pairs))[:BANK])
    pairs, motion = pairs.take(keep), motion[keep]
    queries = np.sort(rng.permutation(len(pairs))[:QUERIES])
    return Place(part, pairs, motion, group[pairs.before], queries)


def minutes(part: Part) -> Index:
    """Which ten seconds of which block each frame is of."""
    at = (part.stamps - part.stamps.min()) // 10_000_000_000
    return np.asarray(part.block * 100_000 + at, dtype=np.int64)


def of_grid(bench: Bench, base: grid.GridBench, method: str, seed: int) -> Learned:
    """The network that grid-of-views trains without labels."""
    changes: dict[str, Any] = {}
    if method != "random":
        changes |= margins(method, scale_of_features(bench, base.setting, seed, method))
    return learn(bench, base.setting, method, seed, **changes)


def retrieve(z: Matrix, place: Place, learned: Learned | None) -> dict[str, PairRetrieval]:
    """By real changes, and by predicted ones where there is a map; the
    bank's changes are always real.
    """
    pairs, asked = place.pairs, place.queries
    real = z[pairs.after] - z[pairs.before]
    changes = {"real": real[asked]}
    predict = learned.predict if learned else None
    if predict is not None:
        start = z[pairs.before[asked]]
        changes["predicted"] = predict(start, pairs.motions[asked]) - start
    of_query, of_bank = (place.motion[asked], place.group[asked]), (place.motion, place.group)
    return {
        kind: pair_retrieval(c, *of_query, real, *of_bank, FOUND) for kind, c in changes.items()
    }


def draw(place: Place, result: PairRetrieval) -> list[Picture]:
    """A row for each motion: a query pair and the pairs it finds."""
    rows = []
    for g in np.unique(place.motion):
        asking = np.flatnonzero(place.motion[place.queries] == g)
        if not len(asking):
            continue
        q = int(asking[len(asking) // 2])
        numbers = [int(place.queries[q]), *(int(n) for n in result.found[q][:SHOWN])]
        pictures = []
        for n in numbers:
            pictures += [
                place.part.frames[[i]][0] for i in (place.pairs.before[n], place.pairs.after[n])
            ]
        right = [place.motion[n] == g for n in numbers[1:]]
        marks = ", ".join("same motion" if r else "another" for r in right)
        rows.append(row_of_pictures(pictures, f"query, and what it finds: {marks}", 2))
    return rows


def result_of(
    figures: dict[tuple[str, str, str], list[float]], names: list[str], seeds: int
) -> Result:
    """Table and sentence."""

    def mean(*key: str) -> float:
        return float(np.mean(figures[key])) if key in figures else float("nan")

    rows, parts, agree = [], [], []
    for name in names:
        chance = mean(name, "chance", "")
        for method in (*METHODS, "pixels"):
            real, predicted = mean(name, method, "real"), mean(name, method, "predicted")
            shown = "-" if np.isnan(predicted) else f"{predicted:.3f}"
            rows.append([name, method, f"{real:.3f}", shown, f"{chance:.3f}"])
        best = mean(name, "equiv", "predicted")
        parts.append(
            f"{name}: {best:.0%} (chance {chance:.0%}; by real changes of equiv "
            f"{mean(name, 'equiv', 'real'):.0%}, of pixels {mean(name, 'pixels', 'real'):.0%})"
        )
        # The paper's figure shows it beside neighbours by pixels.
        agree.append(best > max(chance + 0.05, mean(name, "pixels", "real")))
    head = ["pairs of", "code", "real change", "predicted change", "chance"]
    title = f"Share of the {FOUND} pairs found that have the query's motion pattern"
    says = f"Pairs found by M_g z - z of equiv that have the query's motion: {'; '.join(parts)}."
    pictures = {
        f"{n.replace(' ', '_')}.png": f"Pairs found by the change that equiv predicts, {n}: first "
        "the query, then what is nearest."
        for n in names
    }
    note = (
        "The query's change is predicted from its motion; the changes in the bank are those of "
        "real pairs, of other objects or other stretches of ten seconds: maps that add a constant "
        "are not enough."
    )
    return Result(
        [Finding("J18", says, all(agree))], [Table(title, head, rows)], pictures, [note], seeds
    )
