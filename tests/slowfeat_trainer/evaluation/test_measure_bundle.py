"""All tables of a bundle together: rows that must be there, slices, and what a
bundle of one slice leaves out.
"""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest

from slowfeat.bundle import Bundle, load_bundle
from slowfeat.bundle_info import Slice
from slowfeat.encoder import Encoder
from slowfeat_trainer.data.frames import FrameStack
from slowfeat_trainer.evaluation.compare import compare
from slowfeat_trainer.evaluation.evaluate_bundles import views_for
from slowfeat_trainer.evaluation.labelled_images import LabelledImages
from slowfeat_trainer.evaluation.measure_bundle import BOUND, Evaluation, EvaluationData, measure
from slowfeat_trainer.evaluation.metric_table import Metrics
from slowfeat_trainer.evaluation.tables import describe_evaluations
from tests.helpers.bag_factory import HORIZONTAL_FOV, BagRecipe, make_bag


@pytest.fixture(scope="module")
def bag(tmp_path_factory: pytest.TempPathFactory) -> Path:
    recipe = BagRecipe(frames=300, with_camera_info=True)
    return make_bag(tmp_path_factory.mktemp("bags") / "drive", recipe)


@pytest.fixture(scope="module")
def bundle(tiny_bundle: Path) -> Bundle:
    return load_bundle(tiny_bundle)


@pytest.fixture(scope="module")
def material(bag: Path, bundle: Bundle) -> EvaluationData:
    split, fov = views_for(bundle, bag, "", None, {}).read()
    assert fov == pytest.approx(HORIZONTAL_FOV)
    rng = np.random.default_rng(0)
    frames = FrameStack([rng.integers(0, 256, (40, 16, 24, 3)).astype(np.uint8)])
    half = np.arange(40) % 2 == 0
    return EvaluationData(
        split, fov, images=LabelledImages(frames, np.arange(40) // 20, ["a", "b"], half)
    )


@pytest.fixture(scope="module")
def result(bundle: Bundle, material: EvaluationData) -> Evaluation:
    cut = {"map": Slice(0, 6, 0.9), "slow": Slice(6, 8, 0.1)}
    info = dataclasses.replace(bundle.info, slices=cut)
    encoder = Encoder(dataclasses.replace(bundle, info=info), provider="cpu")
    return measure(encoder, material, repeats=2)


def numbers(row: Metrics) -> dict[str, float]:
    return {name: value for name, value in row.items() if value is not None}


def test_every_baseline_has_its_row(result: Evaluation) -> None:
    assert set(result.baselines) >= {
        "ZCA pixels, refitted",
        "tiny images, refitted",
        "mean of the bag",
        "image shift, no training",
    }
    assert set(result.comparison.rows) >= {"raw pixels, refitted", "untrained network, refitted"}
    assert next(iter(result.spaces)) == "bundle"
    assert set(result.spaces) >= {"untrained network", "raw pixels", "ZCA pixels", "tiny images"}
    assert "from the camera's field of view" in result.notes[1]


def test_the_bound_stands_beside_the_map_and_says_how_far_the_odometry_is(
    result: Evaluation,
) -> None:
    assert result.bounds[BOUND].rho <= result.comparison.rows["bundle's map"].rho
    assert "yaw from images" in result.notes[0]
    assert "deg (rms) from the odometry's" in result.notes[0]


def test_the_comparison_is_that_of_compare_alone(
    result: Evaluation, bundle: Bundle, material: EvaluationData
) -> None:
    alone = compare(Encoder(bundle, provider="cpu"), material.split)
    for name, row in alone.rows.items():
        assert numbers(result.comparison.rows[name]) == pytest.approx(numbers(row), rel=1e-5), name


def test_slices_stand_beside_the_whole_vector(result: Evaluation) -> None:
    assert set(result.slices) == {
        f"slice {name}: {row}"
        for name in ("map", "slow")
        for row in ("bundle's map", "refitted", "copy")
    }
    assert (result.spaces["slice map"]["dimension"], result.spaces["slice slow"]["dimension"]) == (
        6,
        2,
    )
    assert result.slices["slice map: copy"].rho == pytest.approx(1.0, abs=0.02)
    assert result.slices["slice map: bundle's map"] != result.slices["slice slow: bundle's map"]


def test_a_slice_of_everything_is_the_whole(bundle: Bundle, material: EvaluationData) -> None:
    cut = {"all": Slice(0, 8, 1.0), "none of it": Slice(7, 8, 0.0)}
    info = dataclasses.replace(bundle.info, slices=cut)
    got = measure(Encoder(dataclasses.replace(bundle, info=info), provider="cpu"), material)
    whole = got.comparison.rows["bundle's map"]
    assert numbers(got.slices["slice all: bundle's map"]) == pytest.approx(numbers(whole), rel=1e-5)


def test_one_slice_is_not_reported_twice(bundle: Bundle, material: EvaluationData) -> None:
    bare = EvaluationData(material.split)
    got = measure(Encoder(bundle, provider="cpu"), bare)
    assert got.slices == {}
    assert got.recognition == {}
    assert "fitted on the training part" in got.notes[1]
    assert "AUC class" not in describe_evaluations([got])


def test_the_text_has_all_tables_and_json_all_figures(result: Evaluation) -> None:
    text = describe_evaluations([result, result])
    for word in (
        "image shift, no training",
        "slice slow: refitted",
        BOUND,
        "AUC time",
        "linear probe",
    ):
        assert word in text
    assert "standard deviation over 2 bundles" in text
    stored = json.loads(json.dumps(result.as_dict()))
    assert stored["rows"]["copy"]["rho"] == result.comparison.rows["copy"].rho
    assert set(stored) >= {"spaces", "baselines", "bounds", "slices", "recognition", "notes"}
    assert stored["recognition"]["bundle"]["repeats"] == 2
    assert stored["metrics"]["maps"]["rho"]["better"] == "less"
