"""What is said of the dictionaries of patches (Goroshin et al. 2015, section 4)."""

from __future__ import annotations

from dataclasses import dataclass, field

from slowfeat_papers.material.finding_phrases import mean, spread
from slowfeat_papers.material.part import Finding, Table

SLOW, SPARSE_SLOW = "slow (alpha 0)", "slow and l1"
RECONSTRUCTS, SPARSE = "neither (beta 0, alpha 0)", "l1 (beta 0)"
OVERLAP, SGD, FRESH = "slow and l1, overlapping pools", "slow and l1, plain SGD", "untrained"


@dataclass
class PoolStatistics:
    """What is measured of a dictionary, one value a seed."""

    # Median over the pools of their step to the next frame, relative to that between any two; 1 is
    # noise.
    step: list[float] = field(default_factory=list)
    # The same of single units before the pools.
    unit_step: list[float] = field(default_factory=list)
    # Share of the pools that vary at all.
    alive: list[float] = field(default_factory=list)
    # Variance of held-out patches explained by the reconstruction.
    explained: list[float] = field(default_factory=list)
    # Share of units that are active on a patch.
    active: list[float] = field(default_factory=list)
    # Mean share of the pixels that a kernel is spread over, of the 32 slowest pools.
    pixels: list[float] = field(default_factory=list)
    # Likeness of amplitude spectra within pools, and between them.
    within: list[float] = field(default_factory=list)
    across: list[float] = field(default_factory=list)


def table(found: dict[str, PoolStatistics]) -> Table:
    """A row a dictionary."""
    rows = [
        [
            name,
            spread(f.step, 2),
            spread(f.unit_step, 2),
            spread(f.explained, 2),
            spread(f.active, 2),
            spread(f.alive, 2),
            spread(f.pixels, 2),
            f"{spread(f.within, 2)} / {spread(f.across, 2)}",
        ]
        for name, f in found.items()
    ]
    head = [
        "dictionary",
        "step of a pool (1: noise)",
        "step of a unit",
        "R^2 of the patch (0: its mean)",
        "units active",
        "pools that vary",
        "pixels a kernel covers (sine .67)",
        "likeness of spectra in a pool / between pools",
    ]
    return Table("Dictionaries of patches, on maps held out", head, rows)


def findings(found: dict[str, PoolStatistics]) -> list[Finding]:
    """A sentence a row."""
    slow, l1, bare, sparse = (found[n] for n in (SLOW, SPARSE_SLOW, RECONSTRUCTS, SPARSE))
    overlap, sgd, fresh = found[OVERLAP], found[SGD], found[FRESH]

    def m(values: list[float]) -> str:
        return f"{mean(values):.2f}"

    return [
        Finding(
            "G3",
            f"Pools step by {m(slow.step)} of what two patches differ by with slowness, "
            f"{m(bare.step)} without it (with l1: {m(l1.step)} against {m(sparse.step)}); the "
            f"reconstruction still explains {m(slow.explained)} of the patches.",
            mean(slow.step) < mean(bare.step)
            and mean(l1.step) < mean(sparse.step)
            and mean(slow.explained) > 0.5,
        ),
        Finding(
            "G4",
            f"Rectified units step by {m(l1.unit_step)}, their L2 pools by {m(l1.step)}; pools "
            f"that overlap by half by {m(overlap.step)}, and they explain {m(overlap.explained)}.",
            mean(l1.step) < mean(l1.unit_step) and mean(overlap.step) < mean(overlap.unit_step),
        ),
        Finding(
            "G5",
            f"Without l1 a kernel of the slowest pools covers {m(slow.pixels)} of the patch (a "
            f"sine .67), and spectra are alike by {m(slow.within)} within pools, {m(slow.across)} "
            f"between them (untrained {m(fresh.within)}): pools of one frequency in several "
            "phases would be alike within.",
            mean(slow.pixels) > 0.4 and mean(slow.within) > mean(slow.across) + 0.1,
        ),
        Finding(
            "G6",
            f"With l1 a kernel covers {m(l1.pixels)} of the patch, without it {m(slow.pixels)}: "
            "the paper's become local.",
            mean(l1.pixels) < 0.8 * mean(slow.pixels),
        ),
        Finding(
            "G8",
            f"Plain SGD, one pass through the encoder: R^2 {m(sgd.explained)} (Adam "
            f"{m(l1.explained)}, untrained {m(fresh.explained)}), {m(sgd.active)} of the units "
            f"active, step of a pool {m(sgd.step)} (untrained {m(fresh.step)}).",
            mean(sgd.explained) > 0.5 and mean(sgd.step) < mean(fresh.step),
        ),
    ]
