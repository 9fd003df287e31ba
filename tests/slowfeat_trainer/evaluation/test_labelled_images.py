"""Folders of labelled images: how they are read, what is refused, and what codes get on them."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from slowfeat.errors import UsageError
from slowfeat_trainer.evaluation.labelled_images import read_labelled_images
from slowfeat_trainer.evaluation.metric_table import recognition_metrics

COLOURS = {"blue": (250, 10, 10), "green": (10, 250, 10), "red": (10, 10, 250)}


def paint(folder: Path, count: int) -> None:
    folder.mkdir(parents=True)
    for i in range(count):
        bgr = np.full((20 + i % 3, 30, 3), COLOURS[folder.name], np.uint8)
        cv2.imwrite(str(folder / f"{i}.png"), bgr)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in COLOURS:
        paint(tmp_path / "set" / name, 30)
    return tmp_path / "set"


def test_images_are_rgb_of_one_size_and_half_of_each_class_is_the_bank(folder: Path) -> None:
    images = read_labelled_images(folder, (16, 24))
    assert images.frames.shape == (90, 16, 24, 3)
    assert images.names == ["blue", "green", "red"]
    red = images.frames[np.flatnonzero(images.classes == 2)]
    assert tuple(red[0, 0, 0]) == (250, 10, 10)
    for c in range(3):
        assert images.is_bank[images.classes == c].sum() == 15
    again = read_labelled_images(folder, (16, 24))
    np.testing.assert_array_equal(images.is_bank, again.is_bank)


def test_train_and_test_folders_are_kept_apart(tmp_path: Path) -> None:
    for name in COLOURS:
        paint(tmp_path / "train" / name, 4)
        paint(tmp_path / "test" / name, 2)
    images = read_labelled_images(tmp_path, (16, 16))
    assert (images.is_bank.sum(), (~images.is_bank).sum()) == (12, 6)


@pytest.mark.parametrize(
    ("kind", "coherence", "right"),
    # An oracle finds the 15 of the class in the bank first; 25 more of the 40 neighbours are of
    # others.
    [
        ("oracle", (15 + sum(15 / k for k in range(16, 41))) / 40, 1),
        ("constant", 1 / 3, 1 / 3),
    ],
)
def test_an_oracle_is_perfect_and_a_constant_gets_chance(
    folder: Path, kind: str, coherence: float, right: float
) -> None:
    images = read_labelled_images(folder, (16, 16))
    z = np.eye(3)[images.classes] if kind == "oracle" else np.ones((90, 3))
    got = recognition_metrics(z, images, repeats=3)
    assert got["auc_class"] == pytest.approx(coherence, abs=1e-9 if kind == "oracle" else 0.1)
    assert got["linear"] == pytest.approx(right)
    assert got["knn"] == pytest.approx(right, abs=0.2 * (1 - right))
    assert got["auc_class_chance"] == pytest.approx(1 / 3)
    assert (got["repeats"], got["linear_error"]) == (3, 0.0)


def test_files_that_are_no_images_are_left_out(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "red" / "broken.png").write_bytes(b"no image")
    (folder / "red" / "notes.txt").write_text("of no account")
    assert len(read_labelled_images(folder, (16, 16)).frames) == 90
    assert "1 images" in capsys.readouterr().err


def test_what_is_no_labelled_set_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is no folder"):
        read_labelled_images(tmp_path / "nowhere", (16, 16))
    paint(tmp_path / "red", 3)
    with pytest.raises(UsageError, match="1 classes"):
        read_labelled_images(tmp_path, (16, 16))
    paint(tmp_path / "blue", 1)
    with pytest.raises(UsageError, match="class blue"):
        read_labelled_images(tmp_path, (16, 16))
