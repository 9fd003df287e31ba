"""The terms of an objective: which frames each needs, what it learns
beside the encoder, what it costs.
"""

from slowfeat_trainer.methods.terms.classification_term import ClassificationTerm
from slowfeat_trainer.methods.terms.coherence_terms import DrlimTerm, TemporalTerm
from slowfeat_trainer.methods.terms.collapse_guard import CovarianceTerm, VarianceTerm
from slowfeat_trainer.methods.terms.motion import (
    ContinuousTerm,
    EquivarianceTerm,
    LieTerm,
    LsmTerm,
)
from slowfeat_trainer.methods.terms.term import Term
from slowfeat_trainer.methods.terms.triplets import LinearisingTerm, SteadyTerm

TERMS: dict[str, type[Term]] = {
    "drlim": DrlimTerm,
    "temporal": TemporalTerm,
    "equivariance": EquivarianceTerm,
    "equivariance_continuous": ContinuousTerm,
    "lie_ratio": LieTerm,
    "lsm": LsmTerm,
    "steady": SteadyTerm,
    "linearising": LinearisingTerm,
    "classification": ClassificationTerm,
    "variance": VarianceTerm,
    "covariance": CovarianceTerm,
}

__all__ = ["TERMS", "Term"]
