"""The network of a run as it was at initialisation and at the checkpoints that were kept."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import torch
from torch import nn

from slowfeat.errors import SlowfeatError
from slowfeat_trainer.data.shrink import Shrink
from slowfeat_trainer.methods import Method, build_method
from slowfeat_trainer.methods.training_set import TrainingSet
from slowfeat_trainer.models.convnet import Cropped
from slowfeat_trainer.report.report_data import ReportData


def initial_method(subject: ReportData) -> Method | None:
    """The method as its training began; None where it cannot be rebuilt from what the run holds.

    A run that started from another one's encoder, or that learned from labels alone, cannot.
    """
    config = subject.config
    if config is None or config.init:
        return None
    config = dataclasses.replace(config, labels="")
    try:
        data = TrainingSet.prepare(subject.split.train, subject.source.camera, config)
        return build_method(data, config).eval()
    except (SlowfeatError, ValueError):
        return None


def stages(subject: ReportData) -> Iterator[tuple[int, nn.Module]]:
    """Step and encoder, uint8 (N, H, W, 3) -> (N, D), of the initial network and of each kept
    checkpoint.

    The encoder is one module whose weights change: use it before the next is asked for.
    """
    method = initial_method(subject)
    if method is None or subject.config is None or subject.run is None:
        return
    reading = subject.config.reading
    encoder = Cropped.around(method.encoder, Shrink(reading.image_size, reading.crop))
    yield 0, encoder
    for file in sorted((subject.run / "checkpoints").glob("step_*.pt")):
        try:
            state = torch.load(file, map_location="cpu", weights_only=True)
            load_encoder(method, state["method"])
        except Exception:  # noqa: S112 - a file of another version is left out, the page is made all the same
            continue
        yield int(state["step"]), encoder


def load_encoder(method: Method, state: dict[str, torch.Tensor]) -> None:
    """Give a method the encoder's weights of a checkpoint, and what belongs to its dictionary."""
    kept = {k: v for k, v in state.items() if k.startswith(("encoder.", "first."))}
    wanted = set(method.state_dict())
    missing = {k for k in wanted if k.startswith(("encoder.", "first."))} - set(kept)
    if missing:
        raise SlowfeatError(f"the checkpoint lacks {sorted(missing)[0]}")
    method.load_state_dict({k: v for k, v in kept.items() if k in wanted}, strict=False)
