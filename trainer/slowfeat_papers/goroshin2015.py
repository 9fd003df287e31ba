"""Goroshin et al. 2015, "Unsupervised Learning of Spatiotemporally Coherent Metrics":
its checklist and experiments.
"""

from __future__ import annotations

from slowfeat_papers.goroshin import auc_table as table
from slowfeat_papers.goroshin import (
    conclusion,
    conv_dictionaries,
    fc,
    queries,
    slow_analysis,
    supervised,
    toy,
    tuned,
)
from slowfeat_papers.goroshin import scene_frames as scenes
from slowfeat_papers.goroshin import zca_input as whitening
from slowfeat_papers.material.part import Paper, Part

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
    parts=(
        Part(
            "toy-manifold", ("G1", "G2"), "A turning object in the plane, by DrLIM alone", toy.run
        ),
        Part(
            "dictionary-fc",
            ("G3", "G4", "G5", "G6", "G8"),
            "Fully connected dictionaries of patches, with and without slowness and l1",
            fc.run,
        ),
        Part(
            "zca",
            ("G15",),
            "What whitening does to frames that it was not fitted to",
            whitening.run,
        ),
        Part("scenes", ("G14",), "Cuts between scenes, found and true", scenes.run),
        Part(
            "table",
            ("G9", "G10", "G11", "G12", "G13", "G16", "G17", "G18", "G21", "G23"),
            "Temporal and class coherence of every method beside the published areas",
            table.run,
        ),
        Part(
            "dictionaries",
            ("G7", "G8", "G12", "G19"),
            "Pooled kernels of the methods side by side",
            conv_dictionaries.run,
        ),
        Part("queries", ("G20",), "The nine nearest in all spaces", queries.run),
        Part("supervised", ("G22",), "A ConvNet trained with the classes", supervised.run),
        Part("tune", ("G24",), "Settings chosen by temporal coherence", tuned.run),
        Part("sfa", ("G25",), "Slow feature analysis in closed form", slow_analysis.run),
        Part(
            "conclusion",
            ("G26",),
            "Small accelerations, and frames from pooled codes",
            conclusion.run,
        ),
    ),
)
