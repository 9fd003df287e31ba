"""The default method: what each of its terms teaches, and what it leaves alone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from slowfeat_trainer.config.method_settings import WarpSettings
from slowfeat_trainer.config.train_config import TrainConfig
from slowfeat_trainer.methods import build_method
from slowfeat_trainer.methods.training_set import TrainingSet, draw_batch
from slowfeat_trainer.methods.warp.augment import augment
from slowfeat_trainer.methods.warp.method import WarpMethod
from slowfeat_trainer.training.optimisers import build_optimiser
from tests.helpers.made_up_drive import made_up_set, small_config
from tests.helpers.small_training import config


def test_half_of_a_batch_is_the_bags_own_and_nothing_of_the_rest_is_saved(
    data: TrainingSet, rehearsal_file: Path
) -> None:
    mixed, alone = (config(starter=str(rehearsal_file), rehearsal=share) for share in (0.5, 0.0))
    with_it, without = build_method(data, mixed), build_method(data, alone)
    batch = draw_batch(data, mixed, 0)
    assert np.array_equal(
        with_it.frames_of(batch), np.concatenate([batch.before[:4], batch.after[:4]])
    )
    assert len(without.frames_of(batch)) == 16
    assert set(with_it.state_dict()) == set(without.state_dict())
    assert len(list(with_it.parameters())) == len(list(without.parameters()))


def test_the_terms_are_those_of_both_halves(
    data: TrainingSet, rehearsal_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = config(starter=str(rehearsal_file), rehearsal=0.25)
    method = build_method(data, settings)
    batch = draw_batch(data, settings, 0)
    frames = torch.from_numpy(data.part.frames[method.frames_of(batch)])
    assert len(frames) == 12
    seen = iter([{"ratio": torch.tensor(1.0)}, {"ratio": torch.tensor(5.0)}])
    monkeypatch.setattr(method, "_terms", lambda *_: next(seen))
    assert float(method.losses(frames, batch, data, settings)["ratio"]) == 0.75 + 0.25 * 5


@pytest.fixture(scope="module")
def small_data() -> TrainingSet:
    return made_up_set()


def small_method(small_data: TrainingSet, **changes: object) -> tuple[WarpMethod, TrainConfig]:
    config = small_config(**changes)
    method = build_method(small_data, config)
    assert isinstance(method, WarpMethod)
    return method, config


def terms_of(
    method: WarpMethod, small_data: TrainingSet, config: TrainConfig
) -> dict[str, torch.Tensor]:
    batch = draw_batch(small_data, config, 0)
    frames = torch.from_numpy(small_data.part.frames[method.frames_of(batch)])
    return method.losses(frames, batch, small_data, config)


def test_the_slow_step_teaches_the_step_and_not_the_code(small_data: TrainingSet) -> None:
    method, config = small_method(small_data)
    with torch.no_grad():  # a step that starts at nothing would hand nothing back
        for parameter in method.warp.parameters():
            parameter += 0.1 * torch.randn_like(parameter)
    terms_of(method, small_data, config)["slow_step"].backward()
    taught = {n for n, p in method.named_parameters() if p.grad is not None and p.grad.any()}
    assert any(name.startswith("warp.") for name in taught)
    assert not [name for name in taught if name.startswith("encoder.")]


def test_the_slow_code_is_taught_by_telling_neighbours_from_others(small_data: TrainingSet) -> None:
    method, config = small_method(small_data)
    terms_of(method, small_data, config)["slow"].backward()
    taught = {n for n, p in method.named_parameters() if p.grad is not None and p.grad.any()}
    assert any(name.startswith("encoder.slow.") for name in taught)


def test_weight_decay_shrinks_the_network_and_leaves_the_camera_alone(
    small_data: TrainingSet,
) -> None:
    method, config = small_method(small_data, weight_decay=1.0, learning_rate=0.02)
    optimiser, _ = build_optimiser(method, config)
    before = {name: p.detach().clone() for name, p in method.named_parameters()}
    for parameter in method.parameters():
        parameter.grad = torch.zeros_like(parameter)
    optimiser.step()
    geometry = {n for n in before if n.startswith("warp.geometry.")}
    assert {f"warp.geometry.{n}" for n in ("depth", "log_focal", "tilt", "mirror_xi")} <= geometry
    for name, parameter in method.named_parameters():
        if name in geometry:
            assert torch.equal(parameter, before[name]), name
        elif before[name].any():
            assert float(parameter.norm()) < float(before[name].norm()), name


def test_every_parameter_is_in_one_group_and_the_camera_learns_slowest(
    small_data: TrainingSet,
) -> None:
    method, config = small_method(small_data)
    groups = method.parameter_groups(config)
    listed = [id(p) for group in groups for p in group["params"]]
    assert sorted(listed) == sorted(id(p) for p in method.parameters())
    rate = {id(p): group["lr"] for group in groups for p in group["params"]}
    assert rate[id(method.encoder.head.weight)] == config.learning_rate
    assert rate[id(method.warp.geometry.tilt)] < min(
        r for r in rate.values() if r > rate[id(method.warp.geometry.tilt)]
    )


def test_the_embedding_is_of_unit_norm_in_the_mean_with_the_shares_of_its_parts(
    small_data: TrainingSet,
) -> None:
    method, config = small_method(small_data, slow_share=0.25)
    method.finish(small_data, config)
    with torch.no_grad():
        z = method.encoder(torch.from_numpy(small_data.part.frames[:]))
    square = z.pow(2)
    assert float(square.sum(dim=1).mean()) == pytest.approx(1, rel=1e-3)
    slow = method.slices["slow"]
    assert float(square[:, slow].sum(dim=1).mean()) == pytest.approx(0.25, rel=1e-3)
    assert method.dimension == z.shape[1] == slow.stop


def test_a_pair_in_a_mirror_has_the_mirrored_motion(small_data: TrainingSet) -> None:
    config = small_config(jitter=0.0)
    batch = draw_batch(small_data, config, 0)
    frames = torch.randint(0, 256, (16, 4, 6, 3), dtype=torch.uint8)
    motion = torch.randn(8, 6)
    pictures, moved = augment(frames, motion, batch, config.of(WarpSettings))
    mirrored = ~torch.isclose(moved, motion).all(dim=1)
    assert 0 < int(mirrored.sum()) < 8
    for k in range(16):
        expected = frames[k].flip(1) if mirrored[k % 8] else frames[k]
        assert torch.equal(pictures[k], expected.float())
    # Optical axes: x to the right, y down, z ahead. A mirror turns x, and the rotations about y and
    # z.
    signs = torch.tensor([-1.0, 1, 1, 1, -1, -1])
    torch.testing.assert_close(moved[mirrored], motion[mirrored] * signs)


def test_other_light_falls_on_both_frames_of_a_pair_alike(small_data: TrainingSet) -> None:
    config = small_config(mirror=False, jitter=0.2)
    frames = torch.full((16, 4, 6, 3), 100, dtype=torch.uint8)
    pictures, _ = augment(
        frames, torch.zeros(8, 6), draw_batch(small_data, config, 0), config.of(WarpSettings)
    )
    torch.testing.assert_close(pictures[:8], pictures[8:])
    assert float(pictures[:, 0, 0, 0].std()) > 1
    assert torch.equal(pictures, pictures[:, :1, :1].expand_as(pictures))
