"""Which of several transforms a robot gets: decided on pairs that fitted none of them."""

from __future__ import annotations

from dataclasses import dataclass

from slowfeat_trainer.evaluation.metric_table import Metrics

# A candidate must be better than the bundle as it was by so many standard errors of the MRR, or it
# is left as it was.
WORTH = 1.0


@dataclass(frozen=True)
class Choice:
    """The candidate that was chosen, and why."""

    name: str
    reason: str


def choose_candidate(figures: dict[str, Metrics], as_it_was: str) -> Choice:
    """The candidate that ranks the true future best, unless it is hardly better than the bundle as
    it was.

    Never the least squared error: predicting the mean of a drive has a small one and ranks nothing.

    Args:
        figures: of each candidate, on pairs held out from the fit.
        as_it_was: the name of the bundle as it was.
    """
    was = figures[as_it_was]
    # A map that a wrong motion does not harm knows nothing of motion, however it ranks.
    moved = {
        name: row
        for name, row in figures.items()
        if (row.motion_gain or 0.0) >= (was.motion_gain or 0.0) - 2 * (was.gain_se or 0.0)
    }
    best = max(moved, key=lambda name: moved[name].mrr)
    ahead, se = moved[best].mrr - was.mrr, was.mrr_se or 0.0
    if best == as_it_was or ahead <= WORTH * se:
        best = as_it_was
        reason = "no other is better than it by a standard error of the MRR"
    else:
        reason = f"MRR {moved[best].mrr:.3f} against {was.mrr:.3f} +- {se:.3f} as it was"
    return Choice(best, f"{reason}, on pairs that fitted nothing")
