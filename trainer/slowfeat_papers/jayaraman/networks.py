"""The networks of the experiments: trained once for a setting and a seed, then
shared by all that need them.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from slowfeat.geometry import Array
from slowfeat_papers.material.learning import still_set, trained
from slowfeat_papers.material.part import Bench
from slowfeat_trainer.bundling.fit_transform import apply_transform
from slowfeat_trainer.config.train_config import TrainConfig, config_of_preset
from slowfeat_trainer.data.frames import FrameStack
from slowfeat_trainer.data.labels import Labels
from slowfeat_trainer.data.motion_patterns import MotionPatterns, discover_patterns
from slowfeat_trainer.data.options import IngestOptions
from slowfeat_trainer.data.pairs import Part
from slowfeat_trainer.data.recording import Camera
from slowfeat_trainer.ingest.dataset import write_json
from slowfeat_trainer.methods import Method
from slowfeat_trainer.methods.training_set import TrainingSet
from slowfeat_trainer.metrics.equivariance import Matrix
from slowfeat_trainer.models.convnet import embed_frames

NETWORKS = "networks"
# The methods of the paper's tables that learn without labels, and the others that are set beside
# them.
UNLABELLED: tuple[str, ...] = (
    "temporal",
    "drlim",
    "equiv",
    "equiv_drlim",
    "equiv_drlim_nondiscrete",
    "lsm",
    "ssfa",
)
OURS = ("lie", "slowfeat")
# The paper's optimisation: Nesterov's momentum, Glorot initialisation (in every model), a step
# schedule.
PAPERS_OPTIMISATION: dict[str, Any] = {
    "optimiser": "sgd",
    "momentum": 0.9,
    "schedule": "steps",
    "weight_decay": 5e-4,
}


@dataclass(frozen=True)
class Setting:
    """What networks of one experiment learn from."""

    # Its folder under common/networks: "grid", "drives".
    name: str
    part: Part
    camera: Camera
    # Settings of TrainConfig for all methods.
    settings: dict[str, Any]
    # Those of the presets that stay as they are, because the paper has no such method.
    keeps_its_optimiser: tuple[str, ...] = OURS


@dataclass(frozen=True)
class Learned:
    """A trained network."""

    method: Method
    patterns: MotionPatterns
    folder: Path
    data: TrainingSet

    def embed(self, frames: FrameStack) -> Matrix:
        """Embeddings (N, D) of frames (N, H, W, 3)."""
        return embed_frames(self.method.encoder, frames)

    @property
    def predict(self) -> Callable[[Matrix, Array], Matrix] | None:
        """The map that it has learned itself, (P, D) and motions (P, 6)
        to (P, D); None if it has none.
        """
        maps = list(self.method.transforms(self.data).values())
        if not maps:
            return None
        module = maps[0].eval()
        return lambda z, motions: apply_transform(module, z, motions)[0]

    @property
    def seconds(self) -> float:
        """What the training took, by its log: that of a killed run is counted once."""
        return seconds_of(self.folder)


def learn(
    bench: Bench,
    setting: Setting,
    preset: str,
    seed: int,
    tag: str = "",
    labels: Labels | None = None,
    build: Callable[[TrainingSet, TrainConfig], Method] | None = None,
    **changes: Any,
) -> Learned:
    """A network of a setting, trained unless it is there.

    Args:
        bench: common holds it.
        setting: what it learns from.
        preset: which method.
        seed: of everything that is drawn.
        tag: distinguishes it from others of the same preset; goes into the folder's name.
        labels: classes of the part's frames; with them a preset other than clsnet is trained
            jointly.
        build: makes the method, where it is not that of the configuration.
        changes: settings of TrainConfig.
    """
    config = configuration(setting, preset, seed, bool(labels), **changes)
    part = setting.part
    # clsnet learns no motion, and labelled images need not move.
    if preset == "clsnet" and not np.ptp(part.poses[:, :3, 3], axis=0).any():
        data = still_set(part, labels)
    else:
        data = prepared(part, setting.camera, config, labels)
    name = "-".join([preset, *([tag] if tag else []), str(seed)])
    folder = bench.common / NETWORKS / setting.name / name
    method = None if build is None else build(data, config)
    method = trained(data, config, folder, method)
    return Learned(method.eval(), data.patterns, folder, data)


def prepared(part: Part, camera: Camera, config: TrainConfig, labels: Labels | None) -> TrainingSet:
    """What batches are drawn from. The last one is remembered: many methods learn from the same."""
    told = (config.max_gap_s, config.patterns, config.drop_slowest, config.seed, config.batch_size)
    if not _LAST or _LAST[0][0] is not part or _LAST[0][1] != told:
        _LAST[:] = [(part, told, TrainingSet.prepare(part, camera, config))]
    return replace(_LAST[0][2], labels=labels)


_LAST: list[tuple[Part, tuple[float, ...], TrainingSet]] = []


def configuration(
    setting: Setting, preset: str, seed: int, joint: bool, **changes: Any
) -> TrainConfig:
    """The settings of a network: the preset's, then the setting's, then what the caller changes."""
    height, width = setting.part.frames.shape[1:3]
    reading = IngestOptions(image_size=(height, width))
    settings = {**setting.settings, **changes, "seed": seed, "reading": reading}
    if preset in setting.keeps_its_optimiser:
        for name in (*PAPERS_OPTIMISATION, "learning_rate", "encoder", "dimension"):
            settings.pop(name, None)
    if preset == "slowfeat":
        settings["starter"] = "none"
    if preset == "random":
        settings["steps"] = 0
    if joint and preset != "clsnet":
        # Any text: the labels themselves are given, but a configuration without says there are
        # none.
        settings["labels"] = "given"
    return config_of_preset(preset, **settings)


def scale_of_features(bench: Bench, setting: Setting, seed: int, preset: str = "") -> float:
    """Median distance of two frames in the untrained network: the unit for margins; l1 for
    temporal, else l2.

    A margin only sets the scale of the features (J, appendix), but one far below what a network
    starts with first shrinks its features to nothing, and a small one with ReLUs does not come
    back.
    """
    file = bench.common / NETWORKS / setting.name / f"scale-{seed}.json"
    if not file.is_file():
        z = learn(bench, setting, "random", seed).embed(FrameStack([setting.part.frames[::7]]))
        step = z - z[np.random.default_rng(seed).permutation(len(z))]
        found = {f"l{k}": float(np.median(np.linalg.norm(step, ord=k, axis=1))) for k in (1, 2)}
        write_json(file, found)
    scales = json.loads(file.read_text(encoding="utf-8"))
    return float(scales["l1" if preset == "temporal" else "l2"])


def margins(preset: str, scale: float) -> dict[str, Any]:
    """Margins in units of the features' own scale, and the weights
    of two terms beside each other.
    """
    found: dict[str, Any] = {"drlim_margin": scale, "equivariance_margin": scale}
    if preset == "equiv_drlim":
        # At equal weights, or with the paper's margin of 0.1 for equivariance, drlim wins and the
        # code collapses.
        found["terms"] = {"equivariance": 1.0, "drlim": 0.1}
    return found


def atomic_patterns(part: Part, count: int) -> MotionPatterns:
    """The motion patterns of pairs half a second apart, for maps that are refitted."""
    return discover_patterns(part.pairs_at_gap(0.5).motions, count)


def seconds_of(folder: Path) -> float:
    """Seconds of a training by its log; 0 where nothing was trained."""
    file = folder / "log.jsonl"
    if not file.is_file():
        return 0.0
    lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    done, total = 0, 0.0
    for line in lines:
        total += (line["step"] - done) * (line["data_s"] + line["update_s"])
        done = line["step"]
    return total
