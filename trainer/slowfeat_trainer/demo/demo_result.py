"""What a demo found out, in one place: the table, the page and demo.json are made of it."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from slowfeat import __version__
from slowfeat.bundle import Bundle
from slowfeat.encoder import Encoder
from slowfeat.geometry import Array
from slowfeat_trainer.data.pairs import GAP_S
from slowfeat_trainer.demo import live_measure as measure
from slowfeat_trainer.demo.live import Answers, NodeOutput
from slowfeat_trainer.demo.replay_split import ReplayData
from slowfeat_trainer.evaluation.compare import embed_in_batches

Index = npt.NDArray[np.int64]
# An image found by its embedding is right when it was taken this near to the true moment, s. Less
# than GAP_S, so that the image of now is never right.
FOUND_WITHIN_S = 0.3


@dataclass(frozen=True)
class RevisitFigures:
    """Which held-out image lies nearest to the prediction, over some pairs."""

    pairs: int
    # Share of the pairs for which it was taken near the true moment; None without pairs.
    right: float | None
    # The same for an image drawn at random.
    chance: float | None


@dataclass(frozen=True)
class Result:
    """Everything that is shown."""

    material: ReplayData
    bundle: Bundle
    delivery: measure.Delivery
    # Frames with predictions of the same stamp; embeddings that came twice.
    predicted: int
    repeated: int
    # (N,) index into the held-out part of the frames that came back; (N, D) their embeddings.
    seen: Index
    seen_embeddings: Array
    # (M, D) of the part before, by the engine that the node runs.
    earlier_embeddings: Array
    # Index (P,) into the held-out part, of the pairs' frames, and what the node said of them.
    before: Index
    after: Index
    predictions: measure.Predictions
    # (P,) index into the held-out part of the image nearest to the prediction.
    nearest: Index
    closer: dict[str, measure.Closer]
    found: dict[str, RevisitFigures]
    expected_error_rank: float | None
    seconds: float

    def to_json(self) -> dict[str, Any]:
        """The figures, for demo.json."""
        d = self.delivery
        return {
            "slowfeat": __version__,
            "bag": self.material.bag.name,
            "bundle": self.bundle.info.name,
            "trained_on_the_earlier_part": self.material.trained_on,
            "replayed_s": self.material.held_out.seconds,
            "frames": {
                "sent": d.sent,
                "received": d.received,
                "lost": d.lost,
                "unknown_stamps": d.strangers,
                "repeated": self.repeated,
                "with_predictions": self.predicted,
            },
            "latency_ms": {f"p{p}": d.percentile(p) for p in (50, 90, 99, 100)},
            "gap_s": GAP_S,
            "closer": {name: dataclasses.asdict(row) for name, row in self.closer.items()},
            "nearest_picture": {name: dataclasses.asdict(row) for name, row in self.found.items()},
            "expected_error_rank_correlation": self.expected_error_rank,
            "seconds": self.seconds,
        }


def evaluate(
    material: ReplayData, bundle: Bundle, heard: NodeOutput, answers: Answers, seconds: float
) -> Result:
    """Turn what was heard into figures; `seconds` is what the demo has taken."""
    part = material.held_out
    seen = np.flatnonzero([int(stamp) in heard.embeddings for stamp in part.stamps])
    z = np.full((len(part), bundle.info.dimension), np.nan)
    for i in seen:
        z[i] = heard.embeddings[int(part.stamps[i])]
    earlier = np.zeros((0, bundle.info.dimension))
    if len(material.earlier):
        engine = Encoder(bundle, provider="cpu")
        earlier = embed_in_batches(engine, material.earlier.frames).astype(np.float64)
    p = answers.predicted.astype(np.float64)
    if bundle.info.distance == "cosine":
        z, earlier, p = _unit(z), _unit(earlier), _unit(p)
    mean = earlier.mean(axis=0) if len(earlier) else z[seen].mean(axis=0)
    predictions = measure.Predictions(
        motions=answers.motions,
        now=z[answers.before],
        after=z[answers.after],
        true_motion=p[:, 0],
        wrong_motion=p[:, 1],
        no_motion=p[:, 2],
        mean=mean,
        expected_error=answers.expected_error[:, 0].astype(np.float64),
    )
    large = measure.is_large(answers.motions)
    nearest = seen[measure.nearest(p[:, 0], z[seen])] if len(p) else np.zeros(0, dtype=np.int64)
    groups = {
        "all": np.ones(len(p), dtype=bool),
        "large": large,
        "small": ~large,
    }
    return Result(
        material=material,
        bundle=bundle,
        delivery=measure.join(heard.sent_ns, heard.arrived_ns),
        predicted=heard.predicted,
        repeated=heard.repeated,
        seen=seen,
        seen_embeddings=z[seen],
        earlier_embeddings=earlier,
        before=answers.before,
        after=answers.after,
        predictions=predictions,
        nearest=nearest,
        closer={name: measure.judge(predictions.take(which)) for name, which in groups.items()},
        found={
            name: found_near(part.stamps, seen, nearest[which], answers.after[which])
            for name, which in groups.items()
        },
        expected_error_rank=measure.expected_error_rank(predictions),
        seconds=seconds,
    )


def found_near(
    stamps: npt.NDArray[np.int64], candidates: Index, nearest: Index, after: Index
) -> RevisitFigures:
    """How often the image `nearest` (P,) was taken within FOUND_WITHIN_S of the image `after`
    (P,).

    Args:
        stamps: (N,) of all frames, ns.
        candidates: frames among which the nearest was sought.
        nearest: the frames found.
        after: the true ones.
    """
    if not len(after):
        return RevisitFigures(0, None, None)
    limit = FOUND_WITHIN_S * 1e9
    right = np.abs(stamps[nearest] - stamps[after]) <= limit
    near = [np.mean(np.abs(stamps[candidates] - stamps[i]) <= limit) for i in after]
    return RevisitFigures(len(after), float(right.mean()), float(np.mean(near)))


def _unit(vectors: Array) -> Array:
    """Vectors (..., D) scaled to length one, for bundles whose distance is that of directions."""
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-12))
