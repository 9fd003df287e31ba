"""Jayaraman & Grauman 2017, "Learning image representations tied to egomotion": its checklist and experiments."""

from __future__ import annotations

from slowfeat_trainer.reproduce.part import Paper

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

JAYARAMAN = Paper(
    name="jayaraman2017",
    title="Jayaraman & Grauman 2017",
    checklist=CHECKLIST,
    parts=(),
)
