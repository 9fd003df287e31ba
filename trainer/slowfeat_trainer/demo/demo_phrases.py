"""What the figures mean, in plain sentences that follow from them."""

from __future__ import annotations

from slowfeat_trainer.demo.demo_result import Result
from slowfeat_trainer.demo.demo_table import percent
from slowfeat_trainer.demo.live_measure import Closer

# Below this distance from chance the few independent pairs of a demo say nothing.
CLEAR = 0.1


def verdict(result: Result) -> str:
    """Two or three sentences: did all frames come, does the prediction
    help, does the motion matter.
    """
    sentences = [_delivery(result)]
    all_, large = result.closer["all"], result.closer["large"]
    if all_.true_motion is None:
        return f"{sentences[0]} There were no pairs of frames to judge predictions by."
    sentences.append(_prediction(all_))
    sentences.append(_motion(large if large.pairs >= 20 else all_, large.pairs >= 20))
    return " ".join(sentences)


def _delivery(result: Result) -> str:
    d = result.delivery
    if d.lost == 0:
        return "Every frame came back with its own stamp."
    return f"{d.lost} of {d.sent} frames did not come back; logs/node.log may say why."


def _prediction(row: Closer) -> str:
    ratio = row.error_over_change
    if ratio is None:
        return "The embedding did not change, so there was nothing to predict."
    size = f"its mean error is {ratio:.2f} of the copy baseline's"
    if (row.true_motion or 0.0) > 0.5 and ratio < 1:
        return (
            "The prediction is closer to the future than the present is "
            f"{percent(row.true_motion)} of the time; {size}."
        )
    return (
        "The prediction is closer to the future than the present is only "
        f"{percent(row.true_motion)} of the time, and {size}: it does not predict well here."
    )


def _motion(row: Closer, large: bool) -> str:
    share = row.true_beats_wrong or 0.0
    where = "For large motions, knowing" if large else "Knowing"
    still = ""
    if (row.no_motion or 0.0) >= (row.true_motion or 0.0):
        still = (
            " For no motion at all it comes as close or closer "
            f"({percent(row.no_motion)} against {percent(row.true_motion)}): part of what it does "
            "is to smooth."
        )
    if share >= 0.5 + CLEAR:
        return (
            f"{where} the true motion rather than another one helps {percent(share)} of the time, "
            f"where chance is 50 %.{still}"
        )
    return (
        f"{where} the true motion helps only {percent(share)} of the time, where chance is 50 %: "
        f"it has not yet learned what motions do. Train longer, on more data.{still}"
    )
