"""The table at the end of the demo, for the terminal."""

from __future__ import annotations

from slowfeat_trainer.data.pairs import GAP_S
from slowfeat_trainer.demo.demo_result import FOUND_WITHIN_S, Result
from slowfeat_trainer.demo.live_measure import Closer

# Rows of the comparison: field of `Closer`, and what it is.
ROWS = (
    ("true_motion", "the node, given the motion that really came"),
    ("wrong_motion", "the node, given another motion of the same drive"),
    ("no_motion", "the node, given no motion"),
    ("mean_embedding", "the mean embedding, which looks at nothing"),
)
GROUPS = ("all", "large", "small")
ABOUT_LARGE = "large: turns of 15 degrees or more, or 1 m or more"


def percent(share: float | None) -> str:
    """A share in [0, 1] as whole per cent."""
    return "-" if share is None else f"{100 * share:.0f} %"


def milliseconds(value: float | None) -> str:
    """A latency."""
    return "-" if value is None else f"{value:.1f} ms"


def table(result: Result) -> str:
    """Delivery, latency and how good the predictions are, as aligned text."""
    d, material = result.delivery, result.material
    origin = (
        "the end of the bag, held out of training"
        if material.trained_on
        else "a bag the bundle was not trained on"
    )
    lines = [
        f"replayed: {material.held_out.seconds:.1f} s of {material.bag.name}, {origin}",
        (
            f"frames sent {d.sent}, received with the same stamp {d.received}, lost {d.lost}; "
            f"with predictions {result.predicted}"
        ),
        (
            f"latency from publishing the image to receiving its embedding: "
            f"p50 {milliseconds(d.percentile(50))}, p99 {milliseconds(d.percentile(99))}"
        ),
        "",
        f"Closer to the embedding {GAP_S} s later than the embedding now is:",
        f"  {'':50s}" + "".join(f"{name:>8s}" for name in GROUPS),
        f"  {'pairs':50s}" + _row([str(result.closer[g].pairs) for g in GROUPS]),
    ]
    for name, text in ROWS:
        lines.append(f"  {text:50s}" + _cells(result, name))
    lines += [
        f"  {'copy baseline (the embedding now)':50s}" + _row(["0 %"] * len(GROUPS)),
        "",
        f"  {'true motion beats the other motion (chance 50 %)':50s}"
        + _cells(result, "true_beats_wrong"),
        f"  {f'nearest image within {FOUND_WITHIN_S} s of the truth':50s}"
        + _row([percent(result.found[g].right) for g in GROUPS]),
        f"  {'the same by chance (copy baseline: 0 %)':50s}"
        + _row([percent(result.found[g].chance) for g in GROUPS]),
        "",
        (
            f"{ABOUT_LARGE}. Neighbouring pairs overlap: about "
            f"{independent(result)} of them are independent."
        ),
    ]
    return "\n".join(lines)


def independent(result: Result) -> int:
    """How many pairs fit into the replayed time one behind the other."""
    return min(int(result.material.held_out.seconds / GAP_S), result.closer["all"].pairs)


def _cells(result: Result, name: str) -> str:
    closer: list[Closer] = [result.closer[group] for group in GROUPS]
    return _row([percent(getattr(row, name)) for row in closer])


def _row(cells: list[str]) -> str:
    return "".join(f"{cell:>8s}" for cell in cells)
