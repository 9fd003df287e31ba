"""Checkpoints: believed only when whole, ordered by number, and the older one is
there for when the newest is not.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import torch
from torch import nn

from slowfeat_trainer.config.train_config import config_of_preset
from slowfeat_trainer.training.checkpoints import CheckpointError, Checkpoints, checkpoints_in

CONFIG = config_of_preset("drlim", steps=2_000_000)
CPU = torch.device("cpu")


class Course:
    """A training whose single weight is the number of its step."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.checkpoints = Checkpoints(folder)
        self.net = nn.Linear(64, 64)
        self.optimiser = torch.optim.AdamW(self.net.parameters())

    def save(self, *steps: int) -> None:
        for step in steps:
            nn.init.constant_(self.net.weight, step)
            self.checkpoints.save(self.net, self.optimiser, CONFIG, step)

    def load(self) -> int:
        nn.init.constant_(self.net.weight, -1)
        return self.checkpoints.load(self.net, self.optimiser, CPU)


@pytest.fixture
def course(tmp_path: Path) -> Course:
    return Course(tmp_path / "checkpoints")


def names(folder: Path) -> list[str]:
    return sorted(p.name for p in folder.iterdir())


def test_the_newest_two_stay_by_number_not_by_name(course: Course) -> None:
    course.save(999_800, 999_900, 1_000_000)
    assert names(course.folder) == ["last", "step_1000000.pt", "step_999900.pt"]
    assert course.load() == 1_000_000
    course.save(1_000_100)
    assert names(course.folder) == ["last", "step_1000000.pt", "step_1000100.pt"]
    assert (course.folder / "last").resolve().name == "step_1000100.pt"


def test_one_flipped_bit_is_noticed_wherever_a_weight_is(
    course: Course, capsys: pytest.CaptureFixture[str]
) -> None:
    course.save(100, 200)
    newest = course.folder / "step_000200.pt"
    data = bytearray(newest.read_bytes())
    at = data.find(torch.tensor([200.0] * 8).numpy().tobytes())
    data[at + 3] ^= 0x40
    newest.write_bytes(data)
    assert course.load() == 100
    assert course.net.weight[0, 0].item() == 100.0
    said = capsys.readouterr().err
    assert f"{newest} is damaged" in said
    assert "going on from step_000100.pt" in said


@pytest.mark.parametrize("damage", ["cut", "empty", "zeros", "garbage"])
def test_the_older_one_is_tried_and_without_one_it_is_an_error(course: Course, damage: str) -> None:
    course.save(100, 200)

    def spoil(file: Path) -> None:
        data = file.read_bytes()
        file.write_bytes(
            {
                "cut": data[: len(data) // 2],
                "empty": b"",
                "zeros": bytes(len(data)),
                "garbage": b"\xff" * 100,
            }[damage]
        )

    spoil(course.folder / "step_000200.pt")
    assert course.load() == 100
    spoil(course.folder / "step_000100.pt")
    with pytest.raises(CheckpointError, match=r"step_000200.pt is damaged .* --overwrite"):
        course.load()


def test_of_two_networks_neither_is_taken_for_the_other(course: Course) -> None:
    course.save(100)
    course.net = nn.Linear(3, 3)
    course.optimiser = torch.optim.AdamW(course.net.parameters())
    with pytest.raises(CheckpointError, match="of another network"):
        course.load()


def test_a_link_that_leads_nowhere_is_said(
    course: Course, capsys: pytest.CaptureFixture[str]
) -> None:
    course.save(100, 200)
    (course.folder / "step_000200.pt").unlink()
    assert course.load() == 100
    assert "leads to step_000200.pt, which is gone; going on from step_000100.pt" in (
        capsys.readouterr().err
    )
    (course.folder / "step_000100.pt").unlink()
    assert course.load() == 0
    assert "which is gone; starting at step 0" in capsys.readouterr().err


def test_a_copy_without_links_goes_on(course: Course, tmp_path: Path) -> None:
    course.save(100, 200)
    course.folder = Path(shutil.copytree(course.folder, tmp_path / "copy", symlinks=False))
    course.checkpoints = Checkpoints(course.folder)
    assert course.load() == 200
    for file in checkpoints_in(course.folder)[:2]:
        file.unlink()
    assert course.load() == 200


def test_what_a_killed_write_left_is_cleared_away(course: Course) -> None:
    course.save(100)
    (course.folder / ".step_000200.pt.12345678.partial").write_bytes(b"half")
    assert course.load() == 100
    course.save(200)
    assert names(course.folder) == ["last", "step_000100.pt", "step_000200.pt"]
