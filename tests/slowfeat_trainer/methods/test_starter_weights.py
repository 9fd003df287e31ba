"""Starter weights: what they carry, what stays the robot's own, and what is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from slowfeat.errors import UsageError
from slowfeat_trainer.config.train_config import config_of_preset
from slowfeat_trainer.methods import build_method
from slowfeat_trainer.methods.starter_weights import (
    FILE,
    Fit,
    Starter,
    load_starter,
    save_starter,
    starter_for,
    weights_of,
)
from slowfeat_trainer.methods.training_set import TrainingSet
from slowfeat_trainer.methods.warp.method import WarpMethod
from slowfeat_trainer.training.loop import train
from tests.helpers.small_training import config


@pytest.fixture(scope="module")
def file(donor: WarpMethod, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("weights") / "own.safetensors"
    made_of = {"recipe": {"maps": ["MAP09"]}}
    save_starter(path, Starter(weights_of(donor.state_dict()), Fit.of(config()), made_of))
    return path


def test_what_is_written_is_read(donor: WarpMethod, file: Path) -> None:
    found = load_starter(file)
    assert found.fit == Fit((32, 32), (16, 8, 16), 2.0, 384)
    assert found.made_of == {"recipe": {"maps": ["MAP09"]}}
    state = donor.state_dict()
    assert all(torch.equal(tensor, state[name]) for name, tensor in found.tensors.items())
    assert [p.name for p in file.parent.iterdir()] == [file.name]


def test_a_training_starts_from_them_and_keeps_what_is_the_robots_own(
    data: TrainingSet, donor: WarpMethod, file: Path
) -> None:
    own, given = (
        build_method(data, config(starter="none")),
        build_method(data, config(starter=str(file))),
    )
    theirs = donor.state_dict()
    fresh = own.state_dict()
    for name, tensor in given.state_dict().items():
        if name == "warp.correct.0.weight":
            tensor, theirs[name] = tensor[:, :17], theirs[name][:, :17]  # but for the motion
        robots = name.startswith("encoder.normalise") or (
            name.startswith("warp.geometry") and not name.endswith("depth")
        )
        assert torch.equal(tensor, fresh[name] if robots else theirs[name]), name
    carried = [n for n in fresh if not torch.equal(fresh[n], given.state_dict()[n])]
    assert {"encoder.head.weight", "warp.depth_head.weight", "warp.correct.0.weight"} <= set(
        carried
    )


def test_of_a_motion_that_the_weights_never_saw_they_say_nothing(
    data: TrainingSet, donor: WarpMethod
) -> None:
    tensors = weights_of(donor.state_dict())
    tensors["warp.scale"] = tensors["warp.scale"].clone()
    tensors["warp.scale"][4] = 0.0
    method = build_method(data, config(starter="none"))
    assert isinstance(method, WarpMethod)
    method.warp.scale[4] = 7.0
    Starter(tensors, Fit.of(config()), {}).apply(method.encoder, method.warp)
    first = method.warp.correct[0].weight
    assert float(method.warp.scale[4]) == 7.0
    assert not first[:, 16 + 1 + 4].any()
    assert first[:, 16 + 1 + 2].any()  # ahead


def test_of_turns_that_only_shaking_showed_they_do_say_something(data: TrainingSet) -> None:
    shaken = build_method(data, config(starter="none", random_camera_rotation=True))
    assert isinstance(shaken, WarpMethod)
    assert (shaken.warp.scale[3:] > 0).all()
    still = build_method(data, config(starter="none"))
    assert isinstance(still, WarpMethod)
    assert (still.warp.scale[3:] == 0).any()
    weights = weights_of(shaken.state_dict())
    Starter(weights, Fit.of(config()), {}).apply(still.encoder, still.warp)
    assert (still.warp.scale[3:] > 0).all()


def test_without_a_step_the_camera_is_calibrated_all_the_same(
    data: TrainingSet, file: Path, tmp_path: Path
) -> None:
    settings = config(starter=str(file), steps=0)
    before = build_method(data, settings).state_dict()
    after = train(data, settings, tmp_path).state_dict()
    moved = [name for name in before if not torch.equal(before[name], after[name])]
    assert moved
    assert all(name.startswith("warp.geometry.") for name in moved)


def test_weights_that_do_not_fit_are_refused_and_the_shipped_ones_left_out(
    file: Path, tmp_path: Path
) -> None:
    with pytest.raises(
        UsageError,
        match=r"is for frames of 32x32, a map of 16x8x16, a window of 2, a slow code of 384 "
        r"and backbone small, ",
    ):
        starter_for(config(starter=str(file), map_rows=4))
    assert starter_for(config(starter="none")) is None
    with pytest.raises(UsageError, match="cannot be read as starter weights"):
        starter_for(config(starter=str(tmp_path / "none.safetensors")))
    wrong = tmp_path / "wrong.safetensors"
    wrong.write_bytes(b"not weights")
    with pytest.raises(UsageError, match="cannot be read as starter weights"):
        load_starter(wrong)
    foreign = tmp_path / "foreign.safetensors"
    found = load_starter(file)
    for strange in ("encoder.more", "warp.correct.0.bias"):
        tensors = {**found.tensors, strange: torch.zeros(1)}
        save_starter(foreign, Starter(tensors, found.fit, {}))
        with pytest.raises(UsageError, match=f"of another network: .*{strange.split('.', 1)[1]}"):
            apply_to_fresh(load_starter(foreign))


def apply_to_fresh(starter: Starter) -> None:
    from slowfeat_trainer.geometry.camera_geometry import CameraGeometry
    from slowfeat_trainer.models.convnet import Normalise
    from slowfeat_trainer.models.mapnet import MapNet
    from slowfeat_trainer.models.warp_transform import WarpTransform

    shape = starter.fit.map
    window, slow = starter.fit.window, starter.fit.slow
    net = MapNet(Normalise([0.0] * 3, [1.0] * 3), shape, window, slow)
    camera = CameraGeometry((1.0, 1.0), None)
    warp = WarpTransform(camera, shape, np.ones((1, 6)), window=window, slow=slow)
    starter.apply(net, warp)


@pytest.mark.skipif(not FILE.exists(), reason="no weights are shipped")
def test_the_shipped_weights_are_small_fit_the_default_and_name_their_maps() -> None:
    assert FILE.stat().st_size < 4_000_000
    default = config_of_preset("slowfeat")
    starter = starter_for(default)
    assert starter is not None
    assert starter.fit == Fit.of(default)
    assert len(starter.made_of["recipe"]["maps"]) >= 25
    assert starter.made_of["kept_out_maps"]["rho"] < 0.6
    assert starter_for(config()) is None  # frames of another size
    apply_to_fresh(starter)
