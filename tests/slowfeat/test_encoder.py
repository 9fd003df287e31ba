"""The engine on a tiny bundle whose answers can be computed by hand."""

from __future__ import annotations

import dataclasses
import json
import pickle
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest
from onnx import TensorProto, helper, load_from_string, numpy_helper

import slowfeat.encoder as encoder_module
from slowfeat.bundle import Bundle, load_bundle
from slowfeat.bundle_info import Slice
from slowfeat.encoder import Encoder, check_motions
from slowfeat.errors import BundleError, ImageError, MotionError, UsageError
from slowfeat.images import resize_for_encoder
from tests.conftest import TINY_DIMENSION, TINY_SIZE, tiny_encoder


@pytest.fixture(scope="module")
def encoder(tiny_bundle: Path) -> Encoder:
    return Encoder(load_bundle(tiny_bundle), provider="cpu")


def test_a_frame_of_any_size_is_embedded_as_its_resized_self(encoder: Encoder) -> None:
    frame = np.random.default_rng(0).integers(0, 256, (48, 64, 3), dtype=np.uint8)
    z = encoder.embed(frame)
    assert (z.shape, z.dtype) == ((TINY_DIMENSION,), np.float32)
    batch = np.stack([resize_for_encoder(frame, TINY_SIZE)] * 2)
    np.testing.assert_allclose(encoder.embed_batch(batch), [z, z], rtol=1e-6)


def test_a_part_of_an_embedding_has_a_name(encoder: Encoder) -> None:
    info = dataclasses.replace(encoder.info, slices={"map": Slice(0, 2), "slow": Slice(2, 5)})
    frame = np.random.default_rng(0).integers(0, 256, (48, 64, 3), dtype=np.uint8)
    whole = encoder.embed(frame)
    engine = Encoder(dataclasses.replace(encoder.bundle, info=info))
    for part, expected in (("slow", whole[2:5]), ("map", whole[:2]), ("", whole), ("whole", whole)):
        np.testing.assert_array_equal(engine.embed(frame, part=part), expected)
    with pytest.raises(UsageError, match=r"has no part 'fast'.*whole, map, slow"):
        engine.embed(frame, part="fast")


def test_one_embedding_serves_all_motions(encoder: Encoder) -> None:
    z = np.arange(TINY_DIMENSION, dtype=np.float32)
    motions = np.array([[0, 0, 0, 0, 0, 0], [0.5, 0, 0, 0, 0, 0.25]])
    after, error = encoder.predict(z, motions)
    np.testing.assert_allclose(after[0], z)
    assert not np.allclose(after[1], z)
    np.testing.assert_allclose(error, [0.1, 0.85], rtol=1e-6)
    separately, _ = encoder.predict(np.stack([z, z]), motions)
    np.testing.assert_array_equal(separately, after)
    assert encoder.predict(z, motions[1])[0].shape == (1, TINY_DIMENSION)


@pytest.mark.parametrize(
    ("motions", "says"),
    [
        ([[0, 0, 0, 0, 0, np.nan]], "motion 0 is not finite"),
        ([[0] * 6, [np.inf] + [0] * 5], "motion 1 is not finite"),
        ([0, 0, 0], "6 numbers"),
        ([[[0] * 6]], "6 numbers"),
        ("forward", "not numbers"),
    ],
)
def test_malformed_motions_are_refused(motions: object, says: str) -> None:
    with pytest.raises(MotionError, match=says):
        check_motions(motions)  # type: ignore[arg-type]


def test_embeddings_that_do_not_fit_are_refused(encoder: Encoder) -> None:
    with pytest.raises(MotionError, match="need embeddings of shape"):
        encoder.predict(np.zeros(3), np.zeros((1, 6)))
    with pytest.raises(MotionError, match="need embeddings of shape"):
        encoder.predict(np.zeros((3, TINY_DIMENSION)), np.zeros((2, 6)))
    with pytest.raises(MotionError, match="not finite"):
        encoder.predict(np.full(TINY_DIMENSION, np.nan), np.zeros((1, 6)))


@pytest.mark.parametrize(
    "frame", [np.zeros((4, 4), np.uint8), np.zeros((4, 4, 3)), np.zeros((0, 4, 3), np.uint8)]
)
def test_what_is_no_frame_is_refused(encoder: Encoder, frame: np.ndarray) -> None:
    with pytest.raises(ImageError, match="uint8"):
        encoder.embed(frame)


def test_unknown_and_missing_providers_are_named(tiny_bundle: Path) -> None:
    with pytest.raises(UsageError, match="unknown"):
        Encoder(load_bundle(tiny_bundle), provider="abacus")
    assert Encoder(load_bundle(tiny_bundle)).provider == "CPUExecutionProvider"


def test_models_that_contradict_bundle_json_are_refused(tiny_bundle: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(tiny_bundle, tmp_path / "copy"))
    file = copy / "bundle.json"
    good = json.loads(file.read_text())
    for change in ({"dimension": 9}, {"image_size": [8, 8]}):
        file.write_text(json.dumps({**good, **change}))
        with pytest.raises(BundleError, match=str(copy)):
            Encoder(load_bundle(copy))


def test_installed_provider_that_does_not_work_is_told_or_refused(
    tiny_bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # This machine's ONNX Runtime says that it has CUDA, and takes the CPU without an error.
    both = ["CUDAExecutionProvider", "CPUExecutionProvider"]
    monkeypatch.setattr("onnxruntime.get_available_providers", lambda: both)
    real = onnxruntime.InferenceSession

    def falls_back(model: bytes, options: Any, providers: list[str]) -> Any:
        return real(model, options, providers=["CPUExecutionProvider"])

    monkeypatch.setattr("onnxruntime.InferenceSession", falls_back)
    bundle = load_bundle(tiny_bundle)
    encoder = Encoder(bundle, "auto")
    assert encoder.provider == "CPUExecutionProvider"
    assert "CUDAExecutionProvider is installed but does not work here" in encoder.fallback
    with pytest.raises(UsageError, match="was not asked for"):
        Encoder(bundle, "cuda")
    assert Encoder(bundle, "cpu").fallback == ""


def test_many_motions_are_predicted_as_some_are_and_in_chunks(
    encoder: Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(0)
    z = rng.normal(size=(2500, TINY_DIMENSION)).astype(np.float32)
    motions = rng.normal(size=(2500, 6)).astype(np.float32)
    monkeypatch.setattr(encoder_module, "CHUNK_NUMBERS", 10_000 * TINY_DIMENSION)
    monkeypatch.setattr(encoder_module, "CHUNK", 10_000)
    at_once, each_at_once = encoder.predict(z[0], motions), encoder.predict(z, motions)
    monkeypatch.setattr(encoder_module, "CHUNK", 1000)
    for a, b in (
        (encoder.predict(z[0], motions), at_once),
        (encoder.predict(z, motions), each_at_once),
    ):
        np.testing.assert_allclose(a[0], b[0], rtol=1e-5, atol=1e-5)
        np.testing.assert_allclose(a[1], b[1], rtol=1e-5, atol=1e-5)
    after, error = encoder.predict(z[0], np.zeros((0, 6)))
    assert (after.shape, error.shape) == ((0, TINY_DIMENSION), (0,))


def test_an_encoder_can_be_pickled(encoder: Encoder) -> None:
    image = np.full((*TINY_SIZE, 3), 90, np.uint8)
    again = pickle.loads(pickle.dumps(encoder))  # noqa: S301 - our own bytes
    np.testing.assert_array_equal(again.embed(image), encoder.embed(image))
    assert again.provider == encoder.provider


@pytest.mark.parametrize("threads", [-1, 257, 10**6])
def test_threads_have_bounds(tiny_bundle: Path, threads: int) -> None:
    with pytest.raises(UsageError, match=r"must lie within \[0, 256\]"):
        Encoder(load_bundle(tiny_bundle), threads=threads)


def changed_encoder(last: list[Any], output: int = TensorProto.FLOAT) -> bytes:
    """The tiny encoder with operations from `pre` on behind it."""
    model = load_from_string(tiny_encoder())
    model.graph.node[-1].output[0] = "pre"
    model.graph.node.extend(last)
    model.graph.output[0].type.tensor_type.elem_type = output
    return bytes(model.SerializeToString())


@pytest.mark.parametrize(
    ("last", "output", "says"),
    [
        ([helper.make_node("Log", ["pre"], ["embedding"])], TensorProto.FLOAT, "not finite"),
        (
            [helper.make_node("Cast", ["pre"], ["embedding"], to=TensorProto.DOUBLE)],
            TensorProto.DOUBLE,
            r"tensor\(double\)",
        ),
    ],
)
def test_models_that_give_something_else_are_refused(
    last: list[Any], output: int, says: str, tiny_bundle: Path
) -> None:
    bundle = dataclasses.replace(load_bundle(tiny_bundle), encoder=changed_encoder(last, output))
    with pytest.raises(BundleError, match=says):
        Encoder(bundle)


def test_sizes_are_compared_before_anything_is_made_room_for(tiny_bundle: Path) -> None:
    bundle = load_bundle(tiny_bundle)
    info = dataclasses.replace(bundle.info, image_size=[8192, 8192])
    with pytest.raises(BundleError, match=r"by bundle\.json it is .*8192, 8192, 3"):
        Encoder(dataclasses.replace(bundle, info=info))


def test_a_picture_without_a_finite_embedding_is_refused(tiny_bundle: Path) -> None:
    black = [helper.make_node("Div", ["pre", "pre"], ["embedding"])]  # 0 / 0 for a black image
    bundle = dataclasses.replace(load_bundle(tiny_bundle), encoder=changed_encoder(black))
    encoder = Encoder(bundle)
    encoder.embed(np.full((*TINY_SIZE, 3), 90, np.uint8))
    with pytest.raises(ImageError, match="not finite"):
        encoder.embed(np.zeros((*TINY_SIZE, 3), np.uint8))


def with_two_names(bundle: Bundle, shares: bool) -> Bundle:
    """The tiny bundle with a name of its own for the number of embeddings."""
    model = load_from_string(bundle.transform)
    graph = model.graph
    graph.input[0].type.tensor_type.shape.dim[0].dim_param = "E"
    if not shares:  # by concatenation, which needs as many embeddings as motions
        matrix = numpy_helper.to_array(graph.initializer[0])
        stacked = np.concatenate([np.eye(TINY_DIMENSION, dtype=np.float32), matrix])
        graph.initializer.append(numpy_helper.from_array(stacked, "stacked"))
        del graph.node[:2]
        graph.node.insert(0, helper.make_node("MatMul", ["both", "stacked"], ["embedding_after"]))
        graph.node.insert(0, helper.make_node("Concat", ["embedding", "motion"], ["both"], axis=1))
    return dataclasses.replace(bundle, transform=bytes(model.SerializeToString()))


class Sizes:
    """A session that notes how many embeddings and motions it is given."""

    def __init__(self, session: Any) -> None:
        self._session = session
        self.seen: list[tuple[int, int]] = []

    def run(self, outputs: list[str], inputs: dict[str, np.ndarray]) -> Any:
        self.seen.append((len(inputs["embedding"]), len(inputs["motion"])))
        return self._session.run(outputs, inputs)


def test_one_embedding_is_not_repeated_where_the_model_shares_it(tiny_bundle: Path) -> None:
    bundle = load_bundle(tiny_bundle)
    sharing = Encoder(with_two_names(bundle, shares=True))
    plain = Encoder(bundle)
    rng = np.random.default_rng(0)
    z, motions = rng.normal(size=TINY_DIMENSION), rng.normal(size=(5, 6))
    found = {}
    for name, engine in (("sharing", sharing), ("plain", plain)):
        engine._transform = Sizes(engine._transform)
        found[name] = engine.predict(z, motions)
    assert sharing._transform.seen == [(1, 5)]
    assert plain._transform.seen == [(5, 5)]
    for a, b in zip(found["sharing"], found["plain"], strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5)


def test_a_model_with_two_names_that_does_not_share_works_as_ever(tiny_bundle: Path) -> None:
    bundle = with_two_names(load_bundle(tiny_bundle), shares=False)
    engine = Encoder(bundle)
    engine._transform = Sizes(engine._transform)
    after, _ = engine.predict(np.ones(TINY_DIMENSION), np.zeros((3, 6)))
    assert after.shape == (3, TINY_DIMENSION)
    assert engine._transform.seen == [(3, 3)]


def test_what_is_predicted_at_once_does_not_grow_with_the_motions(
    encoder: Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes = Sizes(encoder._transform)
    monkeypatch.setattr(encoder, "_transform", sizes)
    monkeypatch.setattr(encoder_module, "CHUNK_NUMBERS", 40 * TINY_DIMENSION)
    encoder.predict(np.zeros(TINY_DIMENSION), np.zeros((1000, 6)))
    assert sum(count for _, count in sizes.seen) == 1000
    assert max(count for _, count in sizes.seen) == 40
