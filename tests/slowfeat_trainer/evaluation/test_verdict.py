"""The verdict follows from the table."""

from __future__ import annotations

import argparse
import math

import pytest

from slowfeat.odometry_model import OdometryModel
from slowfeat.verdict import NOT, SOMEWHAT, WELL, Verdict
from slowfeat_trainer.commands.gain_gate import exit_code
from slowfeat_trainer.evaluation.metric_table import Metrics
from slowfeat_trainer.evaluation.verdict import Circumstances, verdict_on


def row(gain: float, mrr: float, rho: float = 0.6, se: float = 0.03) -> Metrics:
    return Metrics(
        rho=rho,
        rho_composite=None,
        r2=0.3,
        motion_gain=gain,
        mrr=mrr,
        mrr_spread=0.01,
        hit_at_1=0.4,
        gain_se=se,
        mrr_se=0.02,
    )


OTHERS = {"copy": row(0.0, 0.2)}
NOISY = OdometryModel(noise_rad_sqrt_s=math.radians(14))


@pytest.mark.parametrize(
    ("figures", "predicts"),
    [
        (row(0.6, 0.8), WELL),
        (row(0.6, 0.3), SOMEWHAT),
        (row(0.6, 0.8, rho=1.1), SOMEWHAT),
        (row(0.15, 0.6), SOMEWHAT),
        # Within three standard errors of 0.
        (row(0.08, 0.6), NOT),
        (row(0.3, 0.6, se=0.11), NOT),
        (row(-0.2, 0.6), NOT),
    ],
)
def test_a_table_has_its_verdict(figures: Metrics, predicts: str) -> None:
    verdict = verdict_on(figures, OTHERS, Circumstances())
    assert verdict.predicts == predicts
    assert not verdict.problem()
    assert "\n" not in str(verdict)


def test_a_map_that_ranks_no_better_than_copy_does_not_predict_well() -> None:
    verdict = verdict_on(row(0.6, 0.55), {"copy": row(0.0, 0.6)}, Circumstances())
    assert verdict.predicts == SOMEWHAT


@pytest.mark.parametrize(
    ("where", "says"),
    [
        (Circumstances(turning=0.02, odometry=NOISY), "record more turns"),
        (Circumstances(turning=0.5, odometry=NOISY), "--motion fused"),
        (Circumstances(turning=0.5, odometry=NOISY, by_odometry=False, seconds=20), "20 s"),
        (Circumstances(elsewhere=True), "slowfeat adapt"),
        (Circumstances(), "slowfeat inspect"),
    ],
)
def test_it_says_because_of_what_and_what_to_do(where: Circumstances, says: str) -> None:
    assert says in verdict_on(row(0.0, 0.1), OTHERS, where).sentence


@pytest.mark.parametrize(
    ("required", "verdict", "code"),
    [
        (True, verdict_on(row(0.6, 0.8), OTHERS, Circumstances()), 0),
        (True, verdict_on(row(0.0, 0.8), OTHERS, Circumstances()), 1),
        (True, None, 1),
        (False, verdict_on(row(0.0, 0.8), OTHERS, Circumstances()), 0),
    ],
)
def test_the_exit_code_tells_it_where_it_is_asked_for(
    required: bool, verdict: Verdict | None, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert exit_code(argparse.Namespace(require_gain=required), [verdict]) == code
    assert ("--require-gain is not met" in capsys.readouterr().err) == bool(code)
