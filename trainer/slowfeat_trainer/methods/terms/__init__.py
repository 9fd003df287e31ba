"""The terms of an objective: which frames each needs, what it learns
beside the encoder, what it costs.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass

from slowfeat.errors import UsageError
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


@dataclass(frozen=True)
class TermRow:
    """One term of the registry."""

    # What it asks of an embedding, for documentation.
    about: str
    kind: type[Term]


TERMS: dict[str, TermRow] = {
    "drlim": TermRow("neighbours in time are near, others far, l2 (G eq. 1)", DrlimTerm),
    "temporal": TermRow("the same in l1 (Mobahi et al. 2009)", TemporalTerm),
    "equivariance": TermRow("a map for each motion pattern (J eq. 7)", EquivarianceTerm),
    "equivariance_continuous": TermRow("a map of the motion itself (J eq. 13)", ContinuousTerm),
    "lie_ratio": TermRow("motions rotate the code, ratio objective (ours)", LieTerm),
    "lsm": TermRow("the motion is recognised from both views (Agrawal et al. 2015)", LsmTerm),
    "steady": TermRow("steps change slowly too (J, CVPR 2016)", SteadyTerm),
    "linearising": TermRow("paths are straight (G's conclusion)", LinearisingTerm),
    "classification": TermRow("the classes of --labels (J)", ClassificationTerm),
    "variance": TermRow("each dimension spreads (VICReg)", VarianceTerm),
    "covariance": TermRow("dimensions are not correlated (VICReg)", CovarianceTerm),
}


def term_of(name: str) -> TermRow:
    """A term by name.

    Raises:
        UsageError: there is none.
    """
    if name not in TERMS:
        near = difflib.get_close_matches(name, TERMS, n=1)
        hint = f"did you mean {near[0]}? " if near else ""
        raise UsageError(f"term {name!r} is unknown; {hint}there are {', '.join(TERMS)}")
    return TERMS[name]


__all__ = ["TERMS", "Term", "TermRow", "term_of"]
