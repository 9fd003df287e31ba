"""train, evaluate and inspect as a user runs them: a tiny bag to a bundle, and
everything that can go wrong.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from slowfeat import cli
from slowfeat.bundle import load_bundle
from slowfeat.encoder import Encoder
from slowfeat_trainer.bundling import bundle_run as bundling
from tests.helpers.bag_factory import HORIZONTAL_FOV, BagRecipe, make_bag

# The paper's preset where any will do: it is the faster one, and its embedding is short.
QUICK = [
    "--preset",
    "equiv_drlim",
    "--steps",
    "30",
    "--batch-size",
    "16",
    "--dimension",
    "16",
    "--patterns",
    "3",
]


def slowfeat(*words: object) -> int:
    return cli.main([str(word) for word in words])


@pytest.fixture(scope="module")
def bag(tmp_path_factory: pytest.TempPathFactory) -> Path:
    recipe = BagRecipe(frames=300, with_camera_info=True, with_tf_static=True)
    return make_bag(tmp_path_factory.mktemp("bags") / "drive", recipe)


@pytest.fixture(scope="module")
def run(bag: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("runs") / "first"
    assert slowfeat("train", bag, "--out", out, *QUICK) == 0
    return out


def test_train_leaves_a_bundle_with_its_provenance_and_figures(run: Path, bag: Path) -> None:
    info = load_bundle(run).info
    assert info.name == "first"
    assert info.dimension == 16
    assert info.frames.body == "base_link"
    assert info.frames.extrinsic is not None
    assert info.horizontal_fov == pytest.approx(HORIZONTAL_FOV)
    assert len(info.motion_patterns) == 3
    assert info.training["bags"][0]["name"] == "drive"
    assert str(bag.parent) not in (run / "bundle" / "bundle.json").read_text()
    assert set(info.metrics["rows"]) >= {
        "bundle's map",
        "copy",
        "blind map",
        "raw pixels, refitted",
    }
    assert info.metrics["rows"]["copy"]["rho"] == pytest.approx(1.0, abs=0.02)
    assert info.metrics["rows"]["copy"]["mrr"] <= 0.5
    left = [p.name for p in run.iterdir() if p.name.startswith(".") or p.suffix == ".tmp"]
    assert left == [".lock"]


def test_onnxruntime_alone_serves_what_was_trained(run: Path) -> None:
    height, width = load_bundle(run).info.image_size
    encoder, transform = (
        onnxruntime.InferenceSession(run / "bundle" / f"{n}.onnx") for n in ("encoder", "transform")
    )
    frames = np.random.default_rng(0).integers(0, 256, (3, height, width, 3), dtype=np.uint8)
    z = encoder.run(["embedding"], {"image": frames})[0]
    motion = np.zeros((3, 6), np.float32)
    after, error = transform.run(
        ["embedding_after", "expected_error"], {"embedding": z, "motion": motion}
    )
    assert (z.shape, after.shape, error.shape) == ((3, 16), (3, 16), (3,))
    assert np.all(error > 0)


def test_a_finished_run_stays_and_other_settings_are_refused(
    run: Path, bag: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = (run / "bundle" / "encoder.onnx").read_bytes()
    assert slowfeat("train", bag, "--out", run, *QUICK) == 0
    assert "finished already" in capsys.readouterr().out
    assert slowfeat("train", bag, "--out", run, *QUICK, "--seed", "5") == 2
    assert "seed 0 -> 5" in capsys.readouterr().err
    assert (run / "bundle" / "encoder.onnx").read_bytes() == before


def test_a_stopped_run_ends_with_the_same_bundle(
    run: Path, bag: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(bundling, "fit_transform", interrupt)
        assert slowfeat("train", bag, "--out", tmp_path / "first", *QUICK) == 130
    assert not (tmp_path / "first" / "bundle").exists()
    assert slowfeat("train", bag, "--out", tmp_path / "first", *QUICK) == 0
    for name in ("encoder.onnx", "transform.onnx"):
        assert (tmp_path / "first" / "bundle" / name).read_bytes() == (
            run / "bundle" / name
        ).read_bytes()


def test_the_untrained_preset_and_several_bags_work(
    bag: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    second = make_bag(tmp_path / "second", BagRecipe(frames=200, body_frame="chassis"))
    assert (
        slowfeat(
            "train", bag, second, "--out", tmp_path / "run", "--preset", "random", "--dimension", 8
        )
        == 0
    )
    warned = capsys.readouterr().err
    assert "second is of body 'chassis'" in warned
    assert "another camera" in warned
    info = load_bundle(tmp_path / "run").info
    assert [b["name"] for b in info.training["bags"]] == ["drive", "second"]
    assert info.training["transform"]["form"] != "patterns"


def test_the_held_out_end_is_never_trained_on(run: Path, bag: Path, tmp_path: Path) -> None:
    """Painting over the test part changes the figures, and neither
    the encoder nor the transform.
    """
    from slowfeat_trainer.config.train_config import load_config
    from slowfeat_trainer.data.pairs import split_by_time
    from slowfeat_trainer.ingest.ingest_bag import read_recording
    from slowfeat_trainer.methods.training_set import TrainingSet
    from slowfeat_trainer.training.loop import train

    config = load_config(run / "config.yaml")
    recording = read_recording(bag, config.reading)
    kept = len(recording) - round(len(recording) * config.split.test)
    recording.frames[kept:] = 255 - recording.frames[kept:]
    split = split_by_time([recording], config.split.test, config.split.calibration)
    data = TrainingSet.prepare(split.train, recording.camera, config)
    tmp_path.mkdir(exist_ok=True)
    method = train(data, config, tmp_path)
    bundle = bundling.export_run(
        method,
        data,
        split,
        [recording],
        config,
        [bundling.TrainingBag("drive", "")],
        tmp_path / "first" / "bundle",
    )
    before = load_bundle(run)
    assert bundle.encoder == before.encoder
    assert bundle.transform == before.transform
    assert bundle.info.metrics["rows"] != before.info.metrics["rows"]


def test_evaluate_prints_the_table_the_training_left(
    run: Path, bag: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert slowfeat("evaluate", run, "--on", bag, "--json", tmp_path / "table.json") == 0
    printed = capsys.readouterr()
    assert "the end held out of its training" in printed.err
    assert "bundle's map" in printed.out
    figures = json.loads((tmp_path / "table.json").read_text())[0]
    stored = load_bundle(run).info.metrics
    assert figures["rows"]["bundle's map"] == pytest.approx(stored["rows"]["bundle's map"])


def test_nothing_held_out_means_no_figures(
    bag: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert slowfeat("train", bag, "--out", tmp_path / "run", *QUICK, "--test-fraction", "0") == 0
    assert "there are no figures" in capsys.readouterr().out
    assert load_bundle(tmp_path / "run").info.metrics == {}
    assert slowfeat("evaluate", tmp_path / "run", "--on", bag) == 2
    assert "measure on another bag" in capsys.readouterr().err


def test_evaluate_takes_several_runs_and_foreign_bags(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    foreign = make_bag(tmp_path / "foreign", BagRecipe(frames=200))
    assert slowfeat("evaluate", run, run / "bundle", "--on", foreign) == 0
    printed = capsys.readouterr()
    assert "a bag that it has not seen" in printed.err
    assert "standard deviation over 2 bundles" in printed.out


def test_evaluate_refuses_to_measure_on_what_was_trained_on(
    run: Path, bag: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert slowfeat("evaluate", run, "--on", bag, "--test-fraction", "0.5") == 2
    assert "was trained on the first 60 %" in capsys.readouterr().err


def test_inspect_tells_what_it_sees(bag: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert slowfeat("inspect", bag) in (0, 1)
    printed = capsys.readouterr().out
    for text in (
        "/odom",
        "10.0 Hz",
        "300 of 300 images",
        "camera and odometry agree within",
        "verdict:",
    ):
        assert text in printed


@pytest.mark.parametrize(
    ("recipe", "code", "says"),
    [
        (BagRecipe(image_topics=()), 1, "has no image topic"),
        (BagRecipe(odom_topics=()), 1, "has no motion topic"),
        (BagRecipe(image_topics=("/left", "/right")), 2, "/left"),
        (BagRecipe(still=True), 1, "does not move"),
        (BagRecipe(frames=30), 1, "pairs"),
    ],
)
def test_bags_that_teach_nothing_leave_nothing_behind(
    tmp_path: Path, recipe: BagRecipe, code: int, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    made = make_bag(tmp_path / "bag", recipe)
    assert slowfeat("train", made, "--out", tmp_path / "run", *QUICK) == code
    last = capsys.readouterr().err.strip().splitlines()[-1]
    assert last.startswith("slowfeat train: ")
    assert says in last
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--preset", "magic"], "there are slowfeat, lie, equiv_drlim"),
        (["--steps", "-1"], "--steps is -1; it must lie within"),
        (["--test-fraction", "1.5"], "--test-fraction is 1.5"),
        (["--learning-rate", "nan"], "--learning-rate is nan"),
    ],
)
def test_settings_out_of_bounds_are_wrong_use(
    bag: Path, tmp_path: Path, words: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert slowfeat("train", bag, "--out", tmp_path / "run", *words) == 2
    assert says in capsys.readouterr().err
    assert not (tmp_path / "run").exists()


def test_missing_bags_and_foreign_folders_are_wrong_use(
    bag: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert slowfeat("train", tmp_path / "nowhere", "--out", tmp_path / "run") == 2
    assert "does not exist" in capsys.readouterr().err
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "cat.jpg").write_text("precious")
    for flags, says in (([], "is no run of slowfeat"), (["--overwrite"], "is not just a run")):
        assert slowfeat("train", bag, "--out", tmp_path / "photos", *QUICK, *flags) == 2
        assert says in capsys.readouterr().err
    assert (tmp_path / "photos" / "cat.jpg").read_text() == "precious"


def test_a_changed_byte_in_a_trained_bundle_is_refused(
    run: Path, bag: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    copy = Path(shutil.copytree(run / "bundle", tmp_path / "copy"))
    data = bytearray((copy / "encoder.onnx").read_bytes())
    data[1000] ^= 1
    (copy / "encoder.onnx").write_bytes(data)
    assert slowfeat("evaluate", copy, "--on", bag) == 1
    assert "was changed" in capsys.readouterr().err


@pytest.mark.slow
def test_the_default_preset_beats_every_peer_on_the_held_out_end_of_our_bag(tmp_path: Path) -> None:
    ours = Path(__file__).parents[3] / "bags" / "sim_tour"
    out = tmp_path / "run"
    assert slowfeat("train", ours, "--out", out, "--steps", "120", "--batch-size", "32") == 0
    info = load_bundle(out).info
    assert info.training["transform"]["form"] == "warp"
    assert info.dimension == 16 * 8 * 16 + 384
    assert set(info.slices) == {"embedding", "map", "slow"}
    assert info.slices["slow"].share_of_norm == pytest.approx(0.02, abs=0.005)
    rows = info.metrics["rows"]
    learned = rows.pop("bundle's map")
    assert learned["rho"] < 0.8
    assert learned["motion_gain"] > 0.5
    for name, peer in rows.items():
        assert learned["mrr"] > peer["mrr"] + 0.1, name
    assert 0.8 < info.metrics["expected_error_ratio"] < 1.25
    assert info.metrics["expected_error_rank"] > 0.3


def test_a_bundle_predicts_after_a_trip_through_the_engine(run: Path) -> None:
    engine = Encoder(load_bundle(run))
    z = engine.embed(np.zeros((48, 64, 3), np.uint8))
    after, error = engine.predict(z, [p.centroid for p in engine.info.motion_patterns])
    assert after.shape == (3, 16)
    assert np.isfinite(error).all()
