"""Fine-tuning: a network that learned from drives goes on with few labels of still images."""

from __future__ import annotations

import numpy as np
import torch

from slowfeat_papers.jayaraman.drive_views import DriveBench
from slowfeat_papers.jayaraman.driving import on_drives
from slowfeat_papers.jayaraman.networks import Learned, Setting, learn
from slowfeat_papers.material.learning import still_part
from slowfeat_papers.material.part import Bench, Table
from slowfeat_trainer.config.train_config import TrainConfig
from slowfeat_trainer.data.frames import FrameStack
from slowfeat_trainer.data.labels import Labels
from slowfeat_trainer.data.pairs import Index
from slowfeat_trainer.evaluation.labelled_images import LabelledImages
from slowfeat_trainer.methods import Method, build_method
from slowfeat_trainer.methods.training_set import TrainingSet
from slowfeat_trainer.metrics.standard_errors import standard_error

# Labelled images a class, and draws of them (J: 5 repeats).
FEW, REPEATS = 10, 5


def fine_tuned(bench: Bench, base: DriveBench, images: LabelledImages, start: str) -> list[float]:
    """Accuracy of clsnet on few labels, started from a network of the drives; one for each draw."""
    accuracies = []
    for draw in range(REPEATS):
        rng = np.random.default_rng([draw, 41])
        bank = np.flatnonzero(images.is_bank)
        of = images.classes
        chosen = np.concatenate([rng.permutation(bank[of[bank] == c])[:FEW] for c in np.unique(of)])
        part = still_part(images.frames[chosen], np.arange(len(chosen)))
        labels = Labels(images.names, of[chosen])
        setting = Setting("scenes", part, base.setting.camera, base.setting.settings)
        source = on_drives(bench, base, start, draw % bench.seeds)

        def build(data: TrainingSet, config: TrainConfig, source: Learned = source) -> Method:
            method = build_method(data, config)
            method.encoder.load_state_dict(source.method.encoder.state_dict())
            return method

        steps = {"steps": bench.pick(60, 3000)}
        learned = learn(
            bench,
            setting,
            "clsnet",
            draw,
            f"from-{start}-{len(images.names)}",
            labels,
            build,
            **steps,
        )
        asked = np.flatnonzero(~images.is_bank)
        accuracies.append(classified(learned, images.frames[asked], of[asked]))
    return accuracies


def classified(learned: Learned, frames: object, classes: Index) -> float:
    """Accuracy of the network's own classifier."""
    stack = FrameStack([frames])  # type: ignore[list-item]
    head = learned.method.terms["classification"].head  # type: ignore[index, union-attr]
    with torch.no_grad():
        guess = head(torch.from_numpy(learned.embed(stack))).argmax(dim=1).numpy()
    return float((guess == classes).mean())


def tuning_table(tuned: dict[str, list[float]]) -> Table:
    """Accuracy of the network's own classifier."""
    rows = [
        [name, f"{100 * np.mean(v):.1f} ±{100 * standard_error(v):.1f}", str(len(v))]
        for name, v in tuned.items()
    ]
    return Table(
        f"Fine-tuned on {FEW} labels a class (± standard error)",
        ["started from", "accuracy %", "draws"],
        rows,
    )
