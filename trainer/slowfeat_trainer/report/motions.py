"""Motion patterns with example pairs (J fig. 1), and pairs retrieved by the same change (J)."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import numpy as np
import numpy.typing as npt

from slowfeat.geometry import Array, describe_motion, relative_motion
from slowfeat_trainer.evaluation.measure_bundle import PIXELS
from slowfeat_trainer.metrics.equivariance import Matrix
from slowfeat_trainer.page.inline_images import evenly
from slowfeat_trainer.page.patterns import pairs_near_patterns, pattern_card
from slowfeat_trainer.page.plots import drawn_reach, motion_plot
from slowfeat_trainer.report.frame_images import Pictures
from slowfeat_trainer.report.report_data import ReportData

Index = npt.NDArray[np.int64]

QUERIES, SHOWN, MANY = 3, 3, 300
# Pairs nearer than this in time to the query are its neighbours, and no find.
APART_S = 2.0


def patterns_section(subjects: Sequence[ReportData], pictures: Sequence[Pictures]) -> str:
    """The kinds of motion that training found."""
    parts = [
        (
            "<h2>Motion patterns</h2><p>Training sorts the motions of the robot, by odometry "
            "alone, into a few kinds. Seen from above, forward is up; pale is before the motion, "
            "coloured after. The error is that of the bundle's map on held-out pairs, below 1 is "
            "better than the copy baseline"
            + (
                "; the images are the pair nearest to the pattern's centre.</p>"
                if pictures[0].shown
                else ".</p>"
            )
        )
    ]
    seen: list[Array] = []
    for subject, shown in zip(subjects, pictures, strict=True):
        info = subject.encoder.info
        centroids = np.array([p.centroid for p in info.motion_patterns]).reshape(-1, 6)
        # Runs on the same frames with the same seed have the same patterns: once is enough.
        if any(np.array_equal(centroids, other) for other in seen):
            continue
        seen.append(centroids)
        reach = drawn_reach(centroids)
        errors = subject.evaluation.comparison.rho_of_pattern
        cards = []
        chosen = pairs_near_patterns(info, subject.split.train)
        for pattern, centroid, error, pair in zip(
            info.motion_patterns, centroids, errors, chosen, strict=True
        ):
            about = f"{pattern.count} pairs" + ("" if error is None else f"; error {error:.2f}")
            both = ""
            if pair is not None:
                train = subject.split.train
                both = shown.frame(train, pair[0], "before") + shown.frame(train, pair[1], "after")
            cards.append(pattern_card(centroid, reach, describe_motion(centroid), about, both))
        if len(subjects) > 1:
            parts.append(subject.heading)
        parts.append(f'<div class="patterns">{"".join(cards)}</div>')
    return "".join(parts)


def same_change_section(subjects: Sequence[ReportData], pictures: Sequence[Pictures]) -> str:
    """For some pairs, others of the held-out part in which the embedding changes the same way."""
    parts = [
        (
            "<h2>The same motion elsewhere</h2><p>From a frame and a motion the bundle predicts "
            "how the embedding changes. Other pairs of frames whose embedding really changed that "
            "way (cosine) should show the same motion, wherever they were taken. Pairs within "
            f"{APART_S:g} s of the query are left out. The examples are the middle pairs of the "
            "first kinds of motion, not chosen by how they came out.</p>"
        )
    ]
    for subject, shown in zip(subjects, pictures, strict=True):
        if len(subjects) > 1:
            parts.append(subject.heading)
        parts.append(_agreement(subject))
        parts.append(_examples(subject, shown))
    return "".join(parts)


def retrieve_changes(
    asked: Matrix, changes: Matrix, stamps: npt.NDArray[np.int64], query: Index, count: int
) -> Index:
    """Pairs (Q, count) whose change is most like the one asked for, by cosine, best first.

    Args:
        asked: (Q, D) changes to look for.
        changes: (P, D) of all pairs.
        stamps: (P,) when each pair begins, ns.
        query: (Q,) the pair that each question is of: it and its neighbours in time are no answer.
        count: answers to each.
    """
    a, b = (
        m / np.maximum(np.linalg.norm(m, axis=1, keepdims=True), 1e-12) for m in (asked, changes)
    )
    likeness = a @ b.T
    near = np.abs(stamps[query][:, None] - stamps[None]) < APART_S * 1e9
    likeness[near] = -2.0
    return np.asarray(np.argsort(-likeness, axis=1, kind="stable")[:, :count])


def _changes(subject: ReportData, query: Index) -> tuple[Matrix, Matrix]:
    """Changes predicted for the queries (Q, D), and real ones of all pairs (P, D)."""
    pairs = subject.material.pairs.single
    z = subject.own(subject.split.test.frames)
    start = z[pairs.before]
    predicted = subject.encoder.predict(start[query], pairs.motions[query])[0]
    return predicted - start[query], z[pairs.after] - start


def _agreement(subject: ReportData) -> str:
    """How alike the motions of query and answer are, beside pixels and chance."""
    test, pairs = subject.split.test, subject.material.pairs.single
    query = evenly(len(pairs), MANY)
    stamps = test.stamps[pairs.before]
    x = subject.material.codes[PIXELS](test.frames)
    change = x[pairs.after] - x[pairs.before]
    answers = {
        "predicted change of the embedding": retrieve_changes(
            *_changes(subject, query), stamps, query, 1
        )[:, 0],
        "real change of the pixels": retrieve_changes(change[query], change, stamps, query, 1)[
            :, 0
        ],
        "any pair": np.random.default_rng(0).integers(0, len(pairs), len(query)),
    }
    rows = ""
    for k, (name, found) in enumerate(answers.items()):
        metres, degrees = motion_difference(pairs.motions[query], pairs.motions[found])
        rows += (
            f"<tr{' class=main' if k == 0 else ''}><td>{name}</td>"
            f"<td>{degrees:.1f}°</td><td>{metres:.2f} m</td></tr>"
        )
    return (
        '<div class="scroll"><table class="narrow"><tr><th>best answer by</th><th>differs in '
        f'turn</th><th>and way (median)</th></tr>{rows}</table></div><p class="soft">Over '
        f"{len(query)} queries. The embedding is asked "
        "by its prediction, without the frame after the motion; the pixels have seen it.</p>"
    )


def motion_difference(a: Array, b: Array) -> tuple[float, float]:
    """Median difference in translation [m] and in rotation [deg] of motions (N, 6)."""
    metres = np.linalg.norm(a[:, :3] - b[:, :3], axis=1)
    radians = np.linalg.norm(a[:, 3:] - b[:, 3:], axis=1)
    return float(np.median(metres)), float(np.rad2deg(np.median(radians)))


def examples_of_kinds(subject: ReportData, most: int) -> Index:
    """One held-out pair (Q,) of each kind of motion that has any, the
    one in the middle of its time.
    """
    kinds = subject.material.kinds
    kind = kinds.assign(subject.material.pairs.single.motions)
    found = [np.flatnonzero(kind == g) for g in range(len(kinds))]
    return np.array([mine[len(mine) // 2] for mine in found if len(mine)][:most])


def _examples(subject: ReportData, pictures: Pictures) -> str:
    test, pairs = subject.split.test, subject.material.pairs.single
    query = examples_of_kinds(subject, QUERIES)
    found = retrieve_changes(*_changes(subject, query), test.stamps[pairs.before], query, SHOWN)
    reach = drawn_reach(pairs.motions[np.concatenate([query, found.ravel()])])
    blocks = []
    for row, asked in enumerate(query):
        cells = [_pair(subject, int(asked), "asked for", reach, pictures)]
        cells += [
            _pair(subject, int(p), f"answer {k + 1}", reach, pictures)
            for k, p in enumerate(found[row])
        ]
        blocks.append(f'<div class="changes">{"".join(cells)}</div>')
    return "".join(blocks)


def _pair(subject: ReportData, pair: int, name: str, reach: float, pictures: Pictures) -> str:
    test, pairs = subject.split.test, subject.material.pairs.single
    before, after = int(pairs.before[pair]), int(pairs.after[pair])
    motion = relative_motion(test.poses[[before]], test.poses[[after]])[0]
    words = escape(describe_motion(motion))
    both = pictures.frame(test, before) + pictures.frame(test, after)
    shown = f'<div class="pair">{both}</div>' if both else ""
    return (
        '<div class="change"><div '
        f'class="motion-made">{motion_plot(motion, reach, words)}<div><strong>{name}</strong>'
        f"<p>{words}</p></div></div>{shown}</div>"
    )
