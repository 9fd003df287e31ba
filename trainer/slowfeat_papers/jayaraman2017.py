"""Jayaraman & Grauman 2017, "Learning image representations tied to egomotion":
its checklist and experiments.
"""

from __future__ import annotations

from slowfeat_papers.jayaraman import alexnet_run as alexnet
from slowfeat_papers.jayaraman import (
    clock,
    driving,
    grid_of_views,
    next_best_view,
    retrieval,
    slowness_course,
)
from slowfeat_papers.jayaraman import greedy_choices as choices
from slowfeat_papers.jayaraman import scene_recognition as scenes
from slowfeat_papers.material.part import Paper, Part

CHECKLIST = {
    "J1": "motion patterns found by clustering (fig. 1)",
    "J2": "equivariance to motion patterns (eq. 7)",
    "J3": "joined with classification, tied stacks (eq. 8)",
    "J4": "temporal: slowness with l1 (Mobahi et al. 2009)",
    "J5": "drlim: slowness with l2 (Hadsell et al. 2006)",
    "J6": "equiv+drlim",
    "J7": "non-discrete equivariance (eq. 13)",
    "J8": "clsnet: classification alone",
    "J9": "lsm: egomotion as a class (Agrawal et al. 2015)",
    "J10": "random network, pixels, tiny-image neighbours",
    "J11": "grid of views, atomic and composite motions, objects unseen (NORB)",
    "J12": "driving data with odometry at 32x32 (KITTI)",
    "J13": "AlexNet-size network, unsupervised (KITTI-227)",
    "J14": "scene categories from few labels (SUN)",
    "J15": "equivariance error rho_g, atomic and composite",
    "J16": "recognition accuracy, 5 repeats",
    "J17": "next best view",
    "J18": "pairs of one transformation retrieved (figure)",
    "J19": "transfer by layer",
    "J20": "slowness AUROC over training (fig. 12)",
    "J21": "optimisation: Nesterov SGD, Glorot initialisation, step schedule",
    "J22": "learning rate from a grid for clsnet, lambda from a grid",
    "J23": "motion from elsewhere than wheel odometry",
    "J24": "choice of the number of patterns, margins",
    "J25": "wall-clock time of each task",
}

PARTS = (
    Part(
        "grid-of-views",
        ("J2", "J3", "J4", "J5", "J6", "J7", "J8", "J9", "J10", "J11", "J15", "J16", "J21"),
        "every method on rendered objects seen from a grid of views (NORB)",
        grid_of_views.run,
    ),
    Part(
        "driving",
        ("J1", "J12", "J15", "J16", "J23"),
        "every method on drives at 32x32 (KITTI)",
        driving.run,
    ),
    Part(
        "scenes",
        ("J10", "J14", "J16", "J19"),
        "scenes from few labels, by features of drives (SUN)",
        scenes.run,
    ),
    Part("next-best-view", ("J17",), "which second view to take", next_best_view.run),
    Part("retrieval", ("J18",), "pairs of one transformation retrieved", retrieval.run),
    Part("slowness-auroc", ("J20",), "slowness over training (fig. 12)", slowness_course.run),
    Part("alexnet", ("J13",), "the AlexNet-size network at 227x227", alexnet.run),
    Part("choices", ("J22", "J24"), "learning rate, lambda, patterns, margins", choices.run),
    # The last: it adds up what the others took.
    Part("wall-clock", ("J25",), "how long each task takes", clock.run),
)

JAYARAMAN = Paper(
    name="jayaraman2017",
    title="Jayaraman & Grauman 2017",
    checklist=CHECKLIST,
    parts=PARTS,
)
