"""Recognition on a folder of labelled images: CLASS/IMAGE, or
train/CLASS/IMAGE and test/CLASS/IMAGE.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from slowfeat.errors import UsageError
from slowfeat.image_files import read_image_file
from slowfeat.images import Image, resize_for_encoder
from slowfeat.scaled_decoding import Size
from slowfeat_trainer.console.terminal import say
from slowfeat_trainer.data.frames import FrameStack

Index = npt.NDArray[np.int64]

ENDINGS = (".png", ".jpg", ".jpeg", ".bmp", ".webp", ".tif", ".tiff", ".ppm", ".pgm")
# Few labels (J): images a class, drawn anew for each repeat.
LABELS_PER_CLASS = 10
# A code's own neighbours cost all pairs of distances.
MAX_TEST = 2000


@dataclass(frozen=True)
class LabelledImages:
    """Images of one size with their classes, divided."""

    # (N, H, W, 3) uint8 RGB.
    frames: FrameStack
    # (N,) number of each image's class, in the order of the names.
    classes: Index
    names: list[str]
    # (N,) whether an image is in the bank that is looked up and learned from; the others are
    # queries.
    is_bank: npt.NDArray[np.bool_]


def read_labelled_images(
    folder: Path, size: Size, seed: int = 0, wanted: Size | None = None
) -> LabelledImages:
    """Images under a folder, stretched to (height, width) as the robot would.

    JPEGs are decoded for the size `wanted` (slowfeat.scaled_decoding); None: all pixels.

    Without train/ and test/ a random half of each class is the bank.

    Raises:
        UsageError: no folder, fewer than two classes, or a class with fewer than two images.
    """
    if not folder.is_dir():
        raise UsageError(f"--images {folder} is no folder; give one of the form CLASS/IMAGE")
    divided = (folder / "train").is_dir() and (folder / "test").is_dir()
    bank, queries = (
        (_files(folder / "train"), _files(folder / "test")) if divided else (_files(folder), {})
    )
    names = sorted(bank | queries)
    if len(names) < 2:
        raise UsageError(
            f"--images {folder} has {len(names)} classes (folders of images), 2 are needed"
        )
    pictures: list[Image] = []
    classes: list[int] = []
    is_bank: list[bool] = []
    rng, unread = np.random.default_rng(seed), 0
    for number, name in enumerate(names):
        files = [(file, True) for file in bank.get(name, [])]
        files += [(file, False) for file in queries.get(name, [])]
        if not divided:
            half = set(rng.permutation(len(files))[: len(files) // 2].tolist())
            files = [(file, i in half) for i, (file, _) in enumerate(files)]
        if {part for _, part in files} != {True, False}:
            raise UsageError(
                f"--images {folder}: class {name} needs images to learn from and to ask for"
            )
        for file, part in files:
            picture = read_image_file(file, wanted)
            if picture is None:
                unread += 1
                continue
            pictures.append(resize_for_encoder(picture, size))
            classes.append(number)
            is_bank.append(part)
    if unread:
        say(f"  warning: {unread} images under {folder} cannot be read and are left out")
    if not pictures:
        raise UsageError(f"--images {folder}: no image could be read")
    return LabelledImages(
        FrameStack([np.stack(pictures)]), np.array(classes), names, np.array(is_bank)
    )


def _files(folder: Path) -> dict[str, list[Path]]:
    found = {}
    for child in sorted(path for path in folder.iterdir() if path.is_dir()):
        files = sorted(f for f in child.rglob("*") if f.suffix.lower() in ENDINGS)
        if files:
            found[child.name] = files
    return found


def draw_few_labels(bank: Index, classes: Index, seed: int) -> Index:
    """LABELS_PER_CLASS images of each class among those of the bank (B,), at random."""
    rng = np.random.default_rng(seed)
    chosen = [
        rng.permutation(bank[classes[bank] == c])[:LABELS_PER_CLASS]
        for c in np.unique(classes[bank])
    ]
    return np.sort(np.concatenate(chosen))
