"""Which stamps are believed: the property tests compare with a search through all subsets."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from slowfeat_trainer.motion.stamps import (
    consistent_series,
    longest_non_decreasing,
    usable_stamps,
)

NS = 1_000_000_000


def ns(*seconds: float) -> np.ndarray:
    return np.array([round(s * NS) for s in seconds], dtype=np.int64)


def brute_force_length(values: np.ndarray) -> int:
    """Length of the longest non-decreasing subsequence, by trying all of them."""
    for length in range(len(values), 0, -1):
        if any(list(c) == sorted(c) for c in combinations(values.tolist(), length)):
            return length
    return 0


def test_increasing_stamps_are_all_kept() -> None:
    stamps = ns(5, 5.1, 5.2, 7)
    usable = usable_stamps(stamps, ns(0, 1, 2, 3), "odometry")
    assert usable.order.tolist() == [0, 1, 2, 3]
    assert usable.stamps.tolist() == stamps.tolist()
    assert not usable.dropped
    assert not usable.warnings


@pytest.mark.parametrize("count", [0, 1])
def test_hardly_any_messages_are_no_error(count: int) -> None:
    assert len(usable_stamps(ns(*[4] * count), ns(*[5] * count), "image").order) == count


def test_no_header_takes_the_time_of_receipt_with_one_warning() -> None:
    usable = usable_stamps(None, ns(3, 4, 5), "twist")
    assert usable.stamps.tolist() == ns(3, 4, 5).tolist()
    assert usable.warnings == [
        "twist: messages of this type carry no stamp; the time of receipt is taken for all"
    ]


def test_mostly_empty_headers_take_the_time_of_receipt_for_all() -> None:
    usable = usable_stamps(ns(0, 0, 99, 0), ns(1, 2, 3, 4), "image")
    assert usable.stamps.tolist() == ns(1, 2, 3, 4).tolist()
    assert not usable.dropped
    assert len(usable.warnings) == 1
    assert "3 of 4 headers have no stamp" in usable.warnings[0]


def test_a_few_stamps_of_zero_are_dropped() -> None:
    usable = usable_stamps(ns(10, 0, 11, -1, 12, 13), ns(1, 2, 3, 4, 5, 6), "image")
    assert usable.order.tolist() == [0, 2, 4, 5]
    assert usable.dropped == {"image: stamp of zero": 2}


def test_disorder_within_a_second_is_sorted_also_across_whole_seconds() -> None:
    usable = usable_stamps(ns(10.7, 11.1, 10.9, 11.0, 11.5, 11.4), ns(1, 2, 3, 4, 5, 6), "odometry")
    assert usable.order.tolist() == [0, 2, 3, 1, 5, 4]
    assert not usable.dropped


def test_one_glitch_costs_one_message() -> None:
    for wrong in (5000.0, 2.0):
        stamps = ns(*[100 + k / 10 for k in range(300)])
        stamps[50] = round(wrong * NS)
        usable = usable_stamps(stamps, stamps, "odometry")
        assert usable.order.tolist() == [k for k in range(300) if k != 50]
        assert usable.dropped == {"odometry: stamp runs backwards": 1}
        assert not usable.warnings


def test_of_a_clock_set_back_the_longer_part_stays() -> None:
    stamps = ns(*[1000 + k / 10 for k in range(200)], *[100 + k / 10 for k in range(300)])
    usable = usable_stamps(stamps, stamps, "image")
    assert usable.order.tolist() == list(range(200, 500))
    assert usable.dropped == {"image: stamp runs backwards": 200}
    assert "200 of 500 stamps run backwards" in usable.warnings[0]


@pytest.mark.parametrize("rate", [10, 25])
@pytest.mark.parametrize(
    ("first", "second", "kept"),
    [
        # Set back by half a minute: the parts overlap, and a series could be joined of both.
        ((100, 140), (110, 200), 1),
        ((100, 200), (170, 210), 0),
        # A bag played twice while it was recorded.
        ((100, 140), (100, 160), 1),
    ],
)
def test_parts_of_a_clock_set_back_are_not_joined(
    rate: int, first: tuple[int, int], second: tuple[int, int], kept: int
) -> None:
    parts = [np.arange(a * rate, b * rate) * (NS // rate) for a, b in (first, second)]
    # Also where the part that stays has a hole, as when images were lost.
    for hole in (slice(0, 0), slice(5 * rate, 8 * rate)):
        holed = list(parts)
        holed[kept] = np.delete(parts[kept], hole)
        stamps = np.concatenate(holed)
        usable = usable_stamps(stamps, stamps, "image")
        assert usable.stamps.tolist() == holed[kept].tolist()
        assert usable.order[0] == (len(holed[0]) if kept else 0)


def test_of_a_drive_recorded_again_and_again_one_stays() -> None:
    once = np.arange(1000, 1400) * (NS // 10)
    usable = usable_stamps(np.tile(once, 30), np.tile(once, 30), "image")
    assert usable.stamps.tolist() == once.tolist()
    assert np.all(np.diff(usable.order) == 1)


def test_a_clock_that_is_wrong_for_a_while_costs_that_while() -> None:
    for wrong in (20.0, 5000.0):
        stamps = ns(*[100 + k / 10 for k in range(600)])
        stamps[200:250] += ns(wrong - 120)[0]
        usable = usable_stamps(stamps, stamps, "image")
        assert usable.order.tolist() == [*range(200), *range(250, 600)]


def test_of_equal_stamps_the_first_stays() -> None:
    usable = usable_stamps(ns(10, 10.5, 10.2, 10.5, 10.2), ns(1, 2, 3, 4, 5), "image")
    assert usable.order.tolist() == [0, 2, 1]
    assert usable.dropped == {"image: stamp repeated": 2}


def test_the_longest_series_is_found_like_by_brute_force() -> None:
    rng = np.random.default_rng(0)
    for _ in range(200):
        values = rng.integers(0, 8, rng.integers(0, 11))
        chain = longest_non_decreasing(values)
        assert len(chain) == brute_force_length(values)
        assert np.all(np.diff(chain) > 0)
        assert np.all(np.diff(values[chain]) >= 0)


def test_random_stamps_come_out_increasing_and_all_accounted_for() -> None:
    rng = np.random.default_rng(1)
    for _ in range(300):
        count = int(rng.integers(1, 12))
        stamps = rng.integers(0, 8 * NS, count) // (NS // 4) * (NS // 4)
        usable = usable_stamps(stamps, stamps + NS, "odometry")
        assert len(usable.order) + sum(usable.dropped.values()) == count
        assert np.all(np.diff(usable.stamps) > 0)
        series = consistent_series(stamps)
        assert len(series) >= brute_force_length(stamps // NS)
        # Nothing kept runs back by more than the second that is forgiven twice over.
        assert np.all(np.maximum.accumulate(stamps[series]) - stamps[series] < 2 * NS)


def test_a_million_stamps_take_a_moment() -> None:
    stamps = np.arange(1, 1_000_001, dtype=np.int64) * 10**7
    assert len(usable_stamps(stamps, stamps, "odometry").order) == 1_000_000
    stamps[500] = 10**18
    assert len(usable_stamps(stamps, stamps, "odometry").order) == 999_999
    # Nor does a bag of nonsense take long, or recurse too deeply.
    nonsense = np.random.default_rng(2).integers(1, 100 * NS, 100_000)
    assert np.all(np.diff(usable_stamps(nonsense, nonsense, "odometry").stamps) > 0)
