"""What is returned of many predictions is the same as of all of them, and it is bounded."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from slowfeat.bundle import load_bundle
from slowfeat.bundle_info import BundleInfo, Slice
from slowfeat.encoder import Encoder
from slowfeat.errors import UsageError
from slowfeat.live.prediction_reply import (
    CHUNK,
    MAX_BYTES,
    MAX_S,
    SCORES,
    WHOLE,
    Wanted,
    check_part,
    predict_reply,
)

RNG = np.random.default_rng(0)
COUNT = 2 * CHUNK + 7


@pytest.fixture(scope="module")
def encoder(tiny_bundle: Path) -> Encoder:
    return Encoder(load_bundle(tiny_bundle))


@pytest.fixture
def info(encoder: Encoder) -> BundleInfo:
    whole = encoder.info.dimension
    slices = {"embedding": Slice(0, whole), "slow": Slice(whole - 2, whole)}
    return dataclasses.replace(encoder.info, slices=slices)


@pytest.fixture
def motions() -> Any:
    return RNG.uniform(-0.5, 0.5, (COUNT, 6)).astype(np.float32)


@pytest.fixture
def start(info: BundleInfo) -> Any:
    return RNG.normal(size=info.dimension).astype(np.float32)


@pytest.mark.parametrize("part", ["", WHOLE, "slow", SCORES])
def test_parts_are_those_of_the_whole(
    encoder: Encoder, info: BundleInfo, start: Any, motions: Any, part: str
) -> None:
    after, error = encoder.predict(start, motions)
    found = predict_reply(encoder.predict_checked, info, start, motions, Wanted(part))
    np.testing.assert_allclose(found.data, after[:, check_part(info, part)], rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(found.expected_error, error, rtol=1e-4)
    assert len(found.kept) == len(found.distance) == 0


@pytest.mark.parametrize("distance", ["l2", "cosine"])
def test_the_best_are_the_nearest_of_all(
    encoder: Encoder, info: BundleInfo, start: Any, motions: Any, distance: str
) -> None:
    info = dataclasses.replace(info, distance=distance)
    goal = RNG.normal(size=info.dimension).astype(np.float32)
    after, error = encoder.predict(start, motions)
    if distance == "l2":
        wanted = np.linalg.norm(after - goal, axis=1)
    else:
        lengths = np.linalg.norm(after, axis=1) * np.linalg.norm(goal)
        wanted = 1 - after @ goal / lengths
    every = predict_reply(encoder.predict_checked, info, start, motions, Wanted(SCORES, goal))
    np.testing.assert_allclose(every.distance, wanted, rtol=1e-4, atol=1e-5)
    best = predict_reply(encoder.predict_checked, info, start, motions, Wanted("slow", goal, 5))
    np.testing.assert_allclose(best.distance, np.sort(wanted)[:5], rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(wanted[best.kept], best.distance, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(best.data, after[best.kept, -2:], rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(best.expected_error, error[best.kept], rtol=1e-4)


def test_what_cannot_be_returned_is_named(encoder: Encoder, info: BundleInfo, start: Any) -> None:
    one = np.zeros((1, 6), np.float32)
    with pytest.raises(UsageError, match=r"no part 'fast'.*whole, scores, embedding, slow"):
        predict_reply(encoder.predict_checked, info, start, one, Wanted("fast"))
    with pytest.raises(UsageError, match="best 3 need a goal"):
        predict_reply(encoder.predict_checked, info, start, one, Wanted(best=3))


def test_bytes_and_time_are_bounded(info: BundleInfo, start: Any) -> None:
    made = 0

    def predict(_start: Any, motions: Any) -> Any:
        nonlocal made
        made += len(motions)
        return np.zeros((len(motions), info.dimension), np.float32), np.zeros(len(motions))

    one = np.zeros((1, 6), np.float32)
    many = np.broadcast_to(one, (MAX_BYTES // (4 * info.dimension) + 1, 6))
    with pytest.raises(UsageError, match="more than 64: ask for a slice, for scores"):
        predict_reply(predict, info, start, many, Wanted())
    assert made == 0
    assert len(predict_reply(predict, info, start, many[:COUNT], Wanted(SCORES)).data) == COUNT
    made = 0
    clock, few = iter([0.0, 0.0, MAX_S + 0.1]), many[:COUNT]
    with pytest.raises(UsageError, match=f"{CHUNK} of {COUNT} motions took 5 s"):
        predict_reply(predict, info, start, few, Wanted(SCORES), now_s=lambda: next(clock))
    assert made == CHUNK


def test_it_gives_way_between_two_pieces(
    encoder: Encoder, info: BundleInfo, start: Any, motions: Any
) -> None:
    gave: list[int] = []
    predict_reply(
        encoder.predict_checked, info, start, motions, Wanted(), lambda: gave.append(len(gave))
    )
    assert len(gave) == -(-COUNT // CHUNK)
