"""dictionaries: the pooled kernels of the four methods side by side
(Goroshin et al. 2015, fig. 3 and 5).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from slowfeat.geometry import Array
from slowfeat_papers.goroshin.encoders import drives_of, learned
from slowfeat_papers.goroshin.views_of_layer import Rebuilt
from slowfeat_papers.material.drawings import Panel, write_panels
from slowfeat_papers.material.finding_phrases import mean, spread
from slowfeat_papers.material.part import Bench, Finding, Result, Table
from slowfeat_papers.measures.dictionaries import amplitudes, mean_frequency, pool_similarity
from slowfeat_trainer.data.frames import FrameStack
from slowfeat_trainer.data.pairs import Part
from slowfeat_trainer.methods import Method
from slowfeat_trainer.metrics.equivariance import variance_explained
from slowfeat_trainer.models.convnet import embed_frames
from slowfeat_trainer.page.filters import filters_drawing

# As in the paper's figure; (b) and (d) differ by beta alone.
PRESETS = {
    "drlim_1": "(a) DrLIM (encoder)",
    "sparse_1": "(b) sparsity",
    "group_1": "(c) group sparsity",
    "goroshin_1": "(d) sparsity and slowness",
}
SGD, FRESH = "(d) by plain SGD", "untrained"
# Without momentum; the rate is a guess, no other was tried.
SGD_SETTINGS: dict[str, Any] = {
    "optimiser": "sgd",
    "momentum": 0.0,
    "learning_rate": 1.0,
    "schedule": "constant",
}
# Held-out frames that the reconstruction is measured on.
FRAMES = 300


@dataclass
class KernelStatistics:
    """What is measured of a dictionary, one value a seed."""

    # Likeness within pools and between them: of the kernels, and of their amplitude spectra.
    kernels: list[tuple[float, float]] = field(default_factory=list)
    spectra: list[tuple[float, float]] = field(default_factory=list)
    frequency: list[float] = field(default_factory=list)
    # Of whitened frames of held-out maps; None where the decoder was not trained.
    explained: list[float] = field(default_factory=list)

    def ratio(self, which: str) -> float:
        """Likeness within pools over that between them."""
        pairs = self.kernels if which == "kernels" else self.spectra
        return mean([a for a, _ in pairs]) / max(mean([b for _, b in pairs]), 1e-12)


def dictionary(method: Method, preset: str) -> tuple[Array, list[list[int]]]:
    """Columns (64, 3, 9, 9) of the decoder, of drlim kernels of the
    encoder; and the units of each pool.
    """
    layer: Any = method.encoder
    weight = layer.encoder.weight if preset == "drlim_1" else layer.decoder.weight.transpose(0, 1)
    pools = [np.flatnonzero(row).tolist() for row in layer.pool.members.numpy()]
    return np.asarray(weight.detach().numpy(), np.float64), pools


def measure(
    method: Method, preset: str, about: str, part: Part, figures: KernelStatistics
) -> Panel:
    """Adds the figures of a layer; returns its drawing."""
    kernels, pools = dictionary(method, preset)
    figures.kernels.append(pool_similarity(kernels.reshape(len(kernels), -1), pools))
    figures.spectra.append(pool_similarity(amplitudes(kernels), pools))
    figures.frequency.append(float(mean_frequency(kernels).mean()))
    if preset != "drlim_1":
        layer: Any = method.encoder
        frames = part.frames
        every = max(1, len(frames) // FRAMES)
        shown = FrameStack([frames[::every]])
        x, rebuilt = (embed_frames(net, shown) for net in (layer.inputs, Rebuilt(layer)))
        figures.explained.append(
            variance_explained(rebuilt.reshape(len(x), -1), x.reshape(len(x), -1))
        )
    return Panel(about, filters_drawing(kernels, pools, 4, about, as_images=True))


def run(bench: Bench) -> Result:
    """Draw the dictionaries of the table's networks, and one more by plain SGD."""
    drives = drives_of(bench)
    part = next(iter(drives.held_out.values()))
    found = {name: KernelStatistics() for name in [*PRESETS.values(), SGD, FRESH]}
    panels: list[Panel] = []
    for seed in range(bench.seeds):
        drawn = []
        for preset, name in PRESETS.items():
            method = learned(bench, drives, preset, seed)
            drawn.append(measure(method, preset, name, part, found[name]))
        method = learned(bench, drives, "goroshin_1", seed, **SGD_SETTINGS)
        drawn.append(measure(method, "goroshin_1", SGD, part, found[SGD]))
        fresh = learned(bench, drives, "goroshin_1", seed, steps=0)
        measure(fresh, "goroshin_1", FRESH, part, found[FRESH])
        panels = panels or drawn
    write_panels(bench.folder / "dictionaries.svg", panels, columns=5, width=210)
    return Result(
        findings=findings(found),
        tables=[table(found)],
        pictures={"dictionaries.svg": "Fig. 5: pooled kernels, four to a pool; grey is zero."},
        notes=[
            (
                "DrLIM trains no decoder: its encoder is shown, as the drlim column of the "
                "paper's figure can only be."
            ),
            (
                "Likeness is the mean |cosine| of two kernels, or of their amplitude spectra, "
                "which do not know place and phase."
            ),
        ],
        seeds=bench.seeds,
    )


def table(found: dict[str, KernelStatistics]) -> Table:
    """A row a dictionary."""

    def pair(values: list[tuple[float, float]]) -> str:
        return " / ".join(spread([v[k] for v in values], 2) for k in range(2))

    rows = [
        [
            name,
            pair(f.kernels),
            pair(f.spectra),
            spread(f.frequency, 3),
            spread(f.explained, 2) if f.explained else "-",
        ]
        for name, f in found.items()
    ]
    head = [
        "dictionary",
        "likeness of kernels in a pool / between pools",
        "of their spectra",
        "mean frequency, cycles a pixel",
        "R^2 of whitened frames",
    ]
    return Table("Kernels of the first layer; R^2 on held-out maps", head, rows)


def findings(found: dict[str, KernelStatistics]) -> list[Finding]:
    """A sentence a row."""
    drlim, sparse, group, slow = (found[name] for name in PRESETS.values())
    sgd, fresh = found[SGD], found[FRESH]
    alike = {name: found[name].ratio("kernels") for name in PRESETS.values()}
    spectra = {name: found[name].ratio("spectra") for name in PRESETS.values()}
    words = ", ".join(f"{name} {value:.2f}" for name, value in alike.items())
    others = max(mean(f.frequency) for f in (sparse, group, slow))
    return [
        Finding(
            "G7",
            "64 kernels pooled over 4 maps x 2x2 pixels: with slowness whitened frames are "
            f"rebuilt with R^2 {mean(slow.explained):.2f} (untrained {mean(fresh.explained):.2f}).",
            mean(slow.explained) > max(0.3, mean(fresh.explained)),
        ),
        Finding(
            "G8",
            "Convolutional: by plain SGD, without momentum and without inference, R^2 "
            f"{mean(sgd.explained):.2f} of whitened frames (Adam {mean(slow.explained):.2f}, "
            f"untrained {mean(fresh.explained):.2f}).",
            mean(sgd.explained) > mean(fresh.explained) + 0.1,
        ),
        Finding(
            "G12",
            f"Sparsity alone: kernels of a pool are {alike[PRESETS['sparse_1']]:.2f} times as "
            f"alike as others, with slowness {alike[PRESETS['goroshin_1']]:.2f} times (spectra "
            f"{spectra[PRESETS['sparse_1']]:.2f} and {spectra[PRESETS['goroshin_1']]:.2f}); in "
            "the paper slowness alone makes pools coherent.",
            spectra[PRESETS["goroshin_1"]] > spectra[PRESETS["sparse_1"]] + 0.1
            and alike[PRESETS["sparse_1"]] < 1.2,
        ),
        Finding(
            "G19",
            f"Likeness in pools over that between them: {words}. In the paper group sparsity "
            "makes copies, slowness likes, sparsity neither. DrLIM's mean frequency "
            f"{mean(drlim.frequency):.3f}, the others' {others:.3f} at most (the paper: DrLIM's "
            "are higher).",
            alike[PRESETS["group_1"]] > alike[PRESETS["goroshin_1"]] > alike[PRESETS["sparse_1"]]
            and mean(drlim.frequency) > others,
        ),
    ]
