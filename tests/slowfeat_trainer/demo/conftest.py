"""A result made by hand, so that the page is tested without ROS, training or waiting."""

from pathlib import Path

import numpy as np
import pytest

from slowfeat.bundle import load_bundle
from slowfeat_trainer.demo.demo_result import evaluate
from slowfeat_trainer.demo.live import Answers, NodeOutput
from slowfeat_trainer.demo.replay_split import prepare

OUR_BAG = Path(__file__).resolve().parents[3] / "bags" / "sim_tour"


@pytest.fixture(scope="session")
def our_bag():
    return OUR_BAG


@pytest.fixture(scope="session")
def result(tiny_bundle, our_bag):
    """The last 4 s of our bag, as if the node had answered all frames but the third."""
    bundle = load_bundle(tiny_bundle)
    material = prepare(our_bag, bundle, {}, 4.0)
    rng = np.random.default_rng(0)
    stamps = [int(s) for s in material.held_out.stamps]
    sent = {stamp: 1_000_000 * i for i, stamp in enumerate(stamps)}
    heard = [s for i, s in enumerate(stamps) if i != 2]
    embeddings = {s: rng.normal(size=8).astype(np.float32) for s in heard}
    come = np.array([s in embeddings for s in stamps])
    pairs = material.pairs.take(come[material.pairs.before] & come[material.pairs.after])
    answers = Answers(
        pairs.before,
        pairs.after,
        pairs.motions,
        rng.normal(size=(len(pairs), 3, 8)).astype(np.float32),
        np.ones((len(pairs), 3), dtype=np.float32),
    )
    return evaluate(
        material,
        bundle,
        NodeOutput(sent, {s: sent[s] + 5_000_000 for s in heard}, embeddings, len(heard), 0),
        answers,
        12.0,
    )
