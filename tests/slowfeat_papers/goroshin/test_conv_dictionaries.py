"""What is said of pooled kernels follows their figures."""

from __future__ import annotations

import pytest

from slowfeat_papers.goroshin.conv_dictionaries import (
    FRESH,
    PRESETS,
    SGD,
    KernelStatistics,
    findings,
    table,
)


def kernels(within: float, explained: float, frequency: float = 0.1) -> KernelStatistics:
    return KernelStatistics([(within, 0.1)], [(within, 0.1)], [frequency], [explained])


def found(slow: float, sparse: float) -> dict[str, KernelStatistics]:
    """Figures of all dictionaries, with the likeness of kernels within the pools of two of them."""
    likeness = {"drlim_1": 0.1, "sparse_1": sparse, "group_1": 0.5, "goroshin_1": slow}
    rows = {
        PRESETS[name]: kernels(value, 0.6, 0.2 if name == "drlim_1" else 0.1)
        for name, value in likeness.items()
    }
    return rows | {SGD: kernels(0.2, 0.5), FRESH: kernels(0.1, 0.1)}


def test_likeness_is_that_within_pools_over_that_between_them() -> None:
    figures = KernelStatistics(kernels=[(0.4, 0.1), (0.2, 0.2)], spectra=[(0.3, 0.0)])
    assert figures.ratio("kernels") == pytest.approx(0.3 / 0.15)
    assert figures.ratio("spectra") > 1e6


def test_coherent_pools_agree_with_the_paper_and_incoherent_ones_do_not() -> None:
    as_published = {f.row: f.agrees for f in findings(found(slow=0.3, sparse=0.1))}
    assert as_published == {"G7": True, "G8": True, "G12": True, "G19": True}
    otherwise = {f.row: f.agrees for f in findings(found(slow=0.1, sparse=0.3))}
    assert otherwise["G12"] is False
    assert otherwise["G19"] is False


def test_an_encoder_without_a_trained_decoder_has_no_reconstruction() -> None:
    rows = table({"(a)": KernelStatistics([(0.2, 0.1)], [(0.3, 0.1)], [0.15])}).rows
    assert rows == [["(a)", "0.20 / 0.10", "0.30 / 0.10", "0.150", "-"]]
