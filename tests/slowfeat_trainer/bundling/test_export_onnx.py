"""`slowfeat export`: the bundle as it is, and in smaller numbers with what they cost."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest

from slowfeat import cli
from slowfeat.bundle import load_bundle
from slowfeat.encoder import Encoder
from slowfeat_trainer.bundling.quantised_models import to_float16, to_int8
from tests.conftest import TINY_SIZE, tiny_encoder
from tests.helpers.bag_factory import BagRecipe, make_bag


@pytest.fixture(scope="module")
def bag(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_bag(tmp_path_factory.mktemp("bags") / "drive", BagRecipe(frames=300))


def slowfeat(*words: object) -> int:
    return cli.main([str(word) for word in words])


def frames(count: int = 16) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (count, *TINY_SIZE, 3), dtype=np.uint8)


def test_without_a_flag_it_is_the_same_bundle(tiny_bundle: Path, tmp_path: Path) -> None:
    assert slowfeat("export", tiny_bundle, "--out", tmp_path / "copy") == 0
    before, after = load_bundle(tiny_bundle), load_bundle(tmp_path / "copy")
    assert (after.encoder, after.transform) == (before.encoder, before.transform)
    assert slowfeat("export", tiny_bundle, "--out", tmp_path / "copy") == 2


def test_smaller_numbers_keep_the_embeddings_and_are_smaller_numbers() -> None:
    import onnxruntime

    def run(model: bytes) -> np.ndarray:
        session = onnxruntime.InferenceSession(model)
        return np.asarray(session.run(["embedding"], {"image": frames()})[0])

    exact = run(tiny_encoder())
    scale = np.sqrt((exact**2).mean())
    int8, float16 = to_int8(tiny_encoder(), frames()), to_float16(tiny_encoder())
    types = {t.data_type for t in onnx.load_from_string(int8).graph.initializer}
    assert onnx.TensorProto.INT8 in types
    types = {t.data_type for t in onnx.load_from_string(float16).graph.initializer}
    assert onnx.TensorProto.FLOAT16 in types
    # int8 is coarse, and not exact by accident.
    assert 0 < np.abs(run(int8) - exact).max() < 0.1 * scale
    assert 0 < np.abs(run(float16) - exact).max() < 0.02 * scale


def test_what_was_lost_is_measured_and_written(
    tiny_bundle: Path, bag: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "int8"
    words = ("export", tiny_bundle, "--out", out, "--on", bag, "--quantise", "int8")
    assert slowfeat(*words) == 0
    assert "retrieval MRR" in capsys.readouterr().out
    bundle = load_bundle(out)
    found = bundle.info.metrics["quantised"]
    assert found["kind"] == "int8"
    assert found["embedding_change"] > 0
    assert found["time_ratio"] > 0
    assert bundle.transform == load_bundle(tiny_bundle).transform
    assert Encoder(bundle, provider="cpu").embed_batch(frames(2)).shape == (2, 8)
    assert (
        slowfeat("export", out, "--out", tmp_path / "twice", "--on", bag, "--quantise", "int8") == 2
    )
    assert "quantised already" in capsys.readouterr().err


def test_too_large_a_loss_is_refused_and_nothing_written(
    tiny_bundle: Path, bag: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "int8"
    words = ("export", tiny_bundle, "--out", out, "--on", bag, "--quantise", "int8")
    # A loss of less than minus one is one that nothing can have.
    assert slowfeat(*words, "--max-loss", "-1.5") == 1
    assert "nothing was written" in capsys.readouterr().err
    assert not out.exists()


def test_without_frames_it_says_what_to_give(
    tiny_bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert slowfeat("export", tiny_bundle, "--out", tmp_path / "x", "--quantise", "int8") == 2
    assert "--on" in capsys.readouterr().err
