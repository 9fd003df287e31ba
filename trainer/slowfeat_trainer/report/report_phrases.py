"""What the figures say, in plain words."""

from __future__ import annotations

from slowfeat_trainer.evaluation.measure_bundle import OWN, PIXELS, Evaluation
from slowfeat_trainer.evaluation.metric_table import Metrics

# Below this much better than a baseline is no better.
MARGIN = 0.02
MAP = "bundle's map"


def percent(share: float) -> str:
    """A share as whole per cent."""
    return f"{100 * share:.0f} %"


def best_peer(result: Evaluation) -> tuple[str, Metrics]:
    """The row that ranks the true future best among all that are not the bundle's
    own map or refits of its code.
    """
    rows = {**result.comparison.rows, **result.baselines}
    own = {MAP, "refitted maps"}
    return max(((n, f) for n, f in rows.items() if n not in own), key=lambda row: row[1].mrr)


def verdict(result: Evaluation) -> str:
    """One sentence: does it predict, and is that worth more than the baselines."""
    learned = result.comparison.rows[MAP]
    name, peer = best_peer(result)
    if learned.rho >= 1 or (learned.motion_gain or 0.0) < MARGIN:
        return "The map does not predict what a motion does to the embedding."
    if learned.mrr > peer.mrr + MARGIN:
        return (
            "It predicts, and finds the true future more often than every baseline (the best is "
            f"{name})."
        )
    return f"It predicts, but finds the true future no more often than the baseline {name}."


def reading(result: Evaluation) -> list[str]:
    """The table's figures as sentences."""
    learned = result.comparison.rows[MAP]
    name, peer = best_peer(result)
    gain = learned.motion_gain or 0.0
    said = [
        (
            f"Half a second ahead the prediction is off by {learned.rho:.2f} of the distance that "
            "the embedding moves. The copy baseline would be off by 1"
            + (
                f"; for two such motions in a row it is {learned.rho_composite:.2f}."
                if learned.rho_composite is not None
                else "."
            )
        ),
        (
            f"Among 100 frames of the held-out part the true future is nearest to the prediction "
            f"{percent(learned.hit_at_1)} of the time (by chance 1 %). The best baseline is "
            f"{name}: {percent(peer.hit_at_1)}; mean reciprocal rank {learned.mrr:.2f} against "
            f"{peer.mrr:.2f}."
        ),
        (
            (
                "With the true motion instead of a wrong one, its squared error falls by "
                f"{percent(gain)}."
            )
            if gain >= MARGIN
            else "It hardly matters which motion the map is given."
        ),
        _expectation(result),
    ]
    return [*said, slowness(result)]


def _expectation(result: Evaluation) -> str:
    ratio, rank = result.comparison.expected_error_ratio, result.comparison.expected_error_rank
    kind = "calibrated" if 0.8 <= ratio <= 1.25 else "too sure" if ratio < 0.8 else "too cautious"
    order = "knows" if rank > 0.3 else "hardly knows"
    return (
        f"It expects {ratio:.2f} of its real error ({kind}; 1 is right) and {order} which "
        f"predictions will be worse (rank correlation {rank:.2f}; a constant has 0)."
    )


def slowness(result: Evaluation) -> str:
    """What the code is worth as a slow code."""
    own, pixels = result.spaces[OWN], result.spaces[PIXELS]
    rank, directions = own.number("effective_rank"), own.number("dimension")
    if rank < 1.5:
        return f"The code has collapsed: {rank:.1f} of its {directions:.0f} directions are in use."
    area, floor = own.number("auc_time"), pixels.number("auc_time")
    what = "a slow code" if area > floor + MARGIN else "no slow code"
    return (
        f"As a code it is {what}: frames of one scene are separated from others with an area of "
        f"{area:.2f} (raw pixels {floor:.2f}, a constant {own.number('auc_time_chance'):.2f}); it "
        f"uses about {rank:.0f} of its {directions:.0f} directions."
    )
