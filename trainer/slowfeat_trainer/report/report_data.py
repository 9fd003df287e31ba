"""One run in a report: its bundle, its frames, what was measured of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from html import escape
from pathlib import Path

from slowfeat.bundle import load_bundle
from slowfeat.encoder import Encoder
from slowfeat_trainer.config.train_config import TrainConfig, load_config
from slowfeat_trainer.console.terminal import say
from slowfeat_trainer.data.pairs import Split
from slowfeat_trainer.evaluation.compare import Embed, Remembered, embed_in_batches, untrained
from slowfeat_trainer.evaluation.measure_bundle import (
    OWN,
    PIXELS,
    UNTRAINED,
    Evaluation,
    EvaluationData,
    measure,
)
from slowfeat_trainer.report.reported_run import ReportedRun, run_of, source_of
from slowfeat_trainer.training.run_folder import CONFIG


@dataclass(frozen=True)
class ReportData:
    """What the sections of the page draw from."""

    name: str
    # Class of its colour in the style: "s0" to "s5".
    style: str
    encoder: Encoder
    # Its folder and settings; None for a bundle without its run.
    run: Path | None
    config: TrainConfig | None
    source: ReportedRun
    material: EvaluationData
    evaluation: Evaluation
    # The code of the bundle, and that of its network as initialised.
    own: Embed
    fresh: Embed

    @property
    def split(self) -> Split:
        """The frames."""
        return self.source.split

    @property
    def heading(self) -> str:
        """Its name above its part of a section, with its colour."""
        return f'<h3 class="run"><span class="key {self.style}"></span>{escape(self.name)}</h3>'

    @property
    def spaces(self) -> dict[str, Embed]:
        """The codes that are compared in images."""
        return {OWN: self.own, PIXELS: self.material.codes[PIXELS], UNTRAINED: self.fresh}


def gather(paths: Sequence[Path], on: Path | None) -> list[ReportData]:
    """Measure runs or bundles.

    Raises:
        UsageError: a path is wrong, or frames are missing.
        BagError: the frames cannot be used.
    """
    subjects: list[ReportData] = []
    known: dict[str, tuple[ReportedRun, EvaluationData]] = {}
    for number, path in enumerate(paths):
        bundle = load_bundle(path)
        run = run_of(path)
        key, source = source_of(bundle, run, on)
        if key not in known:
            known[key] = (source, EvaluationData(source.split, source.camera.horizontal_fov))
        source, material = known[key]
        encoder = Encoder(bundle, provider="cpu")
        own = Remembered(partial(embed_in_batches, encoder))
        config = None if run is None else load_config(run / CONFIG)
        seed = 0 if config is None else config.seed
        fresh = Remembered(untrained(source.split, encoder.info, seed))
        say(f"measuring {bundle.info.name}")
        evaluation = measure(encoder, material, seed, own=own, fresh=fresh)
        name = _unlike(bundle.info.name, [s.name for s in subjects])
        style = f"s{number % 6}"
        subjects.append(
            ReportData(name, style, encoder, run, config, source, material, evaluation, own, fresh)
        )
    return subjects


def _unlike(name: str, others: list[str]) -> str:
    """A name that no other run has."""
    count = 2
    unlike = name
    while unlike in others:
        unlike, count = f"{name} ({count})", count + 1
    return unlike
