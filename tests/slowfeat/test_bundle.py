"""The bundle's contract: what is loaded was written whole, is unchanged and is understood."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
from onnx import TensorProto, helper

from slowfeat.bundle import load_bundle, resolve_bundle_path, write_bundle
from slowfeat.errors import BundleError, UsageError
from tests.conftest import TINY_DIMENSION, TINY_SIZE, tiny_encoder, tiny_info, tiny_transform


@pytest.fixture
def copy(tiny_bundle: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny_bundle, tmp_path / "copy"))


def change(bundle: Path, **values: object) -> None:
    file = bundle / "bundle.json"
    data = json.loads(file.read_text())
    for key, value in values.items():
        if value is None:
            del data[key]
        else:
            data[key] = value
    file.write_text(json.dumps(data))


def test_what_was_written_is_loaded(tiny_bundle: Path) -> None:
    bundle = load_bundle(tiny_bundle)
    assert bundle.encoder == tiny_encoder()
    expected = tiny_info()
    expected.sha256 = bundle.info.sha256
    assert bundle.info == expected
    assert sorted(p.name for p in tiny_bundle.iterdir()) == [
        "bundle.json",
        "encoder.onnx",
        "transform.onnx",
    ]


def test_a_run_works_wherever_a_bundle_does(tiny_bundle: Path, tmp_path: Path) -> None:
    shutil.copytree(tiny_bundle, tmp_path / "run" / "bundle")
    assert resolve_bundle_path(tmp_path / "run") == tmp_path / "run" / "bundle"


@pytest.mark.parametrize("name", ["encoder.onnx", "transform.onnx"])
def test_one_changed_byte_is_refused(copy: Path, name: str) -> None:
    data = bytearray((copy / name).read_bytes())
    data[len(data) // 2] ^= 1
    (copy / name).write_bytes(bytes(data))
    with pytest.raises(BundleError, match=f"{name} was changed"):
        load_bundle(copy)


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"schema_version": 2}, "schema version 2.*update slowfeat"),
        ({"schema_version": True}, "schema_version"),
        ({"schema_version": None}, "schema_version"),
        ({"dimension": None}, "dimension is missing"),
        ({"dimension": "8"}, "dimension should be int, it is str"),
        ({"dimension": 0}, "dimension is not positive"),
        ({"distance": "manhattan"}, "distance"),
        ({"image_size": [64]}, "image_size"),
        ({"motion_min": [0.0]}, "6 numbers"),
        ({"motion_patterns": [{"centroid": [0.0], "count": 1}]}, "motion pattern"),
        ({"motion_patterns": [{"count": 1}]}, r"motion_patterns\[0\].centroid is missing"),
        ({"frames": []}, "frames should be Frames"),
        ({"sha256": {}}, "sha256"),
        ({"slices": {"map": {"start": 0, "stop": 99}}}, "slice"),
    ],
)
def test_a_schema_that_does_not_fit_is_named(
    copy: Path, values: dict[str, object], says: str
) -> None:
    change(copy, **values)
    with pytest.raises(BundleError, match=says):
        load_bundle(copy)


def test_unknown_keys_are_left_alone(copy: Path) -> None:
    change(copy, colour="blue")
    assert load_bundle(copy).info.dimension == TINY_DIMENSION


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "\x00"])
def test_broken_json_is_one_clear_error(copy: Path, text: str) -> None:
    (copy / "bundle.json").write_text(text)
    with pytest.raises(BundleError, match=r"bundle\.json"):
        load_bundle(copy)


def test_a_missing_file_or_folder_is_named(copy: Path, tmp_path: Path) -> None:
    (copy / "transform.onnx").unlink()
    with pytest.raises(BundleError, match=r"transform\.onnx cannot be read"):
        load_bundle(copy)
    with pytest.raises(UsageError, match="does not exist"):
        load_bundle(tmp_path / "nowhere")
    with pytest.raises(UsageError, match="holds no bundle"):
        load_bundle(tmp_path)


def external_encoder() -> bytes:
    """A model whose weights lie in another file."""
    weight = helper.make_tensor("w", TensorProto.FLOAT, [TINY_DIMENSION], np.zeros(TINY_DIMENSION))
    weight.ClearField("float_data")
    weight.data_location = TensorProto.EXTERNAL
    for key, value in (("location", "encoder.onnx.data"), ("offset", "0"), ("length", "32")):
        entry = weight.external_data.add()
        entry.key, entry.value = key, value
    value = helper.make_tensor_value_info
    graph = helper.make_graph(
        [helper.make_node("Identity", ["w"], ["embedding"])],
        "external",
        [value("image", TensorProto.UINT8, ["N", *TINY_SIZE, 3])],
        [value("embedding", TensorProto.FLOAT, None)],
        [weight],
    )
    return bytes(helper.make_model(graph).SerializeToString())


def test_external_data_is_refused_when_written_and_when_loaded(copy: Path, tmp_path: Path) -> None:
    import hashlib

    with pytest.raises(BundleError, match="weights in another file"):
        write_bundle(tmp_path / "new", tiny_info(), external_encoder(), tiny_transform())
    assert not (tmp_path / "new").exists()
    (copy / "encoder.onnx").write_bytes(external_encoder())
    hashes = json.loads((copy / "bundle.json").read_text())["sha256"]
    change(copy, sha256={**hashes, "encoder.onnx": hashlib.sha256(external_encoder()).hexdigest()})
    with pytest.raises(BundleError, match="weights in another file"):
        load_bundle(copy)


def test_nothing_half_written_remains_after_an_error(tmp_path: Path) -> None:
    info = tiny_info()
    info.motion_min[0] = float("nan")
    with pytest.raises(BundleError, match="not finite"):
        write_bundle(tmp_path / "new", info, tiny_encoder(), tiny_transform())
    assert list(tmp_path.iterdir()) == []


def test_an_existing_bundle_is_kept_unless_told_otherwise(copy: Path) -> None:
    with pytest.raises(UsageError, match="--overwrite"):
        write_bundle(copy, tiny_info("other"), tiny_encoder(), tiny_transform())
    assert load_bundle(copy).info.name == "tiny"
    write_bundle(copy, tiny_info("other"), tiny_encoder(), tiny_transform(), overwrite=True)
    assert load_bundle(copy).info.name == "other"
    assert [p.name for p in copy.parent.iterdir()] == ["copy"]


def test_onnxruntime_alone_runs_the_bundle(tiny_bundle: Path) -> None:
    encoder = onnxruntime.InferenceSession(tiny_bundle / "encoder.onnx")
    z = encoder.run(["embedding"], {"image": np.zeros((3, *TINY_SIZE, 3), np.uint8)})[0]
    assert z.shape == (3, TINY_DIMENSION)
