"""slowfeat remember: images in folders, or labelled stretches of a bag, become a memory."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from slowfeat import cli
from slowfeat.bundle import load_bundle
from slowfeat.encoder import Encoder
from slowfeat.memory import load_memory
from tests.test_architecture import NOT_ON_THE_ROBOT, import_blocked

OUR_BAG = Path(__file__).resolve().parents[3] / "bags" / "sim_tour"


@pytest.fixture
def images(tmp_path: Path) -> Path:
    rng = np.random.default_rng(0)
    for label in ("cup", "mug"):
        (tmp_path / "images" / label).mkdir(parents=True)
        for i in range(2):
            picture = rng.integers(0, 256, (30, 40, 3), dtype=np.uint8)
            cv2.imwrite(str(tmp_path / "images" / label / f"{i}.png"), picture)
    return tmp_path / "images"


def test_images_are_embedded_as_the_robot_would(
    images: Path, tiny_bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["remember", "--model", str(tiny_bundle), "--images", str(images)]
    assert cli.main([*words, "--out", str(tmp_path / "m")]) == 0
    assert "4 views of 2 classes (cup 2, mug 2)" in capsys.readouterr().out
    memory = load_memory(tmp_path / "m")
    assert memory.sources == ["cup/0.png", "cup/1.png", "mug/0.png", "mug/1.png"]
    picture = cv2.cvtColor(cv2.imread(str(images / "mug" / "1.png")), cv2.COLOR_BGR2RGB)
    expected = Encoder(load_bundle(tiny_bundle)).embed(np.asarray(picture, np.uint8))
    np.testing.assert_allclose(memory.embeddings[3], expected, rtol=1e-5)


def test_stretches_of_a_bag_are_embedded(tiny_bundle: Path, tmp_path: Path) -> None:
    (tmp_path / "rooms.csv").write_text("start,end,label\n0,2,hall\n5,6,room\n")
    words = ["remember", str(OUR_BAG), "--model", str(tiny_bundle), "--every", "0.5"]
    words += ["--labels", str(tmp_path / "rooms.csv"), "--out", str(tmp_path / "m")]
    assert cli.main(words) == 0
    memory = load_memory(tmp_path / "m")
    assert memory.names == ["hall", "room"]
    assert np.bincount(memory.classes).tolist() == [4, 2]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "holds no stretch"),
        ("start,end,label\n0,x,hall", "line 2: '0,x,hall' is not start,end,label"),
        ("3,1,hall", "line 1: needs 0 <= start < end"),
        ("9000,9001,hall", "no frame of"),
    ],
)
def test_wrong_labels_are_one_line_and_leave_nothing(
    text: str, reason: str, tiny_bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "rooms.csv").write_text(text)
    words = ["remember", str(OUR_BAG), "--model", str(tiny_bundle)]
    words += ["--labels", str(tmp_path / "rooms.csv"), "--out", str(tmp_path / "m")]
    assert cli.main(words) == 2
    said = capsys.readouterr().err
    assert reason in said
    assert said.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["rooms.csv"]


def test_an_image_that_cannot_be_read_is_named(
    images: Path, tiny_bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (images / "mug" / "2.png").write_bytes(b"no picture")
    words = ["remember", "--model", str(tiny_bundle), "--images", str(images)]
    assert cli.main([*words, "--out", str(tmp_path / "m")]) == 2
    assert "2.png cannot be read as an image" in capsys.readouterr().err
    assert not (tmp_path / "m").exists()


@pytest.mark.parametrize("given", [[], ["--images", "a", "a_bag"]])
def test_images_or_a_bag_must_be_given(
    given: list[str], tiny_bundle: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["remember", "--model", str(tiny_bundle), "--out", "m", *given]) == 2
    assert "either --images FOLDER, or a BAG" in capsys.readouterr().err


def test_the_robot_can_do_it_without_the_trainer() -> None:
    done = import_blocked(NOT_ON_THE_ROBOT, ["slowfeat.commands.remember", "slowfeat.memory"])
    assert done.returncode == 0, done.stderr
