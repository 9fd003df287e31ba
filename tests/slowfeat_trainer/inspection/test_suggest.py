"""The ingest command that a bag needs."""

from __future__ import annotations

from pathlib import Path

import pytest

from slowfeat_trainer.commands import inspect as command
from slowfeat_trainer.data.options import IngestOptions
from slowfeat_trainer.inspection.suggest import flags_of
from tests.helpers.bag_factory import BagRecipe, make_bag


@pytest.fixture(scope="module")
def bag(tmp_path_factory: pytest.TempPathFactory) -> Path:
    recipe = BagRecipe(frames=300, with_camera_info=True, with_tf_static=True, broken_jpeg={7})
    return make_bag(tmp_path_factory.mktemp("bags") / "<drive> & co", recipe)


def test_flags_become_the_options_they_came_from() -> None:
    import argparse

    from slowfeat_trainer.commands.reading_flags import reading_changes

    options = IngestOptions(
        image_topic="/a",
        odom_topic="/b",
        fixed_frame="map",
        body_frame="body",
        extrinsic=(-0.1, 0.0, 0.25, 0.5, -0.5, 0.5, -0.5),
        wheelbase_m=0.3,
        image_size=(48, 64),
        crop=(0.0, 0.1, 0.2, 0.0),
        rate_hz=12.5,
        min_move_m=0.05,
        odom_offset_s=-0.25,
        max_odom_gap_s=0.3,
    )
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    args = parser.parse_args(["bag", *flags_of(options)])
    assert IngestOptions(**reading_changes(args)) == options
    assert flags_of(IngestOptions()) == []
