"""Chains of transforms: which frames are taken, and what is refused."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from slowfeat.errors import BagError, UsageError
from slowfeat_trainer import bags
from slowfeat_trainer.data.options import IngestOptions
from slowfeat_trainer.motion.choose import find_source, read_track
from slowfeat_trainer.motion.tf import Chain, find_chain
from slowfeat_trainer.motion.tf_tree import Edge, TransformTree
from slowfeat_trainer.motion.track import Track
from tests.helpers.motion_bags import (
    BagRecipe,
    Writer,
    make_motion_bag,
    stamp_of,
    tf_of,
    transform,
    write,
)

ANY = IngestOptions()
TF = IngestOptions(odom_topic="/tf")


def tree_of(*edges: tuple[str, str]) -> TransformTree:
    return TransformTree([Edge(parent, child, latched=False) for parent, child in edges])


def chain_of(tree: TransformTree, options: IngestOptions = ANY) -> Chain:
    return find_chain(tree, options, "/tf")


def track_of(path: Path, options: IngestOptions = TF) -> tuple[Track, Counter[str]]:
    dropped: Counter[str] = Counter()
    with bags.open_bag(path) as reader:
        source = find_source(reader, bags.topics_of(reader), options, path)
        return read_track(reader, source, options, dropped, []), dropped


def filled(topic: str, transforms: Callable[[BagRecipe], list[Any]]) -> Any:
    def fill(writer: Writer, r: BagRecipe) -> None:
        write(writer, topic, "tf2_msgs/msg/TFMessage", tf_of(transforms(r)))

    return fill


@pytest.mark.parametrize(
    ("edges", "fixed", "body"),
    [
        ([("odom", "base_footprint"), ("base_footprint", "base_link")], "odom", "base_link"),
        ([("odom", "base_footprint"), ("base_footprint", "lidar")], "odom", "base_footprint"),
        ([("odom", "rover"), ("rover", "camera")], "odom", "camera"),
        ([("r1/odom", "r1/base_link"), ("r1/base_link", "r1/lidar")], "r1/odom", "r1/base_link"),
        # An odometry that publishes its transform upside down.
        ([("base_link", "odom"), ("base_link", "lidar")], "odom", "base_link"),
    ],
)
def test_fixed_frame_and_body_are_found(
    edges: list[tuple[str, str]], fixed: str, body: str
) -> None:
    chain = chain_of(tree_of(*edges))
    assert (chain.fixed, chain.body) == (fixed, body)


def test_map_is_used_only_when_the_user_says_so() -> None:
    tree = tree_of(("map", "odom"), ("odom", "base_link"))
    assert chain_of(tree).fixed == "odom"
    assert len(chain_of(tree, IngestOptions(fixed_frame="map")).links) == 2
    # Nor does a chain lead through map.
    with pytest.raises(UsageError, match="frames that could be the body"):
        chain_of(tree_of(("map", "odom"), ("map", "base_link")))


@pytest.mark.parametrize(
    ("edges", "options", "says"),
    [
        ([("world", "base_link")], ANY, "no frame odom; it has the frames base_link, world"),
        (
            [("odom", "a"), ("odom", "b")],
            ANY,
            "2 frames that could be the body.*a, b.*--body-frame",
        ),
        ([("odom", "a")], IngestOptions(body_frame="c"), "no frame c; it has the frames a, odom"),
        (
            [("odom", "a"), ("x", "b")],
            IngestOptions(body_frame="b"),
            "no transforms from odom to b; it has the frames a, b, odom, x",
        ),
    ],
)
def test_frames_that_do_not_fit_are_refused_with_those_that_exist(
    edges: list[tuple[str, str]], options: IngestOptions, says: str
) -> None:
    with pytest.raises(UsageError, match=says) as caught:
        chain_of(tree_of(*edges), options)
    assert "\n" not in str(caught.value)


def test_slashes_of_early_ros1_make_no_difference(tmp_path: Path) -> None:
    def slashed(r: BagRecipe) -> list[Any]:
        return [
            transform(stamp_of(r, k / 10), "/odom", "/base_link", k * 0.1, 0.0) for k in range(5)
        ]

    track, _ = track_of(make_motion_bag(tmp_path / "bag", filled("/tf", slashed)))
    assert (track.fixed_frame, track.frame) == ("odom", "base_link")
    np.testing.assert_allclose(track.positions[:, 0], np.arange(5) * 0.1)


def test_statics_told_again_and_again_set_no_pace(tmp_path: Path) -> None:
    """As in ROS 1, whose static transforms are on /tf at 100 Hz, here with stamps of the future."""

    def transforms(r: BagRecipe) -> list[Any]:
        moving = [
            transform(stamp_of(r, k / 10), "odom", "base_footprint", k * 0.1, 0.0) for k in range(9)
        ]
        static = [
            transform(stamp_of(r, k / 100 + 0.5), "base_footprint", "base_link", 0.0, 0.0, 0.3)
            for k in range(90)
        ]
        return moving + static

    track, dropped = track_of(make_motion_bag(tmp_path / "bag", filled("/tf", transforms)))
    assert not dropped
    np.testing.assert_allclose(track.positions[:, 0], np.arange(9) * 0.1, atol=1e-12)
    np.testing.assert_allclose(track.positions[:, 2], 0.3)


def test_a_robot_that_stands_has_a_track(tmp_path: Path) -> None:
    recipe = BagRecipe(still=True)
    track, _ = track_of(make_motion_bag(tmp_path / "bag", "tf-chain", recipe=recipe))
    assert len(track) > 100
    assert np.ptp(track.positions, axis=0).max() < 1e-9


def test_static_transforms_alone_tell_no_motion(tmp_path: Path) -> None:
    still = filled("/tf_static", lambda r: [transform(stamp_of(r, 0), "odom", "base_link", 0, 0)])
    other = filled("/tf", lambda r: [transform(stamp_of(r, 0), "base_link", "wheel", 0, 0)])
    with pytest.raises(BagError, match="odom -> base_link by static transforms only"):
        track_of(make_motion_bag(tmp_path / "bag", still, other))
    with pytest.raises(BagError, match="no motion topic"):
        track_of(make_motion_bag(tmp_path / "static", still), ANY)
