"""toy-manifold: two angles of a turning object, found by DrLIM alone (Goroshin et
al. 2015, section 3, fig. 1).
"""

from __future__ import annotations

import cv2
import numpy as np

from slowfeat.files import write_whole
from slowfeat.geometry import Array
from slowfeat_papers.goroshin.toy_method import ToyMethod
from slowfeat_papers.goroshin.views import RANGE_DEG, Views, toy_views
from slowfeat_papers.material.drawings import Panel, write_panels
from slowfeat_papers.material.finding_phrases import mean, spread
from slowfeat_papers.material.learning import still_part, still_set, trained
from slowfeat_papers.material.part import Bench, Finding, Result, Table
from slowfeat_papers.measures.linearised import gradient_angle, variables_explained
from slowfeat_trainer.config.train_config import TrainConfig, config_of_preset
from slowfeat_trainer.console.terminal import say
from slowfeat_trainer.data.frames import FrameStack
from slowfeat_trainer.metrics.equivariance import Matrix
from slowfeat_trainer.models.convnet import embed_frames
from slowfeat_trainer.page.plots import dots_plot, time_colour

TRAINED, FRESH, PCA, CONSTANT = "DrLIM", "untrained", "two principal components", "a constant"
HIDDEN = 100
# From this share of an angle's variance it is called linearised.
LINEARISED = 0.95
# Directions further apart than this are called nearly orthogonal, degrees.
ORTHOGONAL = 70.0
# Dots of a scatter plot, at most.
DOTS = 900


def settings(bench: Bench, seed: int) -> TrainConfig:
    """How the plane is learned; only the network and the loss are published."""
    return config_of_preset(
        "drlim",
        steps=bench.pick(600, 6000),
        batch_size=64,
        learning_rate=1e-3,
        drlim_margin=1.0,
        weight_decay=0.0,
        seed=seed,
    )


def run(bench: Bench) -> Result:
    """Train on nine tenths of the views; ask both angles of the rest."""
    views = toy_views(bench, bench.pick(3, 1))
    explained: dict[str, list[Array]] = {name: [] for name in (TRAINED, FRESH, PCA, CONSTANT)}
    turned: dict[str, list[float]] = {name: [] for name in explained}
    panels: list[Panel] = []
    for seed in range(bench.seeds):
        say(f"  seed {seed}")
        held = views.held_out(seed)
        data = still_set(still_part(views.frames[~held], np.zeros((~held).sum(), np.int64)))
        config = settings(bench, seed)
        codes = {PCA: principal(views, ~held), CONSTANT: np.zeros((len(held), 2))}
        net = ToyMethod(data, config, views.place[~held], HIDDEN)
        codes[FRESH] = embed_frames(net.encoder, FrameStack([views.frames]))
        trained(data, config, bench.folder / f"plane-{seed}", net)
        codes[TRAINED] = embed_frames(net.encoder, FrameStack([views.frames]))
        for name, z in codes.items():
            asked = z[held], views.angles[held]
            explained[name].append(variables_explained(z[~held], views.angles[~held], *asked))
            turned[name].append(gradient_angle(z, views.angles))
        if seed == 0:
            panels = scatter(codes[FRESH], views, FRESH) + scatter(codes[TRAINED], views, TRAINED)
    write_panels(bench.folder / "plane.svg", panels, columns=2, width=360)
    draw_samples(bench, views)
    return Result(
        findings=findings(explained, turned),
        tables=[table(explained, turned)],
        pictures={
            "samples.png": "Fig. 1a: three of the views.",
            "plane.svg": (
                "Fig. 1b: every view in the plane, untrained (top) and trained (bottom), coloured "
                "by azimuth (left) and by elevation (right); first seed."
            ),
        },
        notes=[
            (
                f"{len(views.place)} views of 96x96 pixels, {RANGE_DEG} by {RANGE_DEG} degrees in "
                f"steps of {views.step_deg:g} (the paper: 8100 in steps of 1); the paper's "
                "aeroplane is not published. A tenth of the views, held out, is asked for its "
                "angles by a linear regression fitted to the others."
            ),
            (
                f"{HIDDEN} hidden units, margin 1, {settings(bench, 0).steps} updates of 64 "
                "neighbours. On views made small (32x32, 600 updates, one seed) margins of 1 to "
                "10 gave R^2 of .95 and more, 30 and 100 less."
            ),
        ],
        seeds=bench.seeds,
    )


def principal(views: Views, known: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Matrix:
    """The views (N, 2) in the plane of the two leading principal
    components of those that are known.
    """
    x = views.frames[..., 0].reshape(len(views.frames), -1).astype(np.float32)
    x = x - x[known].mean(axis=0)
    seen = x[known]
    # The small matrix of products has the same leading directions as the covariance of 9216 pixels.
    some = seen[:: -(-len(seen) // 1000)]
    _, vectors = np.linalg.eigh((some @ some.T).astype(np.float64))
    return np.asarray(x @ (some.T @ vectors[:, -2:].astype(np.float32)))


def scatter(z: Matrix, views: Views, name: str) -> list[Panel]:
    """The plane, coloured by each angle."""
    some = np.random.default_rng(0).permutation(len(z))[:DOTS]
    shown = np.asarray(z[some], np.float64)
    panels = []
    for k, angle in enumerate(("azimuth", "elevation")):
        colours = [time_colour(a / RANGE_DEG) for a in views.angles[some, k]]
        panels.append(
            Panel(f"{name}, by {angle} (0 violet, 90 yellow)", dots_plot(shown, colours, name))
        )
    return panels


def draw_samples(bench: Bench, views: Views) -> None:
    """Three views side by side."""
    last = len(views.place) - 1
    row = np.concatenate([views.frames[i] for i in (0, last // 2, last)], axis=1)
    large = cv2.resize(row, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
    write_whole(bench.folder / "samples.png", cv2.imencode(".png", large)[1].tobytes())


def table(explained: dict[str, list[Array]], turned: dict[str, list[float]]) -> Table:
    """A row a code."""
    rows = [
        [
            name,
            *(spread([float(r[k]) for r in values]) for k in range(2)),
            spread(turned[name], 0),
        ]
        for name, values in explained.items()
    ]
    head = [
        "code in the plane",
        "R^2 of azimuth",
        "R^2 of elevation",
        "degrees between the two directions",
    ]
    return Table("Angles of views held out, by linear regression on two coordinates", head, rows)


def findings(explained: dict[str, list[Array]], turned: dict[str, list[float]]) -> list[Finding]:
    """Rows G1 and G2."""

    def angles(name: str) -> tuple[float, float]:
        return mean([float(r[0]) for r in explained[name]]), mean(
            [float(r[1]) for r in explained[name]]
        )

    learned, fresh, pca = (angles(name) for name in (TRAINED, FRESH, PCA))
    between = mean(turned[TRAINED])

    def both(pair: tuple[float, float]) -> str:
        return f"{pair[0]:.2f} and {pair[1]:.2f}"

    return [
        Finding(
            "G1",
            f"By eq. 1 two coordinates explain {both(learned)} of azimuth and elevation of views "
            f"held out; untrained {both(fresh)}, two principal components {both(pca)}, a constant "
            "0.",
            min(learned) > max(*fresh, *pca),
        ),
        Finding(
            "G2",
            f"R^2 {both(learned)}, and the two directions are {between:.0f} degrees apart: both "
            f"angles linearised from {LINEARISED:.2f}, nearly orthogonal from {ORTHOGONAL:.0f} "
            "degrees.",
            min(learned) >= LINEARISED and between >= ORTHOGONAL,
        ),
    ]
