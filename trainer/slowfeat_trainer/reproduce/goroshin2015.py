"""Goroshin et al. 2015, "Unsupervised Learning of Spatiotemporally Coherent Metrics": its checklist and experiments."""

from __future__ import annotations

from slowfeat_trainer.reproduce.part import Paper

CHECKLIST = {
    "G1": "DrLIM: temporal coherence by a contrastive loss",
    "G2": "toy: a rotating object, both angles linearised (fig. 1)",
    "G3": "slow pooling auto-encoder (eq. 2)",
    "G4": "rectified over-complete encoder with L2 pooling, overlapping pools",
    "G5": "fully connected dictionary without sparsity, slowest 32 groups (fig. 2)",
    "G6": "the same with l1 (fig. 2)",
    "G7": "convolutional form, pools across space and maps (fig. 3)",
    "G8": "plain SGD, no sparse inference",
    "G9": "first layer",
    "G10": "second layer, trained greedily",
    "G11": "group sparsity, one and two layers (eq. 3)",
    "G12": "sparsity alone",
    "G13": "DrLIM, one layer, and two layers jointly",
    "G14": "scenes segmented by changes between frames",
    "G15": "ZCA whitening",
    "G16": "temporal coherence, area under the curve",
    "G17": "class coherence, area under the curve",
    "G18": "neighbours in pixels and ZCA pixels",
    "G19": "dictionaries side by side (fig. 5)",
    "G20": "top-9 queries in all spaces (fig. 6)",
    "G21": "precision-recall curves (fig. 7)",
    "G22": "supervised ConvNet",
    "G23": "the table of areas",
    "G24": "hyper-parameters chosen by temporal coherence",
    "G25": "slow feature analysis",
    "G26": "conclusion: small accelerations, decoding from pooled codes",
}

GOROSHIN = Paper(
    name="goroshin2015",
    title="Goroshin et al. 2015",
    checklist=CHECKLIST,
    parts=(),
)
