"""The loop, the fitted transform and the export on a small made-up drive."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch

from slowfeat.errors import BagError, SlowfeatError, UsageError
from slowfeat_trainer.bundling.export_onnx import export_encoder, export_transform
from slowfeat_trainer.bundling.fit_transform import (
    MotionData,
    apply_transform,
    fit_transform,
    gamma_regression,
)
from slowfeat_trainer.config.train_config import TrainConfig, config_of_preset
from slowfeat_trainer.data.motion_patterns import discover_patterns
from slowfeat_trainer.data.options import IngestOptions
from slowfeat_trainer.data.pairs import split_by_time
from slowfeat_trainer.ingest.ingest_bag import read_recording
from slowfeat_trainer.methods import build_method, training_set
from slowfeat_trainer.methods.terms.coherence_terms import DrlimTerm
from slowfeat_trainer.metrics.equivariance import motion_gain, rms
from slowfeat_trainer.models.convnet import Normalise, SmallConvNet
from slowfeat_trainer.models.transform import PatternTransform
from slowfeat_trainer.training import loop as training
from slowfeat_trainer.training.optimisers import build_optimiser, learning_rate_factor
from tests.helpers.bag_factory import make_bag


def config(preset: str = "equiv_drlim", **changes: object) -> TrainConfig:
    reading = IngestOptions(image_size=(32, 32))
    small = {"reading": reading, "dimension": 16, "batch_size": 16, "steps": 12}
    return config_of_preset(preset, **{**small, **changes})


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> training_set.TrainingSet:
    bag = make_bag(tmp_path_factory.mktemp("training") / "bag")
    recording = read_recording(bag, IngestOptions(image_size=(32, 32)))
    return training_set.TrainingSet.prepare(
        split_by_time([recording], 0.2, 0.2).train, recording.camera, config()
    )


def weights(method: torch.nn.Module) -> torch.Tensor:
    return torch.cat([p.detach().flatten() for p in method.parameters()])


def test_training_lowers_the_loss_and_logs_it(
    data: training_set.TrainingSet, tmp_path: Path
) -> None:
    training.train(data, config(steps=120, learning_rate=3e-4), tmp_path)
    lines = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert [line["step"] for line in lines] == [20, 40, 60, 80, 100, 120]
    total = [line["equivariance"] + line["drlim"] for line in lines]
    assert total[-1] < 0.8 * total[0]


@pytest.mark.parametrize("preset", ["equiv_drlim", "slowfeat"])
def test_a_stopped_run_continues_to_the_very_same_weights(
    data: training_set.TrainingSet, tmp_path: Path, preset: str
) -> None:
    for name in ("whole", "stopped"):
        (tmp_path / name).mkdir()
    settings = config(preset, steps=45, checkpoint_every=10)
    whole = training.train(data, settings, tmp_path / "whole")

    def stop(done: int, _: dict[str, float]) -> None:
        if done == 40:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        training.train(data, settings, tmp_path / "stopped", stop)
    # The log is ahead of a checkpoint that was lost; its lines must not appear twice.
    continued = training.train(data, settings, tmp_path / "stopped")
    assert torch.equal(weights(whole), weights(continued))
    steps = [
        json.loads(line)["step"]
        for line in (tmp_path / "stopped" / "log.jsonl").read_text().splitlines()
    ]
    assert steps == [20, 40, 45]


def test_another_seed_gives_other_weights_and_batches(data: training_set.TrainingSet) -> None:
    a, b = config(seed=0), config(seed=1)
    assert not torch.equal(weights(build_method(data, a)), weights(build_method(data, b)))
    first, again = training_set.draw_batch(data, a, 3), training_set.draw_batch(data, a, 3)
    np.testing.assert_array_equal(first.before, again.before)
    assert not np.array_equal(first.before, training_set.draw_batch(data, b, 3).before)
    assert not np.array_equal(first.before, training_set.draw_batch(data, a, 4).before)


def test_rare_patterns_are_drawn_as_often_as_frequent_ones(data: training_set.TrainingSet) -> None:
    drawn = np.concatenate(
        [training_set.draw_batch(data, config(batch_size=64), k).pattern for k in range(50)]
    )
    share = np.bincount(drawn, minlength=len(data.patterns)) / len(drawn)
    np.testing.assert_allclose(share, 1 / len(data.patterns), atol=0.04)


def test_a_broken_checkpoint_and_a_loss_that_explodes_are_named(
    data: training_set.TrainingSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "checkpoints").mkdir()
    (tmp_path / "checkpoints" / "last").write_bytes(b"not a checkpoint")
    with pytest.raises(SlowfeatError, match="--overwrite"):
        training.train(data, config(), tmp_path)
    (tmp_path / "checkpoints" / "last").unlink()
    nan = staticmethod(lambda *_: torch.tensor(float("nan"), requires_grad=True))
    monkeypatch.setattr(DrlimTerm, "contrast", nan)
    with pytest.raises(SlowfeatError, match=r"batch 0 is not finite .*drlim"):
        training.train(data, config(), tmp_path)


def test_too_few_pairs_is_an_error_and_not_an_empty_data_set(
    data: training_set.TrainingSet,
) -> None:
    with pytest.raises(BagError, match=r"only \d+ pairs .*at least 20000"):
        training_set.TrainingSet.prepare(data.part, data.camera, config(batch_size=10000))


def test_the_network_does_not_depend_on_the_batch() -> None:
    frames = np.random.default_rng(0).integers(0, 256, (4, 32, 48, 3), dtype=np.uint8)
    torch.manual_seed(0)
    net = SmallConvNet(Normalise.fitted_to(frames), (32, 48), 8)
    together = net(torch.from_numpy(frames))
    alone = torch.cat([net(torch.from_numpy(frames[k : k + 1])) for k in range(4)])
    torch.testing.assert_close(together, alone)


def turning_code(count: int, noise: float, seed: int) -> MotionData:
    """A heading code (cos, sin) that turns with the robot, with noise that grows with the turn."""
    rng = np.random.default_rng(seed)
    heading, turn = rng.uniform(-np.pi, np.pi, count), rng.uniform(-0.5, 0.5, count)
    motions = np.zeros((count, 6))
    motions[:, 5] = turn

    def code(h: np.ndarray) -> np.ndarray:
        return np.stack([np.cos(h), np.sin(h)], axis=1)

    after = code(heading + turn) + noise * np.abs(turn)[:, None] * rng.normal(size=(count, 2))
    return MotionData(code(heading), after, motions)


def test_the_transform_follows_the_motion_and_knows_its_error() -> None:
    fit, calibration, test = (turning_code(800, 0.2, seed) for seed in range(3))
    patterns = discover_patterns(fit.motions, 3)
    fitted = fit_transform(fit, calibration, patterns, learned={})
    assert fitted.form in ("bilinear", "quadratic")
    after, expected = apply_transform(fitted.module, test.before, test.motions)
    wrong = apply_transform(fitted.module, test.before, test.motions[::-1])[0]
    assert motion_gain(after, wrong, test.after) > 0.9
    real = np.linalg.norm(after - test.after, axis=1)
    assert 0.8 < rms(expected) / rms(real) < 1.25
    assert np.corrcoef(expected, real)[0, 1] > 0.4


def test_a_code_that_does_not_move_gets_no_motion_from_the_fit() -> None:
    data = [
        MotionData(
            np.random.default_rng(s).normal(size=(300, 4)),
            np.random.default_rng(s + 9).normal(size=(300, 4)),
            turning_code(300, 0, s).motions,
        )
        for s in range(3)
    ]
    fitted = fit_transform(data[0], data[1], discover_patterns(data[0].motions, 3), {})
    after = apply_transform(fitted.module, data[2].before, data[2].motions)[0]
    wrong = apply_transform(fitted.module, data[2].before, data[2].motions[::-1])[0]
    assert abs(motion_gain(after, wrong, data[2].after)) < 0.05


def test_learned_maps_are_exported_when_they_predict_best() -> None:
    fit, calibration = turning_code(400, 0.0, 0), turning_code(400, 0.0, 1)
    for part in (fit, calibration):
        part.motions[:, 5] = 0.3  # one motion: any map that is right for it is exact
    patterns = discover_patterns(turning_code(400, 0, 2).motions, 1)
    c, s = np.cos(0.3), np.sin(0.3)
    right = torch.tensor([[[c, s], [-s, c], [0.0, 0.0]]])
    exact = MotionData(
        calibration.before, calibration.before @ right[0, :2].numpy(), calibration.motions
    )
    noisy = MotionData(fit.before, np.random.default_rng(0).normal(size=(400, 2)), fit.motions)
    fitted = fit_transform(noisy, exact, patterns, {"patterns": PatternTransform(patterns, right)})
    assert fitted.form == "patterns"
    assert fitted.calibration_error["patterns"] < 1e-6


def test_gamma_regression_recovers_its_coefficients() -> None:
    rng = np.random.default_rng(0)
    x = np.stack([np.ones(20000), rng.normal(3, 2, 20000), np.full(20000, 5.0)], axis=1)
    target = rng.chisquare(4, 20000) / 4 * np.exp(-1 + 0.5 * x[:, 1])
    w = gamma_regression(x, target, ridge=0.0)
    np.testing.assert_allclose(w[:2], [-1, 0.5], atol=0.05)
    assert w[2] == 0
    assert np.mean(target / np.exp(x @ w)) == pytest.approx(1.0, abs=1e-6)


def test_exported_models_equal_torch_on_any_batch_size() -> None:
    frames = np.random.default_rng(0).integers(0, 256, (7, 32, 48, 3), dtype=np.uint8)
    torch.manual_seed(0)
    net = SmallConvNet(Normalise.fitted_to(frames), (32, 48), 16).eval()
    session = onnxruntime.InferenceSession(export_encoder(net, (32, 48)))
    assert [i.name for i in session.get_inputs()] == ["image"]
    with torch.no_grad():
        expected = net(torch.from_numpy(frames)).numpy()
    for rows in (7, 2, 1):
        got = session.run(["embedding"], {"image": frames[:rows]})[0]
        np.testing.assert_allclose(got, expected[:rows], rtol=1e-4, atol=1e-5)


def test_an_exported_model_does_not_tell_where_it_was_made() -> None:
    frames = np.zeros((2, 32, 32, 3), np.uint8)
    model = export_encoder(SmallConvNet(Normalise.fitted_to(frames), (32, 32), 16), (32, 32))
    here = Path(__file__).resolve()
    for place in (sys.prefix, Path(torch.__file__).parent, here.parents[3], "stack_trace"):
        assert str(place).encode() not in model


@pytest.mark.parametrize("learned", [True, False])
def test_exported_transforms_equal_torch_and_hold_far_motions_in_range(learned: bool) -> None:
    fit, calibration = turning_code(400, 0.1, 0), turning_code(400, 0.1, 1)
    patterns = discover_patterns(fit.motions, 3)
    maps = {}
    if learned:
        identity = torch.eye(3, 2).repeat(len(patterns), 1, 1)
        maps = {"patterns": PatternTransform(patterns, identity)}
        # With standing still as the truth, the identity maps win.
        calibration = MotionData(calibration.before, calibration.before, calibration.motions)
    fitted = fit_transform(fit, calibration, patterns, maps)
    assert (fitted.form == "patterns") == learned
    session = onnxruntime.InferenceSession(export_transform(fitted.module, 2))
    motions = np.zeros((4, 6), np.float32)
    motions[:, 5] = [0.1, -0.4, 0.5, 50.0]
    z = np.tile(np.array([[1.0, 0.0]], np.float32), (4, 1))
    after, error = session.run(
        ["embedding_after", "expected_error"], {"embedding": z, "motion": motions}
    )
    expected = apply_transform(fitted.module, z, motions)
    np.testing.assert_allclose(after, expected[0], rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(error, expected[1], rtol=1e-4, atol=1e-5)
    assert np.linalg.norm(after[3]) < 2
    # Far outside of what was seen the error is that of a guess: twice the variance of the code.
    guess = np.sqrt(2 * np.var(calibration.before, axis=0).sum())
    assert error[3] == pytest.approx(guess, rel=0.01)
    assert error[2] < 0.5 * guess


def test_checkpoints_are_few_and_the_last_is_linked(
    data: training_set.TrainingSet, tmp_path: Path
) -> None:
    training.train(data, config(steps=25, checkpoint_every=10), tmp_path)
    folder = tmp_path / "checkpoints"
    assert sorted(p.name for p in folder.iterdir()) == ["last", "step_000020.pt", "step_000025.pt"]
    assert (folder / "last").readlink() == Path("step_000025.pt")
    state = torch.load(folder / "last", weights_only=True)
    assert state["config"]["steps"] == state["step"] == 25


def test_the_papers_optimiser_and_schedules(data: training_set.TrainingSet, tmp_path: Path) -> None:
    settings = config(optimiser="sgd", schedule="steps", learning_rate=1e-2, steps=40)
    method = build_method(data, settings)
    optimiser, schedule = build_optimiser(method, settings)
    assert isinstance(optimiser, torch.optim.SGD)
    assert optimiser.defaults["nesterov"]
    rates = []
    for step in range(40):
        schedule(step)
        rates.append(optimiser.param_groups[0]["lr"])
    assert rates[0] == 1e-2
    assert rates[30] == pytest.approx(1e-3)
    assert rates[-1] == pytest.approx(1e-4)
    assert learning_rate_factor("constant", 39, 40) == 1.0
    assert learning_rate_factor("cosine", 40, 40) == pytest.approx(0.0)
    training.train(data, settings, tmp_path)
    with pytest.raises(UsageError, match="there are adamw, sgd"):
        config(optimiser="adam")


def test_the_log_is_there_for_tensorboard_too(
    data: training_set.TrainingSet, tmp_path: Path
) -> None:
    accumulator = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    training.train(data, config(steps=40), tmp_path)
    events = accumulator.EventAccumulator(str(tmp_path / "tensorboard")).Reload()
    assert [e.step for e in events.Scalars("drlim")] == [20, 40]
    lines = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert [e.value for e in events.Scalars("drlim")] == pytest.approx(
        [x["drlim"] for x in lines], abs=1e-5
    )
    assert {"data_s", "update_s"} <= set(lines[0])
