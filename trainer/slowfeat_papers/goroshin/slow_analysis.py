"""sfa: slow feature analysis in closed form (Wiskott & Sejnowski 2002), the
beginning of Goroshin et al. 2015.
"""

from __future__ import annotations

import numpy as np

from slowfeat_papers.goroshin.encoders import SIZE, drives_of, pixels, zca_pixels
from slowfeat_papers.material.part import Bench, Finding, Result, Table
from slowfeat_papers.measures.dictionaries import relative_step
from slowfeat_trainer.config.train_config import config_of_preset
from slowfeat_trainer.data.options import IngestOptions
from slowfeat_trainer.data.scenes import segment_scenes
from slowfeat_trainer.evaluation.compare import Embed
from slowfeat_trainer.evaluation.temporal_coherence import temporal_coherence
from slowfeat_trainer.methods import build_method
from slowfeat_trainer.methods.training_set import TrainingSet
from slowfeat_trainer.models.convnet import embed_frames

NAME = "SFA, 32 slowest of the quadratic functions"


def run(bench: Bench) -> Result:
    """How slow the features stay on maps that they were not fitted to,
    and their temporal coherence.
    """
    drives = drives_of(bench)
    config = config_of_preset("sfa", reading=IngestOptions(image_size=SIZE), starter="none")
    data = TrainingSet.prepare(drives.train_part, drives.camera, config)
    network = build_method(data, config).encoder
    codes: dict[str, Embed] = {
        NAME: lambda frames: embed_frames(network, frames),
        "pixels": pixels,
        "ZCA pixels": zca_pixels(drives.train_part),
    }
    rows = []
    steps: dict[str, float] = {}
    areas: dict[str, float] = {}
    chance = 0.0
    fitted = relative_step(codes[NAME](drives.train_part.frames), drives.train_part.block)
    for name, embed in codes.items():
        for place, part in drives.held_out.items():
            z = embed(part.frames)
            step = float(np.median(relative_step(z, part.block)))
            area, chance = temporal_coherence(z, segment_scenes(part.frames, part.block))
            rows.append([name, place, f"{step:.2f}", f"{area:.3f}", f"{chance:.3f}"])
            steps.setdefault(name, step)
            areas.setdefault(name, area)
    first = float(
        relative_step(
            codes[NAME](next(iter(drives.held_out.values())).frames),
            next(iter(drives.held_out.values())).block,
        )[0]
    )
    return Result(
        findings=[
            Finding(
                "G25",
                f"On held-out maps its features step by {steps[NAME]:.2f} of what two frames "
                f"differ by (the slowest by {first:.2f}; where it was fitted "
                f"{np.median(fitted):.2f}), pixels by {steps['pixels']:.2f}; AUC_time "
                f"{areas[NAME]:.3f} against {areas['pixels']:.3f} of pixels. The paper cites it "
                "and measures nothing.",
                None,
            )
        ],
        tables=[
            Table(
                "Slow feature analysis on frames that it was not fitted to",
                ["code", "drive", "step of a feature, median (1: noise)", "AUC_time", "chance"],
                rows,
            )
        ],
    )
