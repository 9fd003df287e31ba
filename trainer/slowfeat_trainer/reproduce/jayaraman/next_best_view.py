"""J17: recognition from one view and a second one that the paper's policy chose."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from slowfeat.geometry import Array
from slowfeat_trainer.evaluation.labelled_images import standard_error
from slowfeat_trainer.evaluation.metrics import Matrix
from slowfeat_trainer.evaluation.refit import MapData, RefittedMaps, refit_maps
from slowfeat_trainer.frames import FrameStack
from slowfeat_trainer.reproduce.jayaraman import grid
from slowfeat_trainer.reproduce.jayaraman.networks import Learned
from slowfeat_trainer.reproduce.jayaraman.next_view import Predict, accuracies
from slowfeat_trainer.reproduce.jayaraman.retrieval import of_grid
from slowfeat_trainer.reproduce.jayaraman.view_codes import CHOICES, Codes, codes_of, read_turntable
from slowfeat_trainer.reproduce.part import Bench, Finding, Result, Table
from slowfeat_trainer.terminal import say

METHODS = ("random", "drlim", "equiv", "equiv_drlim")
COLUMNS = ("one view", "random", "policy", "truth", "oracle")
# Labelled first views of each object, and how often they are drawn anew.
LABELS, REPEATS = 3, 10
QUERIES = 600
# On a turntable of 5 degrees a view: the turns that may be made.
TURNS = (-12, -8, -4, 4, 8, 12)


def run(bench: Bench) -> Result:
    """On unseen rendered objects, and on the user's turntable set."""
    base = grid.prepare(bench)
    turntable = (
        read_turntable(bench.sources.turntable, base.grid.side) if bench.sources.turntable else None
    )
    figures: dict[tuple[str, str, str], list[dict[str, float]]] = {}
    for seed in range(bench.seeds):
        for method in (*METHODS, "pixels"):
            say(f"  {method}, seed {seed}")
            learned = None if method == "pixels" else of_grid(bench, base, method, seed)
            embed = learned.embed if learned else grid.grey_pixels
            fit, ask = (
                Codes(codes_of(embed, base.grid, objects), CHOICES)
                for objects in (base.grid.known, base.grid.unseen)
            )
            maps: dict[str, Predict] = {"refitted": refitted_maps(fit)}
            if learned is not None and learned.predict is not None:
                maps["own"] = own_map(learned)
            for kind, predict in maps.items():
                figures.setdefault(("rendered", method, kind), []).extend(
                    repeat(ask, predict, seed)
                )
            if turntable is not None:
                flat = embed(FrameStack([turntable.reshape(-1, *turntable.shape[2:])]))
                z = flat.reshape(len(turntable), 1, turntable.shape[1], -1)
                steps = np.array([[0, t] for t in TURNS])
                known, asked = Codes(z[::2], steps), Codes(z[1::2], steps)
                found = repeat(asked, refitted_maps(known), seed)
                figures.setdefault(("turntable", method, "refitted"), []).extend(found)
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


def own_map(learned: Learned) -> Predict:
    """The map that the network itself has learned, one atomic motion after the other."""
    predict = learned.predict
    assert predict is not None  # noqa: S101 - for the type checker

    def map_of(z: Matrix, g: int) -> Matrix:
        steps = CHOICES[g]
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


def result_of(figures: dict[tuple[str, str, str], list[dict[str, float]]], bench: Bench) -> Result:
    """Table and sentence."""
    rows, ahead, says = [], [], []
    for (objects, method, kind), found in figures.items():
        cells = []
        for column in COLUMNS:
            values = [100 * f[column] for f in found]
            cells.append(f"{np.mean(values):.1f} ±{standard_error(values):.1f}")
        gains = [100 * (f["policy"] - f["random"]) for f in found]
        rows.append(
            [objects, method, kind, *cells, f"{np.mean(gains):+.1f} ±{standard_error(gains):.1f}"]
        )
        if method in ("equiv", "equiv_drlim"):
            ahead.append(np.mean(gains) > standard_error(gains))
            says.append(
                f"{method} ({objects}, {kind} maps) {rows[-1][3]} -> {rows[-1][5]} %, random {rows[-1][4]} %"
            )
    head = [
        "objects",
        "code",
        "maps",
        "one view",
        "random second",
        "policy's second",
        "with true views",
        "oracle",
        "policy - random",
    ]
    title = f"Recognition from two views, %, ± standard error of {REPEATS} draws of {LABELS} labelled views an object"
    text = (
        f"From one view to two of which the policy chose one: {'; '.join(says)}. It beats a random second view beyond "
        f"its standard error in {sum(ahead)} of {len(ahead)} cases."
    )
    notes = [
        (
            "A chosen view can be better than a random one by as much as the column 'with true views' is; that is the policy fed "
            "what it would see."
        ),
        "The objects are 25 rendered ones that nothing was learned from (chance 4 %), maps refitted on 25 others.",
    ]
    if bench.sources.turntable:
        notes.append(
            "Turntable: every other object fits the maps, the rest ask; networks are those of rendered objects."
        )
    else:
        notes.append("Give a turntable set (--turntable) to see it on photographs.")
    return Result(
        [Finding("J17", text, bool(sum(ahead) > len(ahead) / 2))],
        [Table(title, head, rows)],
        notes=notes,
        seeds=bench.seeds,
    )
