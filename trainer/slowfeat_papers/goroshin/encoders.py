"""The eight spaces of Goroshin et al. 2015 (section 5), and what stands beside them: trained once
for all experiments.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import torch
from torch import nn

from slowfeat_papers.material.drive_frames import Drives, make_drives
from slowfeat_papers.material.learning import trained
from slowfeat_papers.material.part import Bench
from slowfeat_trainer.config.preset_table import PRESETS
from slowfeat_trainer.config.train_config import TrainConfig, config_of_preset
from slowfeat_trainer.data.frames import FrameStack
from slowfeat_trainer.data.options import IngestOptions
from slowfeat_trainer.data.pairs import Part
from slowfeat_trainer.evaluation.compare import Embed
from slowfeat_trainer.methods import Method
from slowfeat_trainer.methods.training_set import TrainingSet
from slowfeat_trainer.metrics.equivariance import Matrix
from slowfeat_trainer.models.convnet import Normalise, embed_frames
from slowfeat_trainer.models.goroshin_conv import SIDE, whitened_input
from slowfeat_trainer.models.registry import build_encoder

SIZE = (SIDE, SIDE)
# Preset -> its name in the table of the paper.
PUBLISHED_NAMES = {
    "goroshin_1": "slow, layer 1",
    "goroshin_2": "slow, layer 2 (greedy)",
    "drlim_1": "DrLIM, layer 1",
    "drlim_2": "DrLIM, layer 2 (joint)",
    "group_1": "group l1, layer 1",
    "group_2": "group l1, layer 2 (greedy)",
}
SPARSE, UNTRAINED_1, UNTRAINED_2 = "sparse, layer 1", "untrained, layer 1", "untrained, layer 2"
PIXELS, ZCA = "pixels", "ZCA pixels"
# Their layers are trained one after the other, each with half of the updates.
GREEDY = ("goroshin_2", "group_2")
BATCH = 32
# Updates of a layer.
STEPS_QUICK, STEPS_FULL = 80, 6000


def drives_of(bench: Bench) -> Drives:
    """Drives at 32 x 32 pixels."""
    return make_drives(bench.common, bench.sources.bags, SIZE, bench.pick(60.0, 600.0))


def configuration(bench: Bench, preset: str, seed: int, **settings: object) -> TrainConfig:
    """A preset with the budget of the table: as many updates for each
    layer that is trained by itself.
    """
    given: dict[str, Any] = {"batch_size": BATCH, "seed": seed, "starter": "none"}
    given["steps"] = bench.pick(STEPS_QUICK, STEPS_FULL) * (2 if preset in GREEDY else 1)
    if bench.quick:
        # The usual course of the learning rate would have ended before anything has moved.
        given["schedule"] = "constant"
        if PRESETS[preset].settings.get("method") == "dictionary":
            given["learning_rate"] = 3e-3
    given |= settings
    return config_of_preset(preset, reading=IngestOptions(image_size=SIZE), **given)


def learned(bench: Bench, drives: Drives, preset: str, seed: int, **settings: object) -> Method:
    """A trained preset; what another experiment has trained is taken from there."""
    config = configuration(bench, preset, seed, **settings)
    data = TrainingSet.prepare(drives.train_part, drives.camera, config)
    changed = "".join(f"-{name}={value}" for name, value in settings.items())
    return trained(data, config, bench.common / "encoders" / f"{preset}{changed}-{seed}")


def untrained(drives: Drives, name: str, seed: int) -> nn.Module:
    """A network as initialised: "goroshin_1" or "goroshin_2"."""
    torch.manual_seed(seed)
    return build_encoder(name, drives.train_part.frames, SIZE).eval()


def pixels(frames: FrameStack) -> Matrix:
    """Frames (N, 32, 32, 3) as codes (N, 3072), in [0, 1]."""
    return np.asarray(frames[:].reshape(len(frames), -1), np.float32) / 255


def zca_pixels(part: Part) -> Embed:
    """Pixels whitened as those of a training part ask for; the input of all networks here."""
    net = whitened_input(Normalise.fitted_to(part.frames), SIZE, part.frames)
    return lambda frames: embed_frames(net, frames).reshape(len(frames), -1)


def spaces(bench: Bench, drives: Drives, seed: int) -> dict[str, Embed]:
    """All codes by the name of their row."""
    found: dict[str, Embed] = {
        name: _embed(learned(bench, drives, preset, seed).encoder)
        for preset, name in PUBLISHED_NAMES.items()
    }
    found[SPARSE] = _embed(learned(bench, drives, "sparse_1", seed).encoder)
    found[UNTRAINED_1] = _embed(untrained(drives, "goroshin_1", seed))
    found[UNTRAINED_2] = _embed(untrained(drives, "goroshin_2", seed))
    return {**found, PIXELS: pixels, ZCA: zca_pixels(drives.train_part)}


def _embed(network: nn.Module) -> Embed:
    return partial(embed_frames, network.eval())
