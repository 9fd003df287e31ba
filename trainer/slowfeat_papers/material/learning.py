"""Train a network of an experiment by the trainer's own loop, once: killed, it is continued, and
finished, it is loaded.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from slowfeat.files import write_whole
from slowfeat.ownership import Kind, partial_of, remove
from slowfeat_trainer.config.train_config import TrainConfig, to_yaml
from slowfeat_trainer.console.terminal import progress_bar, say
from slowfeat_trainer.data.cameras import Cameras
from slowfeat_trainer.data.frames import FrameStack
from slowfeat_trainer.data.labels import Labels
from slowfeat_trainer.data.motion_patterns import MotionPatterns
from slowfeat_trainer.data.pairs import Pairs, Part
from slowfeat_trainer.data.recording import Camera
from slowfeat_trainer.methods import Method
from slowfeat_trainer.methods.training_set import TrainingSet
from slowfeat_trainer.training.loop import train
from slowfeat_trainer.training.run_folder import TRAINING

ABOUT = "made_with.txt"
# A network of an experiment, with the figures that were kept beside it.
LEARNED_FOLDER = Kind(
    "a network of an experiment",
    (ABOUT, partial_of(ABOUT), "*.json", "*.tmp", partial_of("*.json"), *TRAINING),
    lambda folder: (folder / ABOUT).is_file(),
)
# Frames that distinguish one training part from another.
SAMPLE = 200


def trained(
    data: TrainingSet, config: TrainConfig, folder: Path, method: Method | None = None
) -> Method:
    """The trained method, on the CPU.

    Args:
        data: what it learns from.
        config: settings; the size of the images is not checked.
        folder: its checkpoints; those of other settings or other data are removed.
        method: built by the caller; None builds it by the configuration.
    """
    about = f"{to_yaml(config)}\n{fingerprint(data.part)}\n"
    file = folder / ABOUT
    if file.is_file() and file.read_text(encoding="utf-8") != about:
        remove(folder, LEARNED_FOLDER)
    folder.mkdir(parents=True, exist_ok=True)
    write_whole(file, about)
    # Fresh weights are drawn from torch's own generator where the caller has not built the method.
    torch.manual_seed(config.seed)
    if not (folder / "checkpoints" / f"step_{config.steps:06d}.pt").exists():
        say(f"  training {folder.name}: {config.steps} updates")
    with progress_bar(config.steps, folder.name, "step") as bar:

        def show(done: int, terms: dict[str, float]) -> None:
            bar.update(done - bar.n)
            bar.set_postfix({name: f"{value:.3f}" for name, value in terms.items()})

        return train(data, config, folder, show, method).cpu()


def fingerprint(part: Part) -> str:
    """Distinguishes one training part from another: its length and a hash of some of its frames."""
    step = -(-len(part) // SAMPLE)
    sample = part.frames[np.arange(0, len(part), step)]
    return f"{len(part)} frames {hashlib.sha256(sample.tobytes()).hexdigest()[:16]}"


def still_part(frames: npt.NDArray[np.uint8], block: npt.NDArray[np.int64]) -> Part:
    """Images (N, H, W, 3) without motion as a part; `block` (N,) says which follow one another."""
    count = len(frames)
    return Part(
        frames=FrameStack([frames]),
        stamps=np.arange(count, dtype=np.int64) * 100_000_000,
        poses=np.tile(np.eye(4), (count, 1, 1)),
        block=block,
    )


def still_set(part: Part, labels: Labels | None = None) -> TrainingSet:
    """What batches of images without motion are drawn from: neighbours in a block, or labels."""
    none = np.zeros(0, np.int64)
    starts = np.flatnonzero(part.block[:-1] == part.block[1:])
    patterns = MotionPatterns(
        np.zeros((1, 6)), np.zeros(6), np.zeros(6), np.zeros(1, dtype=np.int64)
    )
    pairs = Pairs(none, none, np.zeros((0, 6)), np.zeros(0))
    camera, ahead = Camera(), np.zeros(len(part), np.int64)
    return TrainingSet(
        part, camera, patterns, pairs, none, [], starts, ahead, labels, Cameras((camera,))
    )
