"""Figures of the papers that ours are set beside (Jayaraman & Grauman, ICCV 2015 and IJCV
2017; SSFA: CVPR 2016).
"""

from __future__ import annotations

# Normalised equivariance error on NORB, objects unseen: atomic and composite motions.
RHO_ATOMIC = {
    "random": 1.0,
    "clsnet": 0.924,
    "temporal": 0.759,
    "drlim": 0.640,
    "equiv": 0.608,
    "equiv_drlim": 0.581,
}
RHO_COMPOSITE = {
    "random": 1.0,
    "clsnet": 0.915,
    "temporal": 0.812,
    "drlim": 0.726,
    "equiv": 0.698,
    "equiv_drlim": 0.649,
}
# Recognition, %: 25 objects of NORB, 4 kinds of road in KITTI, 397 scenes of SUN.
NORB_25 = {
    "random": 4.00,
    "clsnet": 25.11,
    "temporal": 35.47,
    "drlim": 36.60,
    "equiv": 38.48,
    "equiv_drlim": 40.78,
    "ssfa": 42.83,
}
KITTI_4 = {
    "random": 25.00,
    "clsnet": 41.81,
    "temporal": 45.12,
    "drlim": 47.04,
    "equiv": 50.64,
    "equiv_drlim": 50.84,
}
SUN_TOP_1 = {
    "random": 0.25,
    "clsnet": 0.70,
    "temporal": 1.21,
    "drlim": 1.02,
    "equiv": 1.31,
    "equiv_drlim": 1.58,
    "ssfa": 1.65,
}
# Neighbours in tiny images on SUN (2017, fn. 14), %.
SUN_TINY_IMAGES = 0.61
# Minutes of a training on one Tesla K40, by task.
K40_MINUTES = {"NORB-NORB": 15, "KITTI-KITTI": 30, "KITTI-SUN": 120, "KITTI-227": 900}
# Slowness AUROC before the first step, and its peak within about 4000 steps (fig. 12).
AUROC_AT_START, AUROC_PEAK = 0.9, 1.0
