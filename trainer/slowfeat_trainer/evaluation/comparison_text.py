"""A bundle in words, for the terminal."""

from __future__ import annotations

from typing import Any

from slowfeat.bundle_info import BundleInfo
from slowfeat.geometry import describe_motion
from slowfeat_trainer.evaluation.compare import Comparison
from slowfeat_trainer.evaluation.metric import legend, text_table
from slowfeat_trainer.evaluation.metric_table import MAP_METRICS, Metrics

EXPLANATION = legend(MAP_METRICS, "Judge by all figures together.")


def describe_bundle(info: BundleInfo) -> str:
    """Motion patterns and held-out figures of a bundle."""
    height, width = info.image_size
    lines = [f"{info.name}: image {width}x{height} -> {info.dimension} numbers, motion patterns:"]
    for pattern in info.motion_patterns:
        rho = "" if pattern.rho is None else f"   rho {pattern.rho:.2f}"
        lines.append(f"  {describe_motion(pattern.centroid):44s}{pattern.count:7d} pairs{rho}")
    if info.metrics:
        lines += ["", describe_metrics(info.metrics)]
        if info.verdict is not None:
            lines += ["", f"verdict: {info.verdict}"]
    else:
        lines += ["", "no part of the bags was held out, so there are no figures"]
    return "\n".join(lines)


def comparison_from(metrics: dict[str, Any]) -> Comparison:
    """The figures as bundle.json keeps them; those of the motion
    patterns are kept with the patterns.
    """
    rows = {name: Metrics(row) for name, row in metrics["rows"].items()}
    return Comparison(**{**metrics, "rows": rows, "rho_of_pattern": []})


def describe_metrics(metrics: dict[str, Any]) -> str:
    """The table of held-out figures as bundle.json keeps it."""
    result = comparison_from(metrics)
    rows = {name: [figures] for name, figures in result.rows.items()}
    composed = ""
    if result.composition_error is not None:
        composed = f"; composition error {result.composition_error:.2f}"
    return (
        f"held-out end of the bags, {result.pairs} pairs 0.5 s apart in {result.test_seconds:.0f} "
        "s:\n"
        f"{text_table(MAP_METRICS, rows)}\n\n"
        f"expected error {result.expected_error_ratio:.2f} of the real one (1 is calibrated), "
        f"rank correlation with it {result.expected_error_rank:.2f}; effective rank "
        f"{result.effective_rank:.1f}{composed}\n{EXPLANATION}"
    )
