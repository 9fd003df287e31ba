"""One preset a method, by its name in the papers: what differs from the defaults of TrainConfig."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Preset:
    """A method by name."""

    # One line for the command line's help.
    about: str
    # Settings of TrainConfig.
    settings: dict[str, Any] = field(default_factory=dict)


def _pooled(terms: dict[str, float], **settings: Any) -> dict[str, Any]:
    return {"method": "pooled", "learning_rate": 1e-3, "steps": 600, "terms": terms, **settings}


def _dictionary(penalty: str, layers: int = 1) -> dict[str, Any]:
    return {
        "method": "dictionary",
        "penalty": penalty,
        "layers": layers,
        "learning_rate": 1e-3,
        "steps": 600,
    }


# The guard against collapse, for objectives that a constant would win.
_GUARD = {"variance": 1.0, "covariance": 0.04}

PRESETS: dict[str, Preset] = {
    "slowfeat": Preset("a map of features that the motion warps as it moves the image, ours"),
    "lie": Preset(
        "a pooled code that motions rotate (Lie form, ratio objective), ours",
        _pooled({"lie_ratio": 1.0, **_GUARD}),
    ),
    "equiv_drlim": Preset(
        "equivariance to motion patterns and temporal coherence together (J eq. 7, G eq. 1)",
        _pooled({"equivariance": 1.0, "drlim": 1.0}),
    ),
    "equiv": Preset(
        "equivariance to motion patterns alone (J eq. 7)",
        _pooled({"equivariance": 1.0}, equivariance_margin=1.0),
    ),
    "equiv_drlim_nondiscrete": Preset(
        "equivariance to the continuous motion, and temporal coherence as its guard (J eq. 13)",
        _pooled({"equivariance_continuous": 1.0, "drlim": 1.0}),
    ),
    "drlim": Preset(
        "temporal coherence, l2 distance (G eq. 1, Hadsell et al. 2006)", _pooled({"drlim": 1.0})
    ),
    "temporal": Preset(
        "temporal coherence, l1 distance (Mobahi et al. 2009)", _pooled({"temporal": 1.0})
    ),
    "ssfa": Preset(
        "slow and steady: coherence of first and second order (J, CVPR 2016)",
        _pooled({"drlim": 1.0, "steady": 1.0}),
    ),
    "linearising": Preset(
        "straight paths (G's conclusion), with a guard against collapse",
        _pooled({"linearising": 1.0, **_GUARD}),
    ),
    "lsm": Preset(
        "classifies the motion between two views (Agrawal et al. 2015)", _pooled({"lsm": 1.0})
    ),
    "clsnet": Preset(
        "supervised: learns the classes of --labels and nothing else (J)",
        _pooled({"classification": 1.0}),
    ),
    "goroshin_1": Preset(
        "slow pooling auto-encoder, one convolutional layer (G eq. 2)", _dictionary("slow")
    ),
    "goroshin_2": Preset(
        "the same with a second layer, trained greedily (G eq. 2)", _dictionary("slow", layers=2)
    ),
    "group_1": Preset("group-sparse auto-encoder, one layer (G eq. 3)", _dictionary("group")),
    "group_2": Preset(
        "the same with a second layer, trained greedily (G eq. 3)", _dictionary("group", layers=2)
    ),
    "sparse_1": Preset("sparse auto-encoder, one layer (G eq. 2, beta 0)", _dictionary("sparse")),
    "drlim_1": Preset(
        "drlim on the one-layer network of goroshin_1 (G)",
        _pooled({"drlim": 1.0}, encoder="goroshin_1", dimension=4096),
    ),
    "drlim_2": Preset(
        "drlim on both layers of goroshin_2 at once (G)",
        _pooled({"drlim": 1.0}, encoder="goroshin_2_joint", dimension=1024),
    ),
    "sfa": Preset(
        "slow feature analysis, quadratic, in closed form (Wiskott & Sejnowski 2002)",
        {"method": "sfa", "steps": 0, "dimension": 32},
    ),
    "random": Preset(
        "the network as initialised, the floor that every method must beat",
        _pooled({}, steps=0),
    ),
}
