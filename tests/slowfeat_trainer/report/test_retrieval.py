"""What the page retrieves: by hand, and for codes that know everything or nothing."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from slowfeat_trainer.evaluation.measure_bundle import EvaluationData
from slowfeat_trainer.report.futures import found_share
from slowfeat_trainer.report.held_out_section import error_ratios
from slowfeat_trainer.report.motions import motion_difference, retrieve_changes
from slowfeat_trainer.report.nearest_frames import apart, nearest, pose_distance
from slowfeat_trainer.report.report_data import ReportData


def test_nearest_by_hand() -> None:
    bank = np.array([[1.0, 0.0], [0.0, 5.0], [2.0, 2.1]])
    # By angle, whatever the length.
    np.testing.assert_array_equal(nearest(np.array([[3.0, 3.0]]), bank, 2), [[2, 0]])


def test_of_frames_close_in_time_the_nearest_is_shown() -> None:
    stamps = (np.array([0.0, 0.1, 5.0, 5.2, 9.0, 20.0, 21.5]) * 1e9).astype(np.int64)
    ranked = np.array([[1, 0, 3, 2, 4, 5, 6]])
    np.testing.assert_array_equal(apart(ranked, stamps), [[1, 3, 4, 5, 6]])


def test_pose_distance_by_hand() -> None:
    a = np.tile(np.eye(4), (3, 1, 1))
    b = a.copy()
    b[:, :2, 3] = [[3, 4], [0, 1], [0, 9]]
    b[0, :2, :2] = b[1, :2, :2] = [[0, -1], [1, 0]]
    metres, degrees = pose_distance(a, b)
    assert metres == pytest.approx(5.0)
    assert degrees == pytest.approx(90.0)


def test_the_same_change_is_found_elsewhere_and_not_next_door() -> None:
    rng = np.random.default_rng(0)
    kind = np.arange(60) % 6
    changes = np.eye(6)[kind] + 0.01 * rng.normal(size=(60, 6))
    stamps = (np.arange(60) * 0.5e9).astype(np.int64)
    query = np.array([10, 31])
    found = retrieve_changes(changes[query], changes, stamps, query, 3)
    np.testing.assert_array_equal(kind[found], kind[query][:, None].repeat(3, axis=1))
    assert (np.abs(stamps[found] - stamps[query][:, None]) >= 2e9).all()
    assert motion_difference(np.eye(6)[[0, 5]], np.zeros((2, 6))) == pytest.approx(
        (0.5, np.rad2deg(0.5))
    )


class Oracle:
    """An encoder whose prediction is given, in place of a bundle's."""

    def __init__(self, info: object, answers: np.ndarray) -> None:
        self.info = info
        self._answers = answers

    def predict(self, start: np.ndarray, _motions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        assert len(start) == len(self._answers)
        return self._answers, np.ones(len(start))


def changed(subject: ReportData, answers: np.ndarray) -> ReportData:
    return dataclasses.replace(subject, encoder=Oracle(subject.encoder.info, answers))  # type: ignore[arg-type]


def test_errors_and_finds_of_an_oracle_and_of_standing_still(subject: ReportData) -> None:
    pairs = subject.material.pairs.single
    z = subject.own(subject.split.test.frames)
    oracle, still = changed(subject, z[pairs.after]), changed(subject, z[pairs.before])
    assert error_ratios(oracle).max() == 0.0
    assert found_share(oracle)[0] == 1.0
    assert error_ratios(still).mean() == pytest.approx(1.0, abs=0.05)
    right, chance = found_share(still)
    assert right == 0.0
    assert 0 < chance < 0.1


def test_materials_are_of_the_part_that_was_kept_out(subject: ReportData) -> None:
    assert isinstance(subject.material, EvaluationData)
    # 40 % of 300 frames.
    assert len(subject.split.test) == 120
