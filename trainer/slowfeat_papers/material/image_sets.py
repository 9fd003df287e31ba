"""Images with classes: the user's, or rendered objects where there are none."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from slowfeat.errors import UsageError
from slowfeat.images import Image, resize_for_encoder
from slowfeat_trainer.evaluation.labelled_images import ENDINGS

Frames = npt.NDArray[np.uint8]
Index = npt.NDArray[np.int64]

# Instances of a rendered category: the first are learned from and looked up, the others ask.
KNOWN, UNKNOWN = 6, 4


class Pictures(NamedTuple):
    """Labelled images, divided once and for all."""

    # (N, H, W, 3) uint8 RGB, and (N,) the class of each.
    train_frames: Frames
    train_classes: Index
    test_frames: Frames
    test_classes: Index
    names: list[str]

    @property
    def chance(self) -> float:
        """What a constant code gets: the mean share in the training
        images of a test image's class.
        """
        share = np.bincount(self.train_classes, minlength=len(self.names)) / len(self.train_classes)
        return float(share[self.test_classes].mean())


def read_pictures(path: Path, size: tuple[int, int], most_per_class: int, seed: int) -> Pictures:
    """Labelled images, as many of each class as there are, at most `most_per_class` for each
    part.

    Args:
        path: a .npz of JPEGs (train_jpg, train_off, train_y, test_..., classes), a folder
            train/CLASS/IMAGE and test/CLASS/IMAGE, or the folder of torchvision's CIFAR10.
        size: (height, width) they are stretched to.
        most_per_class: of the training part, and likewise of the test part.
        seed: of which are taken.

    Raises:
        UsageError: it is none of these, or an image cannot be read.
    """
    if path.suffix == ".npz":
        return _read_npz(path, size, most_per_class, seed)
    if (path / "train").is_dir() and (path / "test").is_dir():
        return _read_folders(path, size, most_per_class, seed)
    if (path / "cifar-10-batches-py").is_dir():
        return _read_torchvision(path, size, most_per_class, seed)
    raise UsageError(
        f"{path} holds no labelled images: give a .npz of JPEGs, a folder train/CLASS/IMAGE and "
        "test/CLASS/IMAGE, or the folder that torchvision's CIFAR10 was downloaded to"
    )


def balanced(classes: Index, most: int, seed: int) -> Index:
    """Indices, ascending, of at most `most` of each class (N,), drawn by the seed."""
    rng = np.random.default_rng(seed)
    chosen = [rng.permutation(np.flatnonzero(classes == c))[:most] for c in np.unique(classes)]
    return np.sort(np.concatenate(chosen))


def _read_npz(path: Path, size: tuple[int, int], most: int, seed: int) -> Pictures:
    found: list[tuple[Frames, Index]] = []
    try:
        with np.load(path, allow_pickle=False) as stored:
            names = [str(name) for name in stored["classes"]]
            for part in ("train", "test"):
                blob, ends = stored[f"{part}_jpg"], stored[f"{part}_off"]
                classes = stored[f"{part}_y"].astype(np.int64)
                which = balanced(classes, most, seed)
                pictures = [
                    cv2.imdecode(blob[ends[i] : ends[i + 1]], cv2.IMREAD_COLOR) for i in which
                ]
                found.append((_stack(pictures, size, path), classes[which]))
    except (KeyError, ValueError, IndexError, OSError, cv2.error) as error:
        raise UsageError(
            f"{path} cannot be read as images: {str(error).strip().splitlines()[0]}; it must "
            "hold train_jpg, train_off, train_y, test_jpg, test_off, test_y and classes"
        ) from error
    return Pictures(*found[0], *found[1], names)


def _read_folders(path: Path, size: tuple[int, int], most: int, seed: int) -> Pictures:
    names = sorted(child.name for child in (path / "train").iterdir() if child.is_dir())
    if len(names) < 2:
        raise UsageError(
            f"{path / 'train'} has {len(names)} classes (folders of images), 2 are needed"
        )
    found: list[tuple[Frames, Index]] = []
    for part in ("train", "test"):
        files = [(file, c) for c, name in enumerate(names) for file in _images(path / part / name)]
        if {c for _, c in files} != set(range(len(names))):
            raise UsageError(f"{path / part} lacks images of a class of {path / 'train'}")
        classes = np.array([c for _, c in files], np.int64)
        which = balanced(classes, most, seed)
        pictures = [cv2.imread(str(files[i][0]), cv2.IMREAD_COLOR) for i in which]
        found.append((_stack(pictures, size, path), classes[which]))
    return Pictures(*found[0], *found[1], names)


def _images(folder: Path) -> Iterator[Path]:
    if folder.is_dir():
        yield from sorted(f for f in folder.rglob("*") if f.suffix.lower() in ENDINGS)


def _read_torchvision(path: Path, size: tuple[int, int], most: int, seed: int) -> Pictures:
    from torchvision.datasets import CIFAR10

    found: list[tuple[Frames, Index]] = []
    names: list[str] = []
    for is_train in (True, False):
        try:
            # It opens pickles, but only such as have the hashes of the published files.
            data = CIFAR10(str(path), train=is_train, download=False)
        except RuntimeError as error:
            raise UsageError(f"{path} is no whole CIFAR-10: {error}") from error
        names, classes = list(data.classes), np.array(data.targets, np.int64)
        which = balanced(classes, most, seed)
        pictures = [picture[:, :, ::-1] for picture in data.data[which]]
        found.append((_stack(pictures, size, path), classes[which]))
    return Pictures(*found[0], *found[1], names)


def _stack(pictures: list[Image | None], size: tuple[int, int], path: Path) -> Frames:
    """(N, H, W, 3) RGB of BGR images."""
    if any(picture is None for picture in pictures):
        raise UsageError(f"{path} holds an image that cannot be read")
    return np.stack(
        [
            resize_for_encoder(np.ascontiguousarray(p[:, :, ::-1]), size)
            for p in pictures
            if p is not None
        ]
    )


def rendered_pictures(size: tuple[int, int], most_per_class: int, seed: int) -> Pictures:
    """Categories of rendered objects; those that ask are other objects than those that are known.

    Each view is from another side and has another grey behind it, so that brightness says nothing.

    Args:
        size: (height, width).
        most_per_class: views of a category in each part.
        seed: of the views.
    """
    from slowfeat_papers.rendering.objects import CATEGORIES, make_object
    from slowfeat_papers.rendering.view import render

    rng = np.random.default_rng(seed)
    side = max(size)
    parts: list[tuple[Frames, Index]] = []
    for first, count in ((0, KNOWN), (KNOWN, UNKNOWN)):
        frames, classes = [], []
        for number, category in enumerate(CATEGORIES):
            meshes = [make_object(category, first + k) for k in range(count)]
            for view in range(most_per_class):
                azimuth, elevation = rng.uniform(0, 360), rng.uniform(10, 60)
                grey = render(meshes[view % count], float(azimuth), float(elevation), side)
                behind = int(rng.integers(40, 216))
                grey = np.where(grey == grey[0, 0], behind, grey).astype(np.uint8)
                picture = np.repeat(grey[:, :, None], 3, axis=2)
                frames.append(resize_for_encoder(picture, size))
                classes.append(number)
        parts.append((np.stack(frames), np.array(classes, np.int64)))
    return Pictures(*parts[0], *parts[1], list(CATEGORIES))
