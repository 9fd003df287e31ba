"""Labels of stretches of a bag, and which frames they name."""

from __future__ import annotations

from pathlib import Path

import pytest

from slowfeat.errors import UsageError
from slowfeat_trainer.commands import remember
from slowfeat_trainer.commands.remember import Stretch, labelled_frames, read_labels
from tests.helpers.bag_factory import BagRecipe, make_bag
from tests.helpers.command_arguments import parsed


def test_stretches_are_read_with_and_without_a_header(tmp_path: Path) -> None:
    file = tmp_path / "rooms.csv"
    wanted = [Stretch(0.0, 12.5, "kitchen"), Stretch(20.0, 31.0, "hall, long")]
    file.write_text('0,12.5,kitchen\n\n20, 31,"hall, long"\n')
    assert read_labels(file) == wanted
    file.write_text('\ufeffStart,End,Label\n0,12.5,kitchen\n20,31,"hall, long"\n', "utf-8")
    assert read_labels(file) == wanted


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("0,1,a\n1,a\n", "line 2: '1,a' is not start,end,label"),
        ("0,1,a\nx,2,b\n", "line 2"),
        ("3,2,a\n", "0 <= start < end"),
        ("0,inf,a\n", "0 <= start < end"),
        ("0,1,\n", "and a label"),
        ("start,end,label\n", "holds no stretch"),
    ],
)
def test_a_wrong_line_is_refused_by_its_number(tmp_path: Path, content: str, says: str) -> None:
    (tmp_path / "rooms.csv").write_text(content)
    with pytest.raises(UsageError, match=says):
        read_labels(tmp_path / "rooms.csv")


def test_frames_are_those_received_within_a_stretch_and_apart(tmp_path: Path) -> None:
    bag = make_bag(tmp_path / "drive", BagRecipe(frames=40))
    stretches = [Stretch(0.0, 1.0, "first"), Stretch(2.0, 3.0, "second")]
    found = list(labelled_frames(bag, None, stretches, 0.5))
    # 10 Hz for a second: two frames half a second apart.
    assert [label for label, _, _ in found] == ["first", "first", "second", "second"]
    times = [float(source.split()[1]) for _, source, _ in found]
    assert all(0 <= t < 1 for t in times[:2])
    assert all(2 <= t < 3 for t in times[2:])
    assert times[1] - times[0] >= 0.5 - 1e-3
    assert found[0][2].shape == (48, 64, 3)
    with pytest.raises(UsageError, match=r"no frame of .* between 90 and 91 s"):
        list(labelled_frames(bag, None, [Stretch(90.0, 91.0, "never")], 0.5))


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ((), "either --images FOLDER, or a BAG"),
        (("bag", "--images", "folder"), "either --images FOLDER, or a BAG"),
        (("bag",), "give --labels CSV"),
        (("bag", "--labels", "a.csv", "--every", "0"), "--every 0"),
    ],
)
def test_wrong_use_is_refused(words: tuple[str, ...], says: str) -> None:
    with pytest.raises(UsageError, match=says):
        remember.run(parsed(remember, *words, "--model", "m", "--out", "o"))
