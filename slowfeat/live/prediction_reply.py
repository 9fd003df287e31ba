"""What is returned of many predictions: all of each, a slice, distances to a goal, the best few.

Predictions are made in pieces and reduced at once, so that a hundred thousand motions take no more
memory than what is returned of them. What may be asked is bounded by bytes and by time. Knows no
ROS.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from slowfeat.bundle_info import WHOLE_EMBEDDING, BundleInfo
from slowfeat.errors import UsageError
from slowfeat.view_selection import policies

WHOLE, SCORES = WHOLE_EMBEDDING, "scores"
# A reply of more embeddings than this would hold up whatever else goes over the network.
MAX_BYTES = 64 * 2**20
# A request that takes longer is given up: it keeps others from being answered; s.
MAX_S = 5.0
# Motions between two looks at the clock, and at the images: some 20 ms on two cores.
CHUNK = 64

Floats = npt.NDArray[np.float32]
# (D,) and (M, 6) to (M, D) and (M,), as Encoder.predict_checked.
Predict = Callable[[Floats, Floats], tuple[Floats, Floats]]


class Wanted(NamedTuple):
    """What to return."""

    # "" or "whole", the name of a slice, or "scores": no embeddings.
    part: str = ""
    # (D,) that distances are measured to; None: no distances.
    goal: Floats | None = None
    # The k nearest to the goal alone; 0: all.
    best: int = 0


class Reply(NamedTuple):
    """K of M predictions."""

    # (K, P) what `part` is of each embedding.
    data: Floats
    # (K,) of the whole.
    expected_error: Floats
    # (K,) of the whole, in the bundle's own measure; (0,) without a goal.
    distance: Floats
    # (K,) which of the motions these are, nearest first; (0,): all, in order.
    kept: npt.NDArray[np.uint32]


def check_part(info: BundleInfo, part: str) -> slice:
    """The coordinates that a part's name stands for.

    Raises:
        UsageError: the bundle has no such slice.
    """
    if part == SCORES:
        return slice(0, 0)
    found = info.slices.get(part)
    if found is None and part not in ("", WHOLE):
        names = ", ".join([WHOLE, SCORES, *info.slices])
        raise UsageError(f"there is no part {part!r} of an embedding; there are {names}")
    return info.part(part)


def predict_reply(
    predict: Predict,
    info: BundleInfo,
    start: Floats,
    motions: Floats,
    wanted: Wanted,
    give_way: Callable[[], None] = lambda: None,
    now_s: Callable[[], float] = time.monotonic,
) -> Reply:
    """Predict for motions (M, 6) from an embedding (D,), and keep what is wanted.

    Args:
        predict: makes the predictions.
        info: of the bundle.
        start: (D,) the embedding to start from.
        motions: (M, 6), checked.
        wanted: what to return.
        give_way: called between two pieces; may wait for what is more urgent.
        now_s: a clock, s.

    Raises:
        UsageError: there is no such part, `best` without a goal, more than MAX_BYTES, or not done
            within MAX_S.
    """
    part = check_part(info, wanted.part)
    _check_size(len(motions), part, wanted)
    began_s, cosine = now_s(), info.distance == "cosine"
    pieces: list[Reply] = []
    for first in range(0, len(motions), CHUNK):
        if now_s() - began_s > MAX_S:
            raise UsageError(
                f"{first} of {len(motions)} motions took {MAX_S:g} s: ask for fewer at once"
            )
        give_way()
        after, error = predict(start, motions[first : first + CHUNK])
        distance = np.zeros(0, np.float32)
        kept = np.arange(first, first + len(after), dtype=np.uint32)
        if wanted.goal is not None:
            distance = policies.distance(after, wanted.goal, cosine).astype(np.float32)
        piece = Reply(after[:, part], error, distance, kept)
        pieces = [_nearest([*pieces, piece], wanted.best)] if wanted.best else [*pieces, piece]
    found = _joined(pieces)
    return found if wanted.best else found._replace(kept=np.zeros(0, np.uint32))


def _check_size(count: int, part: slice, wanted: Wanted) -> None:
    if wanted.best and wanted.goal is None:
        raise UsageError(f"the best {wanted.best} need a goal to be the nearest to")
    kept = min(count, wanted.best) if wanted.best else count
    size = 4 * kept * (part.stop - part.start)
    if size > MAX_BYTES:
        raise UsageError(
            f"{kept} predictions of {part.stop - part.start} numbers are {size / 2**20:.0f} MiB, "
            f"more than {MAX_BYTES / 2**20:.0f}: ask for a slice, for scores, or for the best few"
        )


def _joined(pieces: list[Reply]) -> Reply:
    data, error, distance, kept = (np.concatenate(parts) for parts in zip(*pieces, strict=True))
    return Reply(data, error, distance, kept.astype(np.uint32))


def _nearest(pieces: list[Reply], count: int) -> Reply:
    joined = _joined(pieces)
    order = np.argsort(joined.distance, kind="stable")[:count]
    data, error, distance, kept = joined
    return Reply(data[order], error[order], distance[order], kept[order])
