"""Training, evaluating and deploying from a dataset: the same as from its
bags, and divided as it says.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from slowfeat.bundle import load_bundle
from slowfeat.cli import main
from slowfeat.images import resize_for_encoder
from slowfeat_trainer.data.frames import FrameStack
from slowfeat_trainer.ingest.dataset import open_dataset
from slowfeat_trainer.models.convnet import embed_frames
from tests.helpers.bag_factory import BagRecipe, make_bag, picture

QUICK = ["--preset", "drlim", "--steps", "4", "--batch-size", "16", "--dimension", "8"]


def slowfeat(*words: object) -> int:
    return main([str(word) for word in words])


@pytest.fixture(scope="module")
def bags(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("drives")
    return [make_bag(folder / f"drive{k}", BagRecipe(frames=300 + 10 * k)) for k in range(3)]


@pytest.fixture(scope="module")
def dataset(bags: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("datasets") / "drives"
    assert slowfeat("ingest", *bags, "--out", out, "--size", "32x32") == 0
    return out


def test_from_a_dataset_comes_the_bundle_that_comes_from_its_bags(
    bags: list[Path], dataset: Path, tmp_path: Path
) -> None:
    assert slowfeat("train", dataset, "--out", tmp_path / "a" / "run", *QUICK) == 0
    words = [*QUICK, "--size", "32x32"]
    assert slowfeat("train", *bags, "--out", tmp_path / "b" / "run", *words) == 0
    one, other = load_bundle(tmp_path / "a" / "run"), load_bundle(tmp_path / "b" / "run")
    assert one.info == other.info
    assert (one.encoder, one.transform) == (other.encoder, other.transform)


def test_flags_that_read_bags_do_not_fit_a_dataset(
    dataset: Path, bags: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert slowfeat("train", dataset, "--out", tmp_path / "run", *QUICK, "--rate", 5) == 2
    assert "belong to slowfeat ingest" in capsys.readouterr().err
    assert slowfeat("train", dataset, bags[0], "--out", tmp_path / "run", *QUICK) == 2
    assert "give datasets, or bags" in capsys.readouterr().err
    assert not (tmp_path / "run").exists()


def test_whole_bags_are_kept_out_and_measured_whole(
    bags: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data, run = tmp_path / "data", tmp_path / "run"
    words = ["--size", "32x32", "--split", "bag", "--test-fraction", "0.34"]
    assert slowfeat("ingest", *bags, "--out", data, *words) == 0
    assert slowfeat("train", data, "--out", run, *QUICK) == 0
    parts = {bag["name"]: bag["part"] for bag in load_bundle(run).info.training["bags"]}
    assert sorted(parts.values()) == ["test", "train", "train"]
    for bag in bags:
        capsys.readouterr()
        code = slowfeat("evaluate", run, "--on", bag)
        said = capsys.readouterr().err
        if parts[bag.name] == "test":
            assert code == 0
            assert "a bag held out of its training" in said
        else:
            assert code == 2
            assert "nothing of this bag was held out" in said


def test_evaluate_on_the_dataset_repeats_what_the_training_printed(
    dataset: Path, tmp_path: Path
) -> None:
    run = tmp_path / "run"
    assert slowfeat("train", dataset, "--out", run, *QUICK) == 0
    assert slowfeat("evaluate", run, "--on", dataset, "--json", tmp_path / "figures.json") == 0
    figures = json.loads((tmp_path / "figures.json").read_text())[0]
    stored = load_bundle(run).info.metrics
    assert figures["rows"]["bundle's map"] == pytest.approx(stored["rows"]["bundle's map"])


def test_a_dataset_shared_in_part_or_of_another_size_is_refused(
    dataset: Path, bags: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = tmp_path / "run"
    assert slowfeat("train", bags[0], "--out", run, *QUICK, "--size", "32x32") == 0
    assert slowfeat("evaluate", run, "--on", dataset) == 2
    assert "trained on 1 of the 3 bags" in capsys.readouterr().err
    other = tmp_path / "other"
    assert slowfeat("ingest", bags[1], "--out", other, "--size", "48x32") == 0
    assert slowfeat("evaluate", run, "--on", other) == 2
    assert "takes whole images of 32x32" in capsys.readouterr().err


def test_the_exported_encoder_cuts_what_the_frames_were_cut(
    bags: list[Path], tmp_path: Path
) -> None:
    """Whole images through encoder.onnx, as outside it is known,
    against cut frames through torch.
    """
    from slowfeat_trainer import runs
    from slowfeat_trainer.config.train_config import load_config
    from slowfeat_trainer.data.pairs import split_recordings
    from slowfeat_trainer.methods.training_set import TrainingSet
    from slowfeat_trainer.training import loop as training

    run = tmp_path / "run"
    words = [*QUICK, "--size", "32x32", "--crop", "0.25,0,0.25,0"]
    assert slowfeat("train", bags[0], "--out", run, *words) == 0
    bundle = load_bundle(run)
    assert bundle.info.image_size == [64, 32]
    config = load_config(run / "config.yaml")
    recording = open_dataset(run / "dataset").recordings()[0]
    split = split_recordings([recording], config.split)
    method = training.train(
        TrainingSet.prepare(split.train, runs.seen_by(recording.camera, config), config),
        config,
        run,
    )
    picked = recording.frames[:3]
    session = onnxruntime.InferenceSession(bundle.encoder, providers=["CPUExecutionProvider"])
    whole = picture(0.0, 0.0)
    stretched = resize_for_encoder(whole, (64, 32))
    embedding = session.run(None, {"image": stretched[None]})[0]
    expected = embed_frames(method.encoder, FrameStack([stretched[None, 16:48]]))
    np.testing.assert_allclose(embedding, expected, rtol=1e-4, atol=1e-5)
    assert picked.shape[1:] == (32, 32, 3)
