"""What is replayed was not trained on, and the bag is read as in the training."""

import dataclasses

import numpy as np
import pytest

from slowfeat.bundle import load_bundle
from slowfeat.errors import UsageError
from slowfeat_trainer.bags import bag_sha256
from slowfeat_trainer.demo.live import node_command, replay_command
from slowfeat_trainer.demo.replay_split import prepare


@pytest.fixture
def bundle(tiny_bundle, our_bag):
    """As if trained on the first 70 % of our bag."""
    made = load_bundle(tiny_bundle)
    training = {
        "bags": [{"name": our_bag.name, "sha256": bag_sha256(our_bag)}],
        "configuration": {"test_fraction": 0.3, "image_topic": "/a", "odom_offset_auto": True},
    }
    return dataclasses.replace(made, info=dataclasses.replace(made.info, training=training))


def test_a_bag_that_was_trained_on_is_shown_from_its_held_out_part_on(bundle, our_bag):
    bundle.info.training["configuration"]["image_topic"] = ""
    material = prepare(our_bag, bundle, {}, 60.0)
    assert material.trained_on
    assert (len(material.earlier), len(material.held_out)) == (700, 300)
    # The bag's first frame is received with its first message.
    assert material.replay_from_s == pytest.approx(70.0, abs=0.2)
    assert material.pairs.gap_s == pytest.approx(0.5, abs=0.11)


def test_of_another_bag_only_the_last_seconds_are_shown(tiny_bundle, our_bag):
    bundle = load_bundle(tiny_bundle)
    material = prepare(our_bag, bundle, {}, 5.0)
    assert not material.trained_on
    assert material.held_out.seconds == pytest.approx(5.0, abs=0.11)
    assert material.compressed


def test_a_compressed_topic_of_any_name_is_subscribed_as_such(result):
    odd = dataclasses.replace(result.material, image_topic="/cam/jpegs", compressed=True)
    assert "image/compressed:=/cam/jpegs" in node_command(result.bundle.path, odd)
    raw = dataclasses.replace(result.material, image_topic="/cam/image", compressed=False)
    words = node_command(result.bundle.path, raw)
    assert words[words.index("--image-topic") + 1] == "/cam/image"
    assert words[words.index("--image-transport") + 1] == "raw"


def test_only_images_and_odometry_are_replayed(result, tmp_path):
    words = replay_command(result.material, tmp_path / "sent.json")
    topics = words[words.index("--topics") + 1 : words.index("--wait-for")]
    assert topics == [result.material.image_topic, result.material.odom_topic]


def test_a_replay_starts_where_it_is_told(our_bag):
    from slowfeat_trainer.simulation.replay import replay

    for start in (-1.0, float("nan")):
        with pytest.raises(UsageError, match="0 s or more"):
            replay(our_bag, start_s=start)


def test_the_held_out_frames_are_the_bags_last(result):
    stamps = np.concatenate([result.material.earlier.stamps, result.material.held_out.stamps])
    assert (np.diff(stamps) > 0).all()
    assert len(stamps) == 1000
