"""J17: recognition from one view and a second one that the paper's policy chose."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from slowfeat.geometry import Array
from slowfeat_papers.jayaraman import grid
from slowfeat_papers.jayaraman.networks import Learned
from slowfeat_papers.jayaraman.next_view import Predict, accuracies
from slowfeat_papers.jayaraman.retrieval import of_grid
from slowfeat_papers.jayaraman.view_codes import (
    CHOICES,
    LARGE,
    TURNS,
    Codes,
    codes_of,
    read_turntable,
)
from slowfeat_papers.material.part import Bench, Finding, Result, Table
from slowfeat_trainer.console.terminal import say
from slowfeat_trainer.data.frames import FrameStack
from slowfeat_trainer.metrics.equivariance import Matrix
from slowfeat_trainer.metrics.refit import MapData, RefittedMaps, refit_maps
from slowfeat_trainer.metrics.standard_errors import standard_error

METHODS = ("random", "drlim", "equiv", "equiv_drlim")
# Those of the paper's table, whose maps predict the second view.
PAPERS = ("equiv", "equiv_drlim")
COLUMNS = ("one view", "random", "policy", "truth", "oracle")
# Labelled first views of each object, and how often they are drawn anew (J: 5 repeats).
LABELS, REPEATS = 3, 5
QUERIES = 400

Figures = dict[tuple[str, str, str, str], list[dict[str, float]]]


def run(bench: Bench) -> Result:
    """On unseen rendered objects, and on the user's turntable set."""
    base = grid.prepare(bench)
    turntable = (
        read_turntable(bench.sources.turntable, base.grid.side) if bench.sources.turntable else None
    )
    figures: Figures = {}
    for seed in range(bench.seeds):
        for method in (*METHODS, "pixels"):
            say(f"  {method}, seed {seed}")
            learned = None if method == "pixels" else of_grid(bench, base, method, seed)
            embed = learned.embed if learned else grid.grey_pixels
            known, unseen = (
                codes_of(embed, base.grid, objects)
                for objects in (base.grid.known, base.grid.unseen)
            )
            for size, motions in CHOICES.items():
                fit, ask = Codes(known, motions), Codes(unseen, motions)
                maps: dict[str, Predict] = {"refitted": refitted_maps(fit)}
                if learned is not None and learned.predict is not None:
                    maps["own"] = own_map(learned, motions)
                for kind, predict in maps.items():
                    key = ("rendered", size, method, kind)
                    figures.setdefault(key, []).extend(repeat(ask, predict, seed))
            if turntable is not None:
                flat = embed(FrameStack([turntable.reshape(-1, *turntable.shape[2:])]))
                z = flat.reshape(len(turntable), 1, turntable.shape[1], -1)
                for size, turns in TURNS.items():
                    predict = refitted_maps(Codes(z[::2], turns))
                    found = repeat(Codes(z[1::2], turns), predict, seed)
                    figures.setdefault(("turntable", size, method, "refitted"), []).extend(found)
    return result_of(figures, bench)


def refitted_maps(fit: Codes) -> Predict:
    """Ridge maps of each motion, fitted on objects of which a fifth chooses the strength."""
    where = fit.starts()
    held = where[:, 0] % 5 == 4
    unit = float(fit.z.std(axis=(0, 1, 2)).mean()) or 1.0

    def data(chosen: npt.NDArray[np.int64]) -> MapData:
        count = len(fit.motions)
        before = np.tile(fit.z[tuple(chosen.T)], (count, 1)) / unit
        after = np.concatenate([fit.after(chosen, g) for g in range(count)]) / unit
        return MapData(before, after, np.repeat(np.arange(count), len(chosen)))

    maps: RefittedMaps = refit_maps(data(where[~held]), data(where[held]), len(fit.motions))
    return lambda z, g: maps.predict(z / unit, np.full(len(z), g)) * unit


def own_map(learned: Learned, motions: npt.NDArray[np.int64]) -> Predict:
    """The map that the network itself has learned, one atomic motion after the other."""
    predict = learned.predict
    assert predict is not None  # noqa: S101 - for the type checker

    def map_of(z: Matrix, g: int) -> Matrix:
        steps = motions[g]
        motion: Array = np.zeros((len(z), 6))
        motion[:, :2] = np.sign(steps)
        for _ in range(int(np.abs(steps).max())):
            z = predict(z, motion)
        return z

    return map_of


def repeat(codes: Codes, predict: Predict, seed: int) -> list[dict[str, float]]:
    """Accuracies of REPEATS draws of the labelled views."""
    where = codes.starts()
    found = []
    for draw in range(REPEATS):
        rng = np.random.default_rng([seed, draw, 31])
        order = rng.permutation(len(where))
        rank = np.zeros(len(where), np.int64)
        for o in np.unique(where[:, 0]):
            mine = order[where[order, 0] == o]
            rank[mine] = np.arange(len(mine))
        bank, asked = where[rank < LABELS], where[order[rank[order] >= LABELS][:QUERIES]]
        z, b = codes.z[tuple(asked.T)], codes.z[tuple(bank.T)]
        turns = range(len(codes.motions))
        found.append(
            accuracies(
                z,
                [codes.after(asked, g) for g in turns],
                b,
                [codes.after(bank, g) for g in turns],
                predict,
                asked[:, 0],
                bank[:, 0],
            )
        )
    return found


def result_of(figures: Figures, bench: Bench) -> Result:
    """Table and sentence."""
    rows, says = [], []
    ahead: dict[tuple[str, str], list[bool]] = {}
    unlearned: list[bool] = []
    for (objects, size, method, kind), found in figures.items():
        shown = [_cell([100 * f[column] for f in found]) for column in COLUMNS]
        gains = [100 * (f["policy"] - f["random"]) for f in found]
        wins = bool(np.mean(gains) > standard_error(gains))
        rows.append([objects, size, method, kind, *shown, _cell(gains, "+"), _word(wins)])
        if method in ("random", "pixels"):
            unlearned.append(wins)
        if method in PAPERS:
            ahead.setdefault((objects, size), []).append(wins)
            if size == LARGE:
                says.append(
                    f"{method} ({objects}, {kind} maps) {shown[0]} -> {shown[2]} %, random "
                    f"{shown[1]} %"
                )
    head = ["objects", "motions", "code", "maps", "one view", "random second", "policy's second"]
    head += ["with true views", "oracle", "policy - random", "beyond its s.e."]
    title = (
        f"Recognition from two views, %, ± standard error of {REPEATS} draws of {LABELS} labelled "
        "views an object"
    )
    counts = "; ".join(f"{o}, {s}: {sum(w)} of {len(w)}" for (o, s), w in ahead.items())
    text = (
        f"From one view to two of which the policy chose one, {LARGE}: {'; '.join(says)}. The "
        "policy beats a random second view beyond its standard error in so many cases of equiv "
        f"and equiv_drlim: {counts}; with codes that learned nothing (untrained network, pixels) "
        f"in {sum(unlearned)} of {len(unlearned)}."
    )
    agree = all(all(w) for (_, size), w in ahead.items() if size == LARGE)
    notes = [
        (
            "A chosen view can be better than a random one by as much as the column 'with true "
            "views' is; that is the policy fed what it would see."
        ),
        (
            "Single steps were tried first; they show nearly the same view, so larger motions "
            "were tried as well. It agrees only where every case of larger motions is ahead; by "
            "chance one case in six is."
        ),
        (
            "The objects are 25 rendered ones that nothing was learned from (chance 4 %), maps "
            "refitted on 25 others."
        ),
    ]
    if bench.sources.turntable:
        notes.append(
            "Turntable: every other object fits the maps, the rest ask; networks are those of "
            "rendered objects."
        )
    else:
        notes.append("Give a turntable set (--turntable) to see it on photographs.")
    return Result(
        [Finding("J17", text, agree)], [Table(title, head, rows)], notes=notes, seeds=bench.seeds
    )


def _cell(values: list[float], sign: str = "") -> str:
    return f"{np.mean(values):{sign}.1f} ±{standard_error(values):.1f}"


def _word(wins: bool) -> str:
    return "yes" if wins else "no"
