"""Many bags into one dataset: finished bag by bag, continued,
extended, and never silently empty.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from slowfeat.cli import main
from slowfeat.errors import BagError, SlowfeatError, UsageError
from slowfeat_trainer.data.options import SplitRule
from slowfeat_trainer.ingest.dataset import (
    BAGS,
    DATASET,
    DatasetError,
    open_dataset,
    write_json,
)
from slowfeat_trainer.ingest.engines import open_engine
from slowfeat_trainer.ingest.ingest_bag import read_recording
from slowfeat_trainer.ingest.ingest_bags import ingest
from tests.helpers.bag_factory import BagRecipe, make_bag
from tests.helpers.made_dataset import SMALL, take


def fingerprint(folder: Path) -> dict[str, str]:
    """Hash of every file, by its path."""
    return {
        str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in sorted(folder.rglob("*"))
        if p.is_file()
    }


def test_a_dataset_holds_what_reading_the_bag_gives(bags: list[Path], tmp_path: Path) -> None:
    dataset = open_dataset(take(bags, tmp_path / "data").path)
    assert dataset.frames == 270
    for bag, recording in zip(bags, dataset.recordings(), strict=True):
        direct = read_recording(bag, SMALL)
        assert isinstance(recording.frames, np.memmap)
        for name in ("frames", "stamps", "poses", "episode"):
            np.testing.assert_array_equal(getattr(recording, name), getattr(direct, name))
        told = replace(recording, frames=direct.frames, stamps=direct.stamps)
        told = replace(told, poses=direct.poses, episode=direct.episode, path=direct.path)
        assert told == direct
    assert not list(dataset.verify())


def test_a_lens_travels_with_the_dataset_and_a_pinholes_is_as_ever(tmp_path: Path) -> None:
    for name, bends in (("barrel", True), ("pinhole", False)):
        distortion = ("plumb_bob", (-0.2 * bends, 0.05 * bends, 0.0, 0.0, 0.0))
        recipe = BagRecipe(with_camera_info=True, distortion=distortion)
        bag = make_bag(tmp_path / name, recipe)
        out = tmp_path / f"{name}_set"
        (found,) = take([bag], out).recordings()
        assert found.camera == read_recording(bag, SMALL).camera
        assert (found.camera.lens is not None) is bends
        # Written only where there is one: programs that know of none go on reading the others.
        about = json.loads(next(out.rglob("recording.json")).read_text())
        assert ("lens" in about["camera"]) is bends
        assert json.loads((out / "dataset.json").read_text())["schema"] == 1


def test_the_same_command_again_reads_nothing_again(
    bags: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "data"
    take(bags, out)
    before = fingerprint(out)
    times = {p: p.stat().st_mtime_ns for p in out.rglob("*.npy")}
    take(bags, out)
    assert fingerprint(out) == before
    assert {p: p.stat().st_mtime_ns for p in out.rglob("*.npy")} == times
    assert "stands in" in capsys.readouterr().err


def test_bags_can_be_added_and_come_once(bags: list[Path], tmp_path: Path) -> None:
    out = tmp_path / "data"
    take(bags[:1], out)
    copy = Path(shutil.copytree(bags[0], tmp_path / "copy"))
    dataset = take([copy, *bags], out)
    assert [entry.name for entry in dataset.entries] == ["a", "b"]
    assert fingerprint(out) == fingerprint(take(bags, tmp_path / "at_once").path)


def test_other_options_are_refused_by_name(bags: list[Path], tmp_path: Path) -> None:
    out = tmp_path / "data"
    take(bags, out)
    before = fingerprint(out)
    with pytest.raises(UsageError, match=r"rate_hz None -> 5.0.*choose another --out"):
        take(bags, out, replace(SMALL, rate_hz=5.0))
    with pytest.raises(UsageError, match=r"by 'time' -> 'bag'"):
        take(bags, out, split=SplitRule(by="bag"))
    assert fingerprint(out) == before


def test_a_foreign_folder_is_left_alone(bags: list[Path], tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "cat.jpg").write_text("precious")
    with pytest.raises(UsageError, match="is no dataset"):
        take(bags, tmp_path / "photos")
    assert (tmp_path / "photos" / "cat.jpg").read_text() == "precious"


def test_a_bag_that_cannot_be_used_stops_nothing_and_is_not_hidden(
    bags: list[Path], tmp_path: Path
) -> None:
    blind = make_bag(tmp_path / "blind", BagRecipe(image_topics=()))
    out = tmp_path / "data"
    with pytest.raises(BagError, match=r"blind has no image topic.*--skip-unusable"):
        take([bags[0], blind, bags[1]], out)
    with pytest.raises(DatasetError, match="is not finished"):
        open_dataset(out)
    dataset = take([bags[0], blind, bags[1]], out, skip_unusable=True)
    assert [entry.name for entry in dataset.entries] == ["a", "b"]


def test_too_few_pairs_are_an_error_with_the_reasons(tmp_path: Path) -> None:
    faults = BagRecipe(frames=60, broken_jpeg=set(range(20)), nan_pose={100, 101})
    bag = make_bag(tmp_path / "bag", faults)
    with pytest.raises(BagError, match=r"only 3\d pairs .* in 40 frames.*20 image: cannot") as said:
        take([bag], tmp_path / "data")
    assert "\n" not in str(said.value)
    with pytest.raises(DatasetError, match="not finished"):
        open_dataset(tmp_path / "data")
    take([bag], tmp_path / "data", min_pairs=10)


def test_nothing_usable_leaves_nothing_behind(tmp_path: Path) -> None:
    blind = make_bag(tmp_path / "blind", BagRecipe(image_topics=()))
    with pytest.raises(BagError):
        take([blind], tmp_path / "data")
    assert not (tmp_path / "data").exists()


def test_two_programs_do_not_write_one_dataset(bags: list[Path], tmp_path: Path) -> None:
    import fcntl

    out = tmp_path / "data"
    out.mkdir()
    with (out / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(UsageError, match="another slowfeat ingest is writing"):
            take(bags, out)
    take(bags, out)


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (lambda d: (d / DATASET).unlink(), "cannot be read"),
        (lambda d: (d / DATASET).write_text("{"), "cannot be read"),
        (lambda d: (d / DATASET).write_text("[]"), "not a JSON object"),
        (lambda d: write_json(d / DATASET, {"schema": 99, "complete": True}), "update slowfeat"),
        (lambda d: write_json(d / DATASET, {"schema": 1, "complete": True}), "options is missing"),
        (lambda d: next(d.glob("bags/*/poses.npy")).unlink(), "damaged"),
        (lambda d: np.save(next(d.glob("bags/*/stamps.npy")), np.arange(3)), "for 3 stamps it is"),
        (lambda d: next(d.glob("bags/*/frames.npy")).write_bytes(b"\x93NUMPY\x01\x00"), "damaged"),
        (lambda d: next(d.glob("bags/*/recording.json")).write_text("{}"), "bag is missing"),
    ],
)
def test_a_damaged_dataset_is_refused_in_one_line(
    bags: list[Path], tmp_path: Path, damage: object, says: str
) -> None:
    out = take(bags[:1], tmp_path / "data").path
    damage(out)  # type: ignore[operator]
    with pytest.raises(DatasetError, match=says) as caught:
        open_dataset(out).recordings()
    assert "\n" not in str(caught.value)


@pytest.fixture
def many_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Several chunks of each bag, so that workers do overtake each other."""
    monkeypatch.setattr("slowfeat_trainer.ingest.read_images.CHUNK_MESSAGES", 7)


@pytest.fixture
def by_one_thread(bags: list[Path], tmp_path: Path) -> dict[str, str]:
    with open_engine(workers=1) as engine:
        return fingerprint(ingest(bags, tmp_path / "one", SMALL, engine).path)


@pytest.mark.parametrize("workers", [2, 5])
def test_several_threads_write_the_same_bytes_as_one(
    workers: int,
    bags: list[Path],
    many_chunks: None,
    by_one_thread: dict[str, str],
    tmp_path: Path,
) -> None:
    with open_engine(workers=workers) as engine:
        ingest(bags, tmp_path / "many", SMALL, engine)
    assert fingerprint(tmp_path / "many") == by_one_thread


@pytest.mark.slow
def test_a_ray_cluster_of_two_workers_writes_the_same_bytes(
    bags: list[Path], many_chunks: None, by_one_thread: dict[str, str], tmp_path: Path
) -> None:
    pytest.importorskip("ray", reason="Ray (extra cluster) is not installed")
    with open_engine("ray", workers=2) as engine:
        ingest(bags, tmp_path / "ray", SMALL, engine)
    assert fingerprint(tmp_path / "ray") == by_one_thread


def test_the_bytes_are_those_of_rosbags_own_reading(
    bags: list[Path],
    by_one_thread: dict[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What is read past rosbags (chunks, images, odometry) must not be seen in a dataset."""
    from rosbags.rosbag2.storage_mcap import McapReader

    monkeypatch.setattr("slowfeat_trainer.bags.storage_file.ChunkedMcapReader", McapReader)
    monkeypatch.setattr("slowfeat_trainer.ingest.chunks.compressed_picture", lambda _: None)
    monkeypatch.setattr("slowfeat_trainer.motion.odometry_topic.read_block", lambda _: None)
    assert fingerprint(take(bags, tmp_path / "plain").path) == by_one_thread


COMMAND = [sys.executable, "-m", "slowfeat", "ingest"]


@pytest.mark.slow
def test_killed_at_any_moment_it_continues_to_the_same_bytes(tmp_path: Path) -> None:
    made = [make_bag(tmp_path / f"bag{k}", BagRecipe(frames=400 + k)) for k in range(4)]
    command = [*COMMAND, *map(str, made), "--size", "160x120", "--out"]
    begun = time.monotonic()
    subprocess.run([*command, str(tmp_path / "whole")], check=True, capture_output=True)
    seconds = time.monotonic() - begun
    whole = fingerprint(tmp_path / "whole")
    rng = random.Random(0)
    for attempt in range(10):
        out = tmp_path / f"killed{attempt}"
        moment = rng.uniform(0.3, 0.95) * seconds
        while not killed_after(moment, [*command, str(out)]):
            shutil.rmtree(out)  # it was faster than the first time
            moment *= 0.8
        subprocess.run([*command, str(out)], check=True, capture_output=True)
        assert fingerprint(out) == whole
        shutil.rmtree(out)


def killed_after(seconds: float, command: list[str]) -> bool:
    """Whether a program was still running when it was killed after so long."""
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        child.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        child.send_signal(signal.SIGKILL)
        child.wait()
        return True
    return False


def test_the_command_says_what_it_made(
    bags: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "data"
    pattern = str(bags[0].parent / "*")
    words = ["ingest", pattern, "--out", str(out), "--size", "24x16", "--rate", "5"]
    assert main([*words, "--split", "bag"]) == 0
    said = capsys.readouterr()
    assert "135 frames and" in said.out
    assert "135 image: more a second than --rate" not in said.err
    assert "image: more a second than --rate" in said.err
    state = json.loads((out / DATASET).read_text())
    assert state["options"]["image_size"] == [16, 24]
    assert state["split"]["by"] == "bag"
    assert main(["ingest", str(tmp_path / "no*"), "--out", str(out)]) == 2
    assert main(["ingest", pattern, "--out", str(out), "--crop", "0.5,0,0.5,0"]) == 2
    assert "--crop top and bottom together is 1" in capsys.readouterr().err


def test_what_was_stopped_before_its_first_bag_may_begin_anew_otherwise(
    bags: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    out = tmp_path / "data"
    with monkeypatch.context() as patch:
        patch.setattr("slowfeat_trainer.ingest.ingest_bags.ingest_bag", interrupted)
        with pytest.raises(KeyboardInterrupt):
            take(bags, out)
    assert (out / DATASET).is_file()
    take(bags, out, replace(SMALL, rate_hz=5.0))
    assert not list((out / BAGS).glob(".*"))


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--rate", "0"], "--rate is 0"),
        (["--rate", "nan"], "--rate is nan"),
        (["--wheelbase", "0"], "--wheelbase is 0"),
        (["--size", "0x64"], "--size is 0"),
        (["--min-turn", "-3"], "--min-turn is -3"),
        (["--odom-offset", "nan"], "--odom-offset is nan"),
        (["--extrinsic", "1 2 3"], "give 7 finite numbers"),
        (["--extrinsic", "0 0 0 0 0 0 0"], "quaternion of length 0"),
        (["--split", "bag", "--test-fraction", "2"], "--test-fraction is 2"),
        (["--image-topic", "/none"], "has no topic /none"),
        (["--odom-topic", "/camera/image/compressed"], "needs"),
    ],
)
def test_wrong_flags_are_wrong_use_and_leave_nothing(
    words: list[str],
    says: str,
    bags: list[Path],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["ingest", str(bags[0]), "--out", str(tmp_path / "data"), *words]) == 2
    said = capsys.readouterr().err.strip().splitlines()
    assert says in said[-1]
    assert not (tmp_path / "data").exists()


def test_a_full_disk_is_told_in_one_line_and_costs_one_bag(
    bags: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "data"
    take(bags[:1], out)
    from slowfeat_trainer.ingest.frames_file import FramesFile

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(FramesFile, "append", full)
        with pytest.raises(SlowfeatError, match=r"cannot be written: No space left .*continues"):
            take(bags, out)
    assert not list((out / BAGS).glob(".*"))
    assert fingerprint(take(bags, out).path) == fingerprint(take(bags, tmp_path / "whole").path)


TINY = replace(SMALL, image_size=(8, 8))


def test_the_rule_of_decoding_is_written_down_and_changes_the_frames(
    bags: list[Path], tmp_path: Path
) -> None:
    scaled = take(bags[:1], tmp_path / "scaled", TINY)
    whole = take(bags[:1], tmp_path / "whole", replace(TINY, decoding="whole"))
    for dataset, rule in ((scaled, "scaled"), (whole, "whole")):
        assert (
            json.loads((dataset.path / "dataset.json").read_text())["options"]["decoding"] == rule
        )
        assert open_dataset(dataset.path).options.decoding == rule
    (first,), (second,) = scaled.recordings(), whole.recordings()
    # The camera is the same, and so, nearly, are its frames.
    assert first.camera == second.camera
    difference = np.abs(first.frames.astype(int) - second.frames)
    assert 0 < difference.mean() < 2


def test_a_dataset_of_before_keeps_decoding_whole(
    bags: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "data"
    take(bags[:1], out, replace(TINY, decoding="whole"))
    state = json.loads((out / "dataset.json").read_text())
    del state["options"]["decoding"]
    (out / "dataset.json").write_text(json.dumps(state))
    assert open_dataset(out).options.decoding == "whole"
    take(bags, out, TINY)
    assert "begun with --decoding whole" in capsys.readouterr().err
    at_once = take(bags, tmp_path / "at_once", replace(TINY, decoding="whole"))
    assert fingerprint(out) == fingerprint(at_once.path)


def test_whole_images_do_not_join_a_dataset_of_scaled_ones(
    bags: list[Path], tmp_path: Path
) -> None:
    take(bags[:1], tmp_path / "data", TINY)
    with pytest.raises(UsageError, match=r"decoding 'scaled' -> 'whole'.*choose another --out"):
        take(bags, tmp_path / "data", replace(TINY, decoding="whole"))
    with pytest.raises(UsageError, match="--decoding halved is unknown"):
        take(bags, tmp_path / "other", replace(TINY, decoding="halved"))
