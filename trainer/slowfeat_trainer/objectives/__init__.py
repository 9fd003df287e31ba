"""The objectives of both papers: pure functions of embeddings, one idea a file."""

from slowfeat_trainer.objectives.channel_ratio import channel_ratio, multiscale_channel_ratio
from slowfeat_trainer.objectives.classification import classification
from slowfeat_trainer.objectives.drlim import drlim
from slowfeat_trainer.objectives.equivariance import equivariance
from slowfeat_trainer.objectives.equivariance_continuous import equivariance_continuous
from slowfeat_trainer.objectives.group_sparse import group_sparse
from slowfeat_trainer.objectives.info_nce import info_nce
from slowfeat_trainer.objectives.lie_equivariance import lie_equivariance
from slowfeat_trainer.objectives.linearising import linearising
from slowfeat_trainer.objectives.lsm import MotionBins, lsm
from slowfeat_trainer.objectives.map_spread import map_spread
from slowfeat_trainer.objectives.ratio import ratio
from slowfeat_trainer.objectives.slow_autoencoder import slow_autoencoder
from slowfeat_trainer.objectives.sparse import sparse
from slowfeat_trainer.objectives.squared_error import squared_error
from slowfeat_trainer.objectives.steady import steady
from slowfeat_trainer.objectives.temporal import temporal
from slowfeat_trainer.objectives.variance_covariance import variance_covariance

__all__ = [
    "MotionBins",
    "channel_ratio",
    "classification",
    "drlim",
    "equivariance",
    "equivariance_continuous",
    "group_sparse",
    "info_nce",
    "lie_equivariance",
    "linearising",
    "lsm",
    "map_spread",
    "multiscale_channel_ratio",
    "ratio",
    "slow_autoencoder",
    "sparse",
    "squared_error",
    "steady",
    "temporal",
    "variance_covariance",
]
