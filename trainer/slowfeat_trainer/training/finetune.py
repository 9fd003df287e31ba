"""Unlabelled pre-training, then fine-tuning (J section 4): a run that starts from another one's
encoder.

The encoder's weights come over with everything that is part of the network, so also with the
normalisation and whitening that were fitted to the other run's frames. Maps, warps and classifiers
are fresh. Which run it was stands in RUN/init.json and in the bundle.
"""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import Tensor, nn

from slowfeat.bundle import sha256
from slowfeat.errors import SlowfeatError, UsageError
from slowfeat.files import write_whole
from slowfeat.schema import build, read_json
from slowfeat_trainer.config.train_config import TrainConfig, load_config
from slowfeat_trainer.console.terminal import say
from slowfeat_trainer.methods import method_of
from slowfeat_trainer.training.checkpoints import CheckpointError, checkpoints_in, read_state

RECORD, CONFIG, CHECKPOINTS, BUNDLE = "init.json", "config.yaml", "checkpoints", "bundle"
ENCODER = "encoder."


@dataclass(frozen=True)
class Origin:
    """What a run started from; written into the run and its bundle."""

    # Last part of the run's path.
    run: str
    preset: str
    # Updates that its encoder had.
    steps: int
    # Of the checkpoint's file.
    sha256: str


def run_of(path: Path) -> Path:
    """The folder of a run, given itself or the bundle in it."""
    return path.parent if (path / "bundle.json").is_file() else path


def has_own_weights(run: Path, overwrite: bool) -> bool:
    """Whether a run has weights of its own to go on from: then the
    one it started from may be gone.
    """
    there = bool(checkpoints_in(run / CHECKPOINTS)) or (run / BUNDLE).exists()
    return there and not overwrite


def check_start(config: TrainConfig, run: Path, overwrite: bool = False) -> None:
    """Refuse, before any bag is read, to start from what holds no weights.

    Raises:
        UsageError: `config.init` is no run with a checkpoint.
    """
    if config.init and not has_own_weights(run, overwrite):
        refuse_no_weights(Path(config.init))


def refuse_no_weights(run: Path) -> None:
    """Refuse a folder that is no run with a checkpoint.

    Raises:
        UsageError: saying what it is instead.
    """
    if not (run / CONFIG).is_file():
        raise UsageError(
            f"--init {run} is no run of slowfeat train (a bundle alone holds no weights to train "
            "on); give the folder that was its --out"
        )
    if not checkpoints_in(run / CHECKPOINTS):
        raise UsageError(
            f"--init {run} has no checkpoint: nothing was learned in it step by step; "
            "give a run with --steps above 0"
        )


def network_of(config: TrainConfig) -> dict[str, Any]:
    """The settings that decide whether one encoder's weights fit into
    another, by the flag to change.
    """
    height, width = config.reading.image_size
    return {"--size": f"{width}x{height}"} | method_of(config).network_of(config)


def finetune_from(
    encoder: nn.Module, config: TrainConfig, run: Path, overwrite: bool = False
) -> Origin | None:
    """Give an encoder the weights of the run that the configuration names.

    A run that has a checkpoint or a bundle of its own goes on from there: then nothing is read, and
    the other run may be gone.

    Args:
        encoder: as built for this configuration.
        config: `init` names the other run; empty does nothing.
        run: folder of this run.
        overwrite: this run starts anew.

    Returns:
        What it started from; None without `init`.

    Raises:
        UsageError: the other run is none, or its network differs; the settings that differ are
            named.
        SlowfeatError: its checkpoint cannot be read, or is another one than this run began with.
    """
    if not config.init:
        return None
    before = None if overwrite else recorded(run)
    if has_own_weights(run, overwrite):
        return before
    other = Path(config.init)
    refuse_no_weights(other)
    theirs = load_config(other / CONFIG)
    refuse_other_network(other, theirs, config)
    file, state = newest_checkpoint(other)
    content = file.read_bytes()
    origin = Origin(other.resolve().name, theirs.preset, int(state["step"]), sha256(content))
    if before and before != origin:
        raise SlowfeatError(
            f"{other} has been trained on since {run} began with it; use --overwrite to start again"
        )
    weights: dict[str, Tensor] = {
        name.removeprefix(ENCODER): value
        for name, value in state["method"].items()
        if name.startswith(ENCODER)
    }
    try:
        encoder.load_state_dict(weights)
    except RuntimeError as error:
        reason = str(error).strip().splitlines()[-1].strip()
        raise UsageError(
            f"the encoder of --init {other} does not fit this one: {reason}"
        ) from error
    return origin


def refuse_other_network(other: Path, theirs: TrainConfig, ours: TrainConfig) -> None:
    """Refuse weights of another network.

    Raises:
        UsageError: naming each setting that differs, with both values.
    """
    old, new = network_of(theirs), network_of(ours)
    different = [
        f"{name.removeprefix('--')} is {old.get(name, 'none')} there and {new.get(name, 'none')} "
        "here"
        for name in {**old, **new}
        if old.get(name) != new.get(name)
    ]
    if different:
        flags = [
            f"{name} {old[name]}"
            for name in old
            if name.startswith("--") and name in new and old[name] != new[name]
        ]
        kind = old["encoder"] != new["encoder"]
        advice = "choose a preset with the same encoder" if kind else "give " + " ".join(flags)
        if not kind and not flags:
            advice = "train with the same map"
        raise UsageError(f"--init {other} has another network ({'; '.join(different)}): {advice}")


def read_checkpoint(file: Path) -> dict[str, Any]:
    """A checkpoint's content, on the CPU, never unpickled.

    Raises:
        CheckpointError: it is damaged.
    """
    state = read_state(file)
    return {"step": state["step"], "method": state["method"]}


def newest_checkpoint(run: Path) -> tuple[Path, dict[str, Any]]:
    """The newest checkpoint of a run that is whole, and its content.

    Raises:
        CheckpointError: there is none.
    """
    reasons = []
    for file in checkpoints_in(run / CHECKPOINTS):
        try:
            state = read_checkpoint(file)
        except CheckpointError as error:
            reasons.append(str(error))
        else:
            for reason in reasons:
                say(f"warning: {reason}; starting from {file.name}")
            return file, state
    raise CheckpointError(
        f"{reasons[0] if reasons else f'{run} has no checkpoint'}, so nothing can be started from "
        "it; train it again with --overwrite"
    )


def record(origin: Origin | None, run: Path) -> None:
    """Write down what a run started from."""
    if origin is not None:
        text = json.dumps(dataclasses.asdict(origin), indent=2) + "\n"
        write_whole(run / RECORD, text)


def recorded(run: Path) -> Origin | None:
    """What a run started from; None for fresh weights.

    Raises:
        SlowfeatError: the file that says it is damaged.
    """
    if not (run / RECORD).exists():
        return None
    advice = "train again with --overwrite"
    data = read_json(run / RECORD, SlowfeatError, advice)
    return build(Origin, data, str(run / RECORD), SlowfeatError)
