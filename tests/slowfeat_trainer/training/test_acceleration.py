"""Channels last and compiled code: the same numbers, and no trace of either in what is trained."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from slowfeat.errors import UsageError
from slowfeat_trainer.bundling.export_onnx import export_encoder
from slowfeat_trainer.config.preset_table import PRESETS
from slowfeat_trainer.config.train_config import TrainConfig, config_of_preset
from slowfeat_trainer.data.options import IngestOptions
from slowfeat_trainer.data.pairs import split_by_time
from slowfeat_trainer.ingest.ingest_bag import read_recording
from slowfeat_trainer.methods import Method, build_method
from slowfeat_trainer.methods.training_set import TrainingSet, draw_batch
from slowfeat_trainer.training.acceleration import accelerate, plain, wanted
from slowfeat_trainer.training.loop import train
from tests.helpers.bag_factory import make_bag

CPU, CUDA = torch.device("cpu"), torch.device("cuda")
needs_compiler = pytest.mark.skipif(
    shutil.which("c++") is None, reason="torch.compile on a CPU needs a C++ compiler"
)
needs_cuda = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA GPU")


def config(preset: str = "slowfeat", **changes: object) -> TrainConfig:
    reading = IngestOptions(image_size=(32, 32))
    small = {"reading": reading, "batch_size": 8, "steps": 6, "learning_rate": 3e-4}
    return config_of_preset(preset, **{**small, **changes})


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> TrainingSet:
    bag = make_bag(tmp_path_factory.mktemp("acceleration") / "bag")
    recording = read_recording(bag, IngestOptions(image_size=(32, 32)))
    split = split_by_time([recording], 0.2, 0.2)
    return TrainingSet.prepare(split.train, recording.camera, config())


def trained(data: TrainingSet, run: Path, settings: TrainConfig) -> Method:
    run.mkdir()
    return train(data, settings, run)


def assert_same(one: Method, other: Method, tolerance: float) -> None:
    for (name, a), b in zip(one.state_dict().items(), other.state_dict().values(), strict=True):
        torch.testing.assert_close(a.cpu(), b.cpu(), rtol=tolerance, atol=tolerance, msg=name)


@pytest.mark.parametrize("preset", ["slowfeat", "equiv_drlim"])
def test_channels_last_trains_the_same_weights(
    data: TrainingSet, tmp_path: Path, preset: str
) -> None:
    one = trained(data, tmp_path / "plain", config(preset))
    other = trained(data, tmp_path / "last", config(preset, channels_last="on"))
    assert_same(one, other, 1e-4)


@needs_compiler
@pytest.mark.slow
def test_compiled_steps_train_the_same_weights(data: TrainingSet, tmp_path: Path) -> None:
    one = trained(data, tmp_path / "plain", config())
    other = trained(data, tmp_path / "compiled", config(compile="on", channels_last="on"))
    assert_same(one, other, 1e-4)


def test_nothing_of_it_is_left_in_what_is_trained(data: TrainingSet) -> None:
    settings = config(compile="on", channels_last="on")
    method = build_method(data, settings)
    frames = torch.from_numpy(data.part.frames[:4])
    before = method.encoder(frames)
    accelerate(method, settings, CPU)
    kernels = [p for p in method.parameters() if p.ndim == 4 and p.shape[1] > 1]
    assert any(not p.is_contiguous() for p in kernels)
    assert method.encoder._compiled_call_impl is not None
    plain(method)
    assert all(p.is_contiguous() for p in kernels)
    assert method.encoder._compiled_call_impl is None
    assert "move_map" not in vars(method.warp)
    assert torch.equal(method.encoder(frames), before)
    assert export_encoder(method.encoder, (32, 32))


@pytest.mark.parametrize(
    ("setting", "on_cpu", "on_gpu"),
    [("auto", False, True), ("on", True, True), ("graphs", True, True), ("off", False, False)],
)
def test_auto_is_for_gpus(setting: str, on_cpu: bool, on_gpu: bool) -> None:
    assert (wanted(setting, CPU), wanted(setting, CUDA)) == (on_cpu, on_gpu)


def test_words_it_does_not_know_are_refused() -> None:
    with pytest.raises(
        UsageError, match="compile 'yes' is unknown; there are off, on, auto, graphs"
    ):
        config(compile="yes")


@pytest.mark.parametrize("preset", [n for n in PRESETS if n not in ("random", "sfa", "clsnet")])
def test_no_step_asks_the_device_for_a_number(
    data: TrainingSet, preset: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A GPU would have to finish before the step goes on. A meta device has no numbers to tell."""
    # It knows nothing of autocast either.
    monkeypatch.setattr(torch, "is_autocast_enabled", lambda _: False)
    settings = config(preset)
    method = build_method(data, settings)
    batch = draw_batch(data, settings, 0)
    frames = torch.from_numpy(data.part.frames[method.frames_of(batch)])
    method, frames = method.to("meta"), frames.to("meta")
    loss = torch.stack(list(method.losses(frames, batch, data, settings).values())).sum()
    loss.backward()  # type: ignore[no-untyped-call]
    torch.nn.utils.clip_grad_norm_(method.parameters(), settings.clip_norm)
    method.after_step()


@needs_cuda
@pytest.mark.parametrize("compiled", ["off", "on", "graphs"])
def test_a_gpu_trains_the_weights_of_the_cpu(
    data: TrainingSet, tmp_path: Path, compiled: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = config(precision="float32", compile=compiled)
    one = trained(data, tmp_path / "gpu", settings)
    monkeypatch.setattr("slowfeat_trainer.training.loop.choose_device", lambda: CPU)
    other = trained(data, tmp_path / "cpu", config(precision="float32", compile="off"))
    assert_same(one, other, 2e-2)


@needs_cuda
def test_the_steps_between_two_lines_of_the_log_wait_for_nothing(data: TrainingSet) -> None:
    settings = config(compile="off")
    method = build_method(data, settings).to(CUDA)
    frames = torch.from_numpy(data.part.frames[:]).to(CUDA)
    for step in range(3):
        batch = draw_batch(data, settings, step)
        pictures = frames[torch.from_numpy(np.asarray(method.frames_of(batch))).to(CUDA)]
        torch.cuda.set_sync_debug_mode("error" if step else "default")
        try:
            terms = method.losses(pictures, batch, data, settings)
            torch.stack(list(terms.values())).sum().backward()
        finally:
            torch.cuda.set_sync_debug_mode("default")
