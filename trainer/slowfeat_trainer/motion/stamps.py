"""Which stamps of a topic can be believed, and in which order its messages happened."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from slowfeat.odometry import NS, Stamps

Indices = npt.NDArray[np.int64]

# Messages that are out of order by less than this are sorted, not dropped.
DISORDER_NS = NS
# Fewer messages in a row than this are glitches, not a clock that was set.
SET_MESSAGES = 10
# More stamps than this share running backwards is worth a warning.
NOTICEABLE_SHARE = 0.01


class UsableStamps(NamedTuple):
    """The messages of a topic that can be used."""

    # (K,) indices of the messages kept, in the order of their stamps.
    order: Indices
    # (K,) their stamps, strictly increasing, ns.
    stamps: Stamps
    # Messages not kept, by reason ("odometry: stamp of zero").
    dropped: Counter[str]
    # What a user should know.
    warnings: list[str]


def usable_stamps(header_ns: Stamps | None, receive_ns: Stamps, what: str) -> UsableStamps:
    """The messages of one topic whose stamps can be used.

    Where most headers have no stamp the time of receipt stands for all. Of stamps that run
    backwards the longest consistent series is kept, so a glitch into the future costs one message,
    and of a clock that was set back the longer part stays. Of equal stamps the first stays.

    Args:
        header_ns: (N,) stamps of the headers in the order of the bag; None for a type without
            header.
        receive_ns: (N,) stamps of receipt.
        what: what the messages are ("odometry"), for reasons and warnings.
    """
    warnings: list[str] = []
    dropped: Counter[str] = Counter()
    stamps, kept = receive_ns.astype(np.int64), np.arange(len(receive_ns), dtype=np.int64)
    if header_ns is not None and 2 * np.count_nonzero(header_ns <= 0) <= len(header_ns):
        stamps = header_ns.astype(np.int64)
    elif len(receive_ns):
        why = "messages of this type carry no stamp"
        if header_ns is not None:
            why = f"{np.count_nonzero(header_ns <= 0)} of {len(header_ns)} headers have no stamp"
        warnings.append(f"{what}: {why}; the time of receipt is taken for all")
    if np.any(stamps <= 0):
        kept = kept[stamps > 0]
        dropped[f"{what}: stamp of zero"] = len(stamps) - len(kept)
    series = kept[consistent_series(stamps[kept])]
    backwards = len(kept) - len(series)
    if backwards:
        dropped[f"{what}: stamp runs backwards"] = backwards
        if backwards > NOTICEABLE_SHARE * len(kept):
            warnings.append(
                f"{what}: {backwards} of {len(kept)} stamps run backwards and were left out; "
                "was a clock set while recording?"
            )
    if not np.all(np.diff(stamps[series]) > 0):
        # Stable, so that of equal stamps the one that came first is kept.
        series = series[np.argsort(stamps[series], kind="stable")]
        first = np.ones(len(series), dtype=bool)
        first[1:] = np.diff(stamps[series]) > 0
        repeated = len(series) - np.count_nonzero(first)
        if repeated:
            dropped[f"{what}: stamp repeated"] = int(repeated)
        series = series[first]
    return UsableStamps(series, stamps[series], dropped, warnings)


def consistent_series(stamps: Stamps, clock_sets: int = 20) -> Indices:
    """Indices (K,) of the longest series of stamps (N,) of one clock that runs forward to within a
    second.

    Where a clock was set back, the longest series may begin with the time before and go on with the
    time after, so that the same stamp would mean one moment to the images and another to the
    odometry. Then only the part that covers more seconds is searched.

    Args:
        stamps: (N,) ns, in the order of the bag.
        clock_sets: parts are looked for within parts at most this deep.
    """
    series = _forward_series(stamps)
    cuts = _clock_sets(stamps, series) if clock_sets else []
    if not cuts:
        return series
    parts = np.split(np.arange(len(stamps), dtype=np.int64), cuts)
    found = [part[consistent_series(stamps[part], clock_sets - 1)] for part in parts]
    return max(found, key=lambda part: len(np.unique(stamps[part] // DISORDER_NS)))


def _clock_sets(stamps: Stamps, series: Indices) -> list[int]:
    """Indices of the first stamps after a clock was set, where a series is joined of before and
    after.

    Glitches have stamps far from their neighbours'. What a set clock leaves out goes on where the
    series stops, or leads to where it goes on.
    """
    cuts = []
    for before in np.flatnonzero(np.diff(series) > SET_MESSAGES):
        i, j = int(series[before]), int(series[before + 1])
        out = stamps[i + 1 : j]
        near = min(abs(int(out[0] - stamps[i])), abs(int(stamps[j] - out[-1])))
        if near < 2 * DISORDER_NS < np.ptp(out):
            cuts.append(i + 1 + int(np.argmin(np.diff(stamps[i : j + 1]))))
    return cuts


def _forward_series(stamps: Stamps) -> Indices:
    """Indices (K,) of the longest series of stamps (N,) that runs forward to within a second.

    The series is found on whole seconds; then come back those that are out of order by less than a
    second, which whole seconds cut apart where the disorder crosses from one second to the next.
    """
    seconds = stamps // DISORDER_NS
    if np.all(np.diff(seconds) >= 0):
        return np.arange(len(stamps), dtype=np.int64)
    kept = np.zeros(len(stamps), dtype=bool)
    kept[longest_non_decreasing(seconds)] = True
    limits = np.iinfo(np.int64)
    before = np.maximum.accumulate(np.where(kept, stamps, limits.min))
    after = np.minimum.accumulate(np.where(kept, stamps, limits.max)[::-1])[::-1]
    # Halved, or the differences to the limits would overflow.
    slack = DISORDER_NS // 2
    kept |= (stamps // 2 > before // 2 - slack) & (stamps // 2 < after // 2 + slack)
    return np.flatnonzero(kept).astype(np.int64)


def longest_non_decreasing(values: npt.NDArray[np.int64]) -> Indices:
    """Indices (K,) of a longest non-decreasing subsequence of values (N,), in O(N log N).

    Patience sorting (Fredman 1975): `tails[k]` is the smallest value that ends a subsequence of
    length k + 1 so far, and each value remembers which one stood before it.
    """
    tails: list[int] = []
    tail_index: list[int] = []
    previous: list[int] = []
    for index, value in enumerate(values.tolist()):
        length = bisect_right(tails, value)
        previous.append(tail_index[length - 1] if length else -1)
        if length == len(tails):
            tails.append(value)
            tail_index.append(index)
        else:
            tails[length] = value
            tail_index[length] = index
    chain = np.empty(len(tails), dtype=np.int64)
    index = tail_index[-1] if tail_index else -1
    for place in range(len(tails) - 1, -1, -1):
        chain[place] = index
        index = previous[index]
    return chain
