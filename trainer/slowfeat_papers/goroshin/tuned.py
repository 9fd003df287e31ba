"""tune: settings chosen by temporal coherence (Goroshin et al. 2015, section 5)."""

from __future__ import annotations

import dataclasses

from torch import nn

from slowfeat_papers.goroshin.encoders import configuration, drives_of
from slowfeat_papers.material.finding_phrases import mean, spread
from slowfeat_papers.material.learning import trained
from slowfeat_papers.material.part import Bench, Finding, Result, Table
from slowfeat_trainer.data.pairs import Part, split_recordings
from slowfeat_trainer.data.scenes import segment_scenes
from slowfeat_trainer.evaluation.temporal_coherence import temporal_coherence
from slowfeat_trainer.ingest.dataset import open_dataset
from slowfeat_trainer.methods.training_set import TrainingSet
from slowfeat_trainer.models.convnet import embed_frames
from slowfeat_trainer.tuning.spaces import Values, space_of, with_values
from slowfeat_trainer.tuning.study import COHERENCE, Plan, tune

PRESET = "goroshin_1"
CHOSEN, DEFAULT = "chosen", "default"


def run(bench: Bench) -> Result:
    """Choose on the calibration part, then train chosen and default anew and
    ask the part that nobody saw.
    """
    drives = drives_of(bench)
    dataset = open_dataset(drives.dataset)
    config = configuration(bench, PRESET, 0, steps=bench.pick(25, 1500))
    config = dataclasses.replace(config, reading=dataset.options)
    plan = Plan(
        by=COHERENCE,
        config=config,
        space=space_of(config),
        trials=bench.pick(4, 20),
        folds=1,
        repeats=0,
        steps=config.steps,
    )
    study = tune([drives.dataset], bench.folder / "study", plan)
    split = split_recordings(dataset.recordings(), config.split)
    settings = {DEFAULT: study.default.settings}
    settings[CHOSEN] = study.default.settings if study.best is None else study.best.settings
    areas: dict[str, list[float]] = {CHOSEN: [], DEFAULT: []}
    chance = 0.0
    for seed in range(bench.seeds):
        for name, values in settings.items():
            tried = dataclasses.replace(with_values(config, values), seed=seed)
            data = TrainingSet.prepare(split.train, drives.camera, tried)
            encoder = trained(data, tried, bench.folder / f"{name}-{seed}").encoder
            area, chance = asked(encoder, split.test)
            areas[name].append(area)
    said = (
        f"{spread(areas[CHOSEN])} with what was chosen, {spread(areas[DEFAULT])} with the default "
        f"(chance {chance:.3f})"
    )
    same = settings[CHOSEN] == settings[DEFAULT]
    return Result(
        findings=[
            Finding(
                "G24",
                f"AUC_time of the held-out part: {said}; {len(study.rows)} trials of "
                f"{PRESET}"
                + (", the default was the best of them." if same else ".")
                + " The paper chose so for every method.",
                None if same else mean(areas[CHOSEN]) > mean(areas[DEFAULT]),
            )
        ],
        tables=[
            Table(
                "Trials, by AUC_time of the calibration part; trial 0 is the default",
                ["trial", "settings", "AUC_time"],
                [
                    [str(row.number), words(row.settings), f"{row.score(plan.criterion) or 0:.3f}"]
                    for row in study.rows
                ],
            )
        ],
        seeds=bench.seeds,
    )


def asked(encoder: nn.Module, part: Part) -> tuple[float, float]:
    """AUC_time of an encoder on a part, and that of a constant code."""
    z = embed_frames(encoder.eval(), part.frames)
    return temporal_coherence(z, segment_scenes(part.frames, part.block))


def words(settings: Values) -> str:
    """Settings in words."""
    return ", ".join(f"{name} {value:.3g}" for name, value in settings.items())
