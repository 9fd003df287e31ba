"""The objectives of both papers: pure functions of embeddings, one idea a file."""

from slowfeat_trainer.objectives.drlim import drlim
from slowfeat_trainer.objectives.equivariance import equivariance
from slowfeat_trainer.objectives.map_spread import map_spread
from slowfeat_trainer.objectives.ratio import ratio
from slowfeat_trainer.objectives.variance_covariance import variance_covariance

__all__ = ["drlim", "equivariance", "map_spread", "ratio", "variance_covariance"]
