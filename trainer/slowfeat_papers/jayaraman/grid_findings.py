"""What the grid of views says to each row of the checklist."""

from __future__ import annotations

import numpy as np

from slowfeat_papers.jayaraman import published
from slowfeat_papers.jayaraman.rows import (
    Column,
    Row,
    Rows,
    agrees,
    better,
    cell,
    mean,
    order_of,
    versus,
)
from slowfeat_papers.material.part import Finding

# A code of fewer directions than this in use has collapsed.
COLLAPSED = 2.0


def findings(joint: Rows, alone: Rows, adam: list[Row]) -> list[Finding]:
    """One for each row that the grid of views answers."""
    return [
        Finding(
            "J2",
            f"Alone, equiv gets {versus(alone, 'equiv', 'random', 'rho')} and "
            f"{versus(alone, 'equiv', 'drlim', 'gain')}; its own map is worth a gain of "
            f"{cell(alone['equiv'], 'own_gain')} (0 is chance).",
            better(alone, "equiv", "random", "rho") and better(alone, "equiv", "drlim", "gain"),
        ),
        _joined(joint),
        _slower(joint, "J4", "temporal"),
        _slower(joint, "J5", "drlim"),
        _best(joint),
        Finding(
            "J7",
            "equiv_drlim_nondiscrete gets "
            f"{versus(joint, 'equiv_drlim_nondiscrete', 'equiv_drlim', 'rho')}; "
            "alone an effective rank of "
            f"{cell(alone['equiv_drlim_nondiscrete'], 'rank')}"
            f"{_collapse(alone['equiv_drlim_nondiscrete'])}.",
            None,
        ),
        Finding(
            "J8",
            f"clsnet gets {versus(joint, 'clsnet', 'equiv', 'rho')}, and "
            f"{cell(joint['clsnet'], 'knn')} % of 25 objects (chance 4 %; equiv "
            f"{cell(joint['equiv'], 'knn')} %).",
            better(joint, "equiv", "clsnet", "rho") and better(joint, "equiv", "clsnet", "knn"),
        ),
        Finding(
            "J9",
            f"lsm, which classifies the motion, gets {versus(joint, 'lsm', 'equiv', 'rho')} and "
            f"{cell(joint['lsm'], 'knn')} % of 25 objects (equiv {cell(joint['equiv'], 'knn')} %).",
            better(joint, "equiv", "lsm", "rho") and better(joint, "equiv", "lsm", "knn"),
        ),
        _unlearned(alone),
        _composite(joint),
        *_orders(joint),
        Finding(
            "J21",
            "Nesterov's SGD with a step schedule trains equiv to rho "
            f"{cell(alone['equiv'], 'rho')} and gain {cell(alone['equiv'], 'gain')}, AdamW with a "
            f"cosine to {cell(adam, 'rho')} and {cell(adam, 'gain')}; all start from Glorot's "
            "initialisation.",
            None,
        ),
    ]


def _collapse(rows: list[Row]) -> str:
    return " (collapsed)" if mean(rows, "rank") < COLLAPSED else ""


def _joined(joint: Rows) -> Finding:
    ahead = [
        m
        for m in ("temporal", "drlim", "equiv", "equiv_drlim")
        if better(joint, m, "clsnet", "knn")
    ]
    return Finding(
        "J3",
        f"Joined with classification, {', '.join(ahead) or 'none'} of temporal, drlim, equiv, "
        f"equiv_drlim recognise more of 25 objects than clsnet's {cell(joint['clsnet'], 'knn')} "
        f"%: equiv {cell(joint['equiv'], 'knn')} %, equiv_drlim "
        f"{cell(joint['equiv_drlim'], 'knn')} %.",
        {"equiv", "equiv_drlim"} <= set(ahead),
    )


def _slower(joint: Rows, row: str, name: str) -> Finding:
    published_ = published.RHO_ATOMIC
    return Finding(
        row,
        f"{name} gets {versus(joint, name, 'clsnet', 'rho')} (paper: {published_[name]:g} against "
        f"{published_['clsnet']:g}) and {versus(joint, name, 'equiv', 'rho')}, at an effective "
        f"rank of {cell(joint[name], 'rank')}{_collapse(joint[name])}.",
        better(joint, name, "clsnet", "rho") and better(joint, "equiv", name, "rho"),
    )


def _best(joint: Rows) -> Finding:
    names = list(published.RHO_ATOMIC)
    first = min(names, key=lambda n: mean(joint[n], "rho"))
    return Finding(
        "J6",
        f"The least rho is that of {first} ({cell(joint[first], 'rho')}); equiv_drlim has "
        f"{cell(joint['equiv_drlim'], 'rho')}. In the paper equiv_drlim is best.",
        first == "equiv_drlim",
    )


def _unlearned(alone: Rows) -> Finding:
    return Finding(
        "J10",
        f"Unlearned codes: rho {cell(alone['random'], 'rho')} and {cell(alone['random'], 'knn')} "
        f"% of 25 objects for the random network, {cell(alone['pixels'], 'rho')} and "
        f"{cell(alone['pixels'], 'knn')} % for pixels, {cell(alone['tiny images'], 'rho')} and "
        f"{cell(alone['tiny images'], 'knn')} % for tiny images, against "
        f"{cell(alone['equiv'], 'rho')} and {cell(alone['equiv'], 'knn')} % for equiv.",
        all(
            better(alone, "equiv", code, key)
            for code in ("random", "pixels", "tiny images")
            for key in ("rho", "knn")
        ),
    )


def _composite(joint: Rows) -> Finding:
    names = [n for n in published.RHO_ATOMIC if n != "random"]
    harder = sum(mean(joint[n], "rho_composite") > mean(joint[n], "rho") for n in names)
    # Published: composite above atomic for all but clsnet.
    return Finding(
        "J11",
        f"Two motions in a row, never trained on, are harder than one for {harder} of "
        f"{len(names)} methods (paper: {len(names) - 1} of {len(names)}); equiv: "
        f"{cell(joint['equiv'], 'rho')} and {cell(joint['equiv'], 'rho_composite')}.",
        harder >= len(names) / 2,
    )


def _orders(joint: Rows) -> list[Finding]:
    atomic = order_of(joint, Column("", "rho", published.RHO_ATOMIC))
    twice = order_of(joint, Column("", "rho_composite", published.RHO_COMPOSITE))
    objects = order_of(joint, Column("", "knn", published.NORB_25))
    gains = {n: mean(joint[n], "gain") for n in published.RHO_ATOMIC}
    top = max(gains, key=lambda n: gains[n] if np.isfinite(gains[n]) else -np.inf)
    return [
        Finding(
            "J15",
            f"rho, grid of views: atomic {atomic}; composite {twice}. Largest motion gain: {top} "
            f"({gains[top]:.3f}).",
            agrees(atomic) and agrees(twice),
        ),
        Finding("J16", f"25 objects by 5 neighbours: {objects}.", agrees(objects)),
    ]
