"""Which share of a bag a bundle is measured on."""

from __future__ import annotations

from pathlib import Path

import pytest

from slowfeat.errors import UsageError
from slowfeat_trainer.data.options import IngestOptions, SplitRule
from slowfeat_trainer.evaluation.evaluate_bundles import (
    EvaluationRequest,
    evaluate_bundles,
    held_out_fraction,
)
from slowfeat_trainer.ingest.bundle_reading import Reading

RUN = Path("run")
UNSEEN = Reading(IngestOptions(), None)
TRAINED = Reading(IngestOptions(), SplitRule(test=0.3))


def test_a_bag_that_it_has_not_seen_is_free() -> None:
    assert held_out_fraction(None, UNSEEN, RUN) == 0.4
    assert held_out_fraction(0.9, UNSEEN, RUN) == 0.9
    whole = Reading(IngestOptions(), SplitRule(by="bag", test=0.3), kept_out_whole=True)
    assert held_out_fraction(0.9, whole, RUN) == 0.9


def test_of_a_bag_of_its_training_there_is_what_was_kept_out_and_no_more() -> None:
    assert held_out_fraction(None, TRAINED, RUN) == 0.3
    assert held_out_fraction(0.2, TRAINED, RUN) == 0.2
    with pytest.raises(UsageError, match="first 70 % of this bag; --test-fraction can be at most"):
        held_out_fraction(0.31, TRAINED, RUN)
    # Bags were kept out whole, and this is none of them.
    learned = Reading(IngestOptions(), SplitRule(by="bag", test=0.3))
    with pytest.raises(UsageError, match="nothing of this bag was held out"):
        held_out_fraction(None, learned, RUN)


@pytest.mark.parametrize("share", [0.0, 1.0, -1.0])
def test_nothing_and_everything_are_no_share(share: float) -> None:
    with pytest.raises(UsageError, match="measure on another bag"):
        held_out_fraction(share, UNSEEN, RUN)


def test_wrong_use_is_refused_before_anything_is_read(tiny_bundle: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="does not exist"):
        evaluate_bundles(EvaluationRequest([tiny_bundle], tmp_path / "nowhere"))
    with pytest.raises(UsageError, match="--repeats is 0"):
        evaluate_bundles(EvaluationRequest([tiny_bundle], tmp_path, repeats=0))
