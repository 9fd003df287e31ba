"""Labelled images: read from all forms, balanced, and rendered where there are none."""

from __future__ import annotations

import pickle
from pathlib import Path

import cv2
import numpy as np
import pytest

from slowfeat.errors import UsageError
from slowfeat_papers.material.image_sets import (
    Pictures,
    balanced,
    read_pictures,
    rendered_pictures,
)

# Of class c an image is c * 40 red.
CLASSES = np.array([0, 0, 0, 0, 1, 1, 2, 2, 2])


def red(level: int, side: int = 24) -> np.ndarray:
    """BGR."""
    picture = np.zeros((side, side + 8, 3), np.uint8)
    picture[:, :, 2] = 40 * level
    return picture


def write_npz(path: Path) -> Path:
    """JPEGs as one blob a part, sorted by class."""
    stored: dict[str, np.ndarray] = {"classes": np.array(["a", "b", "c"])}
    jpegs = [cv2.imencode(".jpg", red(c))[1] for c in CLASSES]
    for part in ("train", "test"):
        stored[f"{part}_jpg"] = np.concatenate(jpegs)
        stored[f"{part}_off"] = np.cumsum([0, *(len(j) for j in jpegs)])
        stored[f"{part}_y"] = CLASSES
    np.savez(path, **stored)
    return path


def write_folders(path: Path) -> Path:
    """train/CLASS/IMAGE and test/CLASS/IMAGE."""
    for part in ("train", "test"):
        for k, c in enumerate(CLASSES):
            folder = path / part / "abc"[c]
            folder.mkdir(parents=True, exist_ok=True)
            cv2.imwrite(str(folder / f"{k}.png"), red(c))
    return path


def check(found: Pictures, most: int) -> None:
    """At most so many of each class, each image that of its class, in RGB."""
    assert found.names == ["a", "b", "c"]
    for frames, classes in (
        (found.train_frames, found.train_classes),
        (found.test_frames, found.test_classes),
    ):
        assert frames.shape[1:] == (16, 20, 3)
        assert frames.dtype == np.uint8
        assert np.bincount(classes).tolist() == [min(n, most) for n in (4, 2, 3)]
        assert np.abs(frames[:, 8, 10, 0].astype(int) - 40 * classes).max() < 8
        assert frames[:, 8, 10, 2].max() < 8


@pytest.mark.parametrize("most", [1, 3, 100])
def test_a_file_of_jpegs_is_read_balanced(tmp_path: Path, most: int) -> None:
    check(read_pictures(write_npz(tmp_path / "p.npz"), (16, 20), most, seed=0), most)


def test_folders_of_images_are_read_alike(tmp_path: Path) -> None:
    check(read_pictures(write_folders(tmp_path), (16, 20), 2, seed=1), 2)


def test_the_seed_draws_which_and_the_same_seed_the_same(tmp_path: Path) -> None:
    classes = np.zeros(50, int)
    assert balanced(classes, 5, 0).tolist() == balanced(classes, 5, 0).tolist()
    assert balanced(classes, 5, 0).tolist() != balanced(classes, 5, 1).tolist()


def test_chance_is_the_share_of_the_class_among_those_known() -> None:
    frames = np.zeros((4, 1, 1, 3), np.uint8)
    found = Pictures(frames, np.array([0, 0, 0, 1]), frames[:2], np.array([0, 1]), ["a", "b"])
    assert found.chance == pytest.approx((0.75 + 0.25) / 2)


def test_a_file_that_lacks_something_is_told_in_one_line(tmp_path: Path) -> None:
    np.savez(tmp_path / "x.npz", train_y=np.zeros(3))
    with pytest.raises(UsageError, match=r"x\.npz cannot be read as images") as error:
        read_pictures(tmp_path / "x.npz", (16, 16), 5, seed=0)
    assert "\n" not in str(error.value)
    (tmp_path / "y.npz").write_bytes(b"no zip")
    with pytest.raises(UsageError, match="cannot be read as images"):
        read_pictures(tmp_path / "y.npz", (16, 16), 5, seed=0)


def test_pickles_in_a_file_are_not_opened(tmp_path: Path) -> None:
    (tmp_path / "z.npz").write_bytes(pickle.dumps({"classes": ["a"]}))
    with pytest.raises(UsageError, match="cannot be read as images"):
        read_pictures(tmp_path / "z.npz", (16, 16), 5, seed=0)


def test_an_empty_folder_is_no_set_of_pictures(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="holds no labelled images"):
        read_pictures(tmp_path, (16, 16), 5, seed=0)


def test_a_class_without_test_pictures_is_refused(tmp_path: Path) -> None:
    folder = write_folders(tmp_path)
    for file in (folder / "test" / "b").iterdir():
        file.unlink()
    with pytest.raises(UsageError, match="lacks images of a class"):
        read_pictures(folder, (16, 16), 5, seed=0)


def test_rendered_objects_differ_within_a_class_and_between_the_parts() -> None:
    found = rendered_pictures((32, 32), 3, seed=0)
    count = len(found.names)
    assert len(found.train_frames) == len(found.test_frames) == 3 * count
    assert np.bincount(found.train_classes).tolist() == [3] * count
    every = np.concatenate([found.train_frames, found.test_frames])
    assert len({frame.tobytes() for frame in every}) == len(every)
    again = rendered_pictures((32, 32), 3, seed=0)
    assert np.array_equal(again.train_frames, found.train_frames)


def test_what_is_behind_a_rendered_object_tells_nothing_of_its_class() -> None:
    found = rendered_pictures((32, 32), 12, seed=0)
    behind = found.train_frames[:, 0, 0, 0].astype(float)
    means = [behind[found.train_classes == c].mean() for c in range(len(found.names))]
    assert behind.std() > 30
    assert np.std(means) < behind.std() / 1.5
