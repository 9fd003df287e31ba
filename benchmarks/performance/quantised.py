"""Encoders in smaller numbers beside float32: speed, and bytes."""

from __future__ import annotations

import dataclasses

import numpy as np

from benchmarks.made_bundle import made_bundle
from benchmarks.performance.figures import Figure, Section, rate
from benchmarks.performance.material import PRESETS, BenchmarkInputs, note
from benchmarks.performance.turns import Spread, take_turns
from slowfeat.bundle import Bundle
from slowfeat.encoder import Encoder
from slowfeat_trainer.bundling.quantised_models import to_float16, to_int8

CALIBRATION = 64
BATCHES = (1, 32)
TURN_S = 0.1
ABOUT = (
    "The encoders that `slowfeat export --quantise` makes, beside the float32 that they are made "
    "of: frames a second by the engine on this CPU, and bytes. What that costs in retrieval is "
    "measured at export and stands in the bundle. Beside the preset's encoder a wider one for "
    "frames of 224x224, with random weights."
)


def of_bundle(name: str, bundle: Bundle, rounds: int) -> list[Figure]:
    """Speed at each batch size, and bytes."""
    plain = Encoder(bundle, "cpu")
    shape = (max(CALIBRATION, *BATCHES), *plain.image_size, 3)
    frames = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    models = {"int8": to_int8(bundle.encoder, frames), "float16": to_float16(bundle.encoder)}
    engines = {
        kind: Encoder(dataclasses.replace(bundle, encoder=model), "cpu")
        for kind, model in models.items()
    }
    engines["float32"] = plain
    found = []
    for batch in BATCHES:
        works = {
            kind: lambda e=engine, n=batch: e.embed_batch(frames[:n])
            for kind, engine in engines.items()
        }
        turns = take_turns(works, rounds, TURN_S)
        for kind in models:
            case = f"{name}, {kind}, batches of {batch}"
            found.append(rate(case, turns, kind, "float32", batch, "frames/s"))
    for kind, model in models.items():
        sizes = [_exact(len(m) / 1e3) for m in (model, bundle.encoder)]
        ratio = _exact(len(model) / len(bundle.encoder))
        found.append(Figure(f"{name}, {kind}, size", "kB", sizes[0], "float32", sizes[1], ratio))
    return found


def _exact(value: float) -> Spread:
    return Spread(value, value, value, 1)


def measure(material: BenchmarkInputs) -> Section:
    """The default preset's encoder, and a wider one."""
    section = Section("quantised", "Smaller numbers", ABOUT)
    rounds = material.pick(9, 3)
    note("quantised encoders")
    section.figures = of_bundle(PRESETS[0], material.bundle(PRESETS[0]), rounds)
    large = made_bundle(material.folder / "large", "large")
    section.figures += of_bundle("224x224", large, rounds)
    return section
