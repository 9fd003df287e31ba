"""Nearest neighbours of some frames across spaces (G fig. 6), and how near they really are."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from slowfeat.geometry import Array
from slowfeat.odometry import NS, Stamps
from slowfeat_trainer.data.pairs import Part
from slowfeat_trainer.metrics.equivariance import Matrix
from slowfeat_trainer.page.inline_images import evenly
from slowfeat_trainer.report.frame_images import Pictures
from slowfeat_trainer.report.report_data import ReportData

Index = npt.NDArray[np.int64]

QUERIES, SHOWN = 4, 5
# Of frames nearer than this in time one is shown: the others look the same.
APART_S = 1.0
# Queries of the figures, and frames that are looked up.
MANY, BANK = 300, 2000


def nearest(query: Matrix, bank: Matrix, count: int) -> Index:
    """Rows (Q, count) of the bank (B, D) nearest to queries (Q, D) by
    cosine distance, nearest first.
    """
    a, b = (m / np.maximum(np.linalg.norm(m, axis=1, keepdims=True), 1e-12) for m in (query, bank))
    return np.asarray(np.argsort(-(a @ b.T), axis=1, kind="stable")[:, :count])


def apart(ranked: Index, stamps: Stamps) -> Index:
    """Of each ranking (Q, B) the first SHOWN that are APART_S from all
    before them; stamps (B,) in ns.
    """
    chosen = []
    for ranking in ranked:
        kept: list[int] = []
        for row in ranking:
            if all(abs(int(stamps[row]) - int(stamps[k])) >= APART_S * NS for k in kept):
                kept.append(int(row))
            if len(kept) == SHOWN:
                break
        chosen.append(kept)
    fewest = min(len(kept) for kept in chosen)
    return np.array([kept[:fewest] for kept in chosen])


def neighbours_section(subjects: Sequence[ReportData], pictures: Sequence[Pictures]) -> str:
    """For each run the neighbours in its code, in raw pixels and in the untrained code."""
    parts = [
        (
            "<h2>Nearest neighbours</h2><p>Held-out frames look for their nearest frames in the "
            "training part, which is another time: what a code takes to be alike. Cosine "
            "distance, queries evenly spaced in time; of frames within a second of each other the "
            "nearest is shown.</p>"
        )
    ]
    for subject, shown in zip(subjects, pictures, strict=True):
        if len(subjects) > 1:
            parts.append(subject.heading)
        bank = np.arange(0, len(subject.split.train), -(-len(subject.split.train) // BANK))
        if subject.source.one_world:
            parts.append(_distances(subject, bank))
        if shown.shown:
            parts.append(_pictures(subject, bank, shown))
    return "".join(parts)


def _distances(subject: ReportData, bank: Index) -> str:
    """How far the neighbours are from the queries, by odometry."""
    train, test = subject.split.train, subject.split.test
    query = evenly(len(test), MANY)
    rows = []
    for name, embed in subject.spaces.items():
        best = nearest(embed(test.frames)[query], embed(train.frames)[bank], 1)[:, 0]
        rows.append((name, *pose_distance(test.poses[query], train.poses[bank[best]])))
    draw = np.random.default_rng(0).integers(0, len(bank), len(query))
    chance = pose_distance(test.poses[query], train.poses[bank[draw]])
    if all(metres > 0.8 * chance[0] and degrees > 0.8 * chance[1] for _, metres, degrees in rows):
        return (
            '<p class="soft">No feature space finds neighbours that are closer in the odometry '
            "than random frames: the odometry has drifted since the training part, or the places "
            "are others. Judge the neighbours by eye.</p>"
        )
    rows.append(("any frame", *chance))
    body = "".join(
        f"<tr{' class=main' if k == 0 else ''}><td>{name}</td><td>{metres:.2f} "
        f"m</td><td>{degrees:.0f}°</td></tr>"
        for k, (name, metres, degrees) in enumerate(rows)
    )
    return (
        '<div class="scroll"><table class="narrow"><tr><th>nearest frame in</th><th>is off by '
        f'(median)</th><th>and turned by</th></tr>{body}</table></div><p class="soft">Over '
        f"{len(query)} queries, by odometry; where it "
        "drifts, so do these.</p>"
    )


def pose_distance(a: Array, b: Array) -> tuple[float, float]:
    """Median distance [m] and median angle [deg] between poses (N, 4, 4)."""
    metres = np.linalg.norm(a[:, :3, 3] - b[:, :3, 3], axis=1)
    turn = np.einsum("nji,njk->nik", a[:, :3, :3], b[:, :3, :3])
    cosine = np.clip((np.trace(turn, axis1=1, axis2=2) - 1) / 2, -1, 1)
    return float(np.median(metres)), float(np.rad2deg(np.median(np.arccos(cosine))))


def _pictures(subject: ReportData, bank: Index, pictures: Pictures) -> str:
    train, test = subject.split.train, subject.split.test
    queries = evenly(len(test), QUERIES)
    stamps = train.stamps[bank]
    found = {
        name: apart(
            nearest(embed(test.frames)[queries], embed(train.frames)[bank], len(bank)), stamps
        )
        for name, embed in subject.spaces.items()
    }
    blocks = []
    for row, query in enumerate(queries):
        lines = "".join(
            f'<p class="space">{name}</p><div '
            f'class="hits">{_hits(train, bank[hits[row]], pictures)}</div>'
            for name, hits in found.items()
        )
        asked = pictures.frame(test, int(query), "query")
        blocks.append(f'<div class="query">{asked}<div class="spaces">{lines}</div></div>')
    return "".join(blocks)


def _hits(part: Part, rows: Index, pictures: Pictures) -> str:
    return "".join(pictures.frame(part, int(row)) for row in rows)
