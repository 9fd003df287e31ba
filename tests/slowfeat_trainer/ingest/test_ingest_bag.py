"""Reading bags: what is used, what is dropped and why, and what is refused."""

from __future__ import annotations

import weakref
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from slowfeat.errors import BagError, UsageError
from slowfeat.geometry import pose_matrix, relative_motion
from slowfeat_trainer.data.options import IngestOptions
from slowfeat_trainer.ingest.chunks import Chunk, Frames, decode_chunk
from slowfeat_trainer.ingest.engines import AHEAD, open_engine
from slowfeat_trainer.ingest.ingest_bag import ingest_bag, read_recording, select_keyframes
from tests.helpers.bag_factory import HORIZONTAL_FOV, NS, START_S, BagRecipe, make_bag, yaw_at

SIZE = IngestOptions(image_size=(24, 32))


def test_frames_carry_the_pose_at_their_own_stamp(tmp_path: Path) -> None:
    recording = read_recording(make_bag(tmp_path / "bag", BagRecipe(odom_rate=50)), SIZE)
    assert recording.frames.shape == (120, 24, 32, 3)
    assert not recording.dropped
    t = (recording.stamps - START_S * NS) / NS
    np.testing.assert_allclose(t, np.arange(120) / 10, atol=1e-9)
    motion = relative_motion(recording.poses[0], recording.poses[40])
    assert motion[5] == pytest.approx(yaw_at(4.0) - yaw_at(0.0), abs=1e-3)
    np.testing.assert_allclose(recording.poses[:, 0, 3], 0.4 * t, atol=1e-9)


def test_an_offset_shifts_the_odometry_against_the_images(tmp_path: Path) -> None:
    bag = make_bag(tmp_path / "bag", BagRecipe(odom_ahead_s=0.2))
    late = read_recording(bag, IngestOptions(odom_offset_s=0.2))
    np.testing.assert_allclose(
        late.poses[:, 0, 3], (late.stamps - START_S * NS) / NS * 0.4, atol=1e-6
    )
    early = read_recording(bag, IngestOptions(odom_offset_s=0.0))
    assert early.poses[0, 0, 3] == pytest.approx(0.2 * 0.4, abs=1e-6)


def test_every_dropped_message_is_counted_with_its_reason(tmp_path: Path) -> None:
    faults = BagRecipe(
        zero_stamp={5}, repeated_stamp={9}, broken_jpeg={20, 21}, nan_pose={30, 31, 32}
    )
    recording = read_recording(make_bag(tmp_path / "bag", faults), SIZE)
    assert dict(recording.dropped) == {
        "image: cannot be decoded": 2,
        "image: stamp of zero": 1,
        "image: stamp repeated": 1,
        "odometry: pose not finite": 3,
    }
    assert len(recording) == 120 - 4


def test_camera_and_extrinsic_are_found(tmp_path: Path) -> None:
    bag = make_bag(tmp_path / "bag", BagRecipe(with_camera_info=True, with_tf_static=True))
    recording = read_recording(bag, SIZE)
    assert recording.camera.horizontal_fov == pytest.approx(HORIZONTAL_FOV)
    extrinsic = recording.camera.extrinsic
    assert extrinsic is not None
    T = pose_matrix(extrinsic[:3], extrinsic[3:])
    np.testing.assert_allclose(T[:3, 3], [0.1, 0, 0.2], atol=1e-9)
    np.testing.assert_allclose(T[:3, 2], [1, 0, 0], atol=1e-9)  # optical z looks forward
    assert not recording.warnings


def test_odometry_of_an_optical_frame_is_turned_to_body_axes(tmp_path: Path) -> None:
    recording = read_recording(
        make_bag(tmp_path / "bag", BagRecipe(body_frame="cam_optical_frame")), SIZE
    )
    motion = relative_motion(recording.poses[0], recording.poses[5])
    # The recipe moves along x and turns about z, which for an optical frame are right and forward.
    assert motion[1] < -0.1
    assert abs(motion[3]) > 0.05
    assert abs(motion[5]) < 1e-6


@pytest.mark.parametrize(
    ("recipe", "error", "says"),
    [
        (BagRecipe(image_topics=()), BagError, r"has no image topic .*it has /odom"),
        (BagRecipe(odom_topics=()), BagError, r"has no motion topic"),
        (
            BagRecipe(image_topics=("/left", "/right")),
            UsageError,
            r"--image-topic: /left .*, /right",
        ),
        (BagRecipe(odom_topics=("/a", "/b")), UsageError, r"--odom-topic: /a .*, /b"),
        (BagRecipe(frames=8), BagError, r"only 8 of 8 frames"),
        (
            BagRecipe(odom_ahead_s=100.0),
            BagError,
            r"only 0 of 120 frames .*120 image: no odometry",
        ),
        (
            BagRecipe(broken_jpeg=set(range(120))),
            BagError,
            r"only 0 of 120 .*120 image: cannot be decoded",
        ),
    ],
)
def test_what_cannot_be_learned_from_is_refused_in_one_line(
    tmp_path: Path, recipe: BagRecipe, error: type[Exception], says: str
) -> None:
    with pytest.raises(error, match=says) as caught:
        read_recording(make_bag(tmp_path / "bag", recipe), SIZE)
    assert "\n" not in str(caught.value)


def test_topics_are_chosen_by_name(tmp_path: Path) -> None:
    bag = make_bag(tmp_path / "bag", BagRecipe(image_topics=("/left", "/right")))
    assert read_recording(bag, IngestOptions(image_topic="right")).image_topic == "/right"
    with pytest.raises(UsageError, match="has no topic /up; it has /left"):
        read_recording(bag, IngestOptions(image_topic="/up"))
    with pytest.raises(UsageError, match=r"/odom .* is nav_msgs/msg/Odometry"):
        read_recording(bag, IngestOptions(image_topic="/odom"))


def test_truncated_missing_and_foreign_files_are_named(tmp_path: Path) -> None:
    bag = make_bag(tmp_path / "bag")
    file = next(bag.glob("*.mcap"))
    file.write_bytes(file.read_bytes()[:1000])
    (tmp_path / "text.mcap").write_text("no bag")
    (tmp_path / "empty").mkdir()
    for path in (bag, tmp_path / "text.mcap", tmp_path / "empty"):
        with pytest.raises(
            BagError, match=r"cannot be read as a bag|holds no message|no bag"
        ) as caught:
            read_recording(path, SIZE)
        assert str(path) in str(caught.value)
        assert "\n" not in str(caught.value)
    with pytest.raises(UsageError, match="does not exist"):
        read_recording(tmp_path / "nowhere", SIZE)


def test_a_rate_keeps_the_first_image_of_each_period(tmp_path: Path) -> None:
    bag = make_bag(tmp_path / "bag", BagRecipe(frames=150, rate=30.0, odom_rate=50.0))
    recording = read_recording(bag, replace(SIZE, rate_hz=10.0))
    np.testing.assert_allclose(np.diff(recording.stamps) / NS, 0.1, atol=1e-6)
    assert recording.dropped == {"image: more a second than --rate": 100}
    everything = read_recording(bag, SIZE)
    np.testing.assert_array_equal(recording.frames, everything.frames[::3])


def test_the_clocks_are_compared_on_all_images_even_where_few_are_kept(tmp_path: Path) -> None:
    recipe = BagRecipe(frames=900, rate=30.0, odom_rate=50.0, odom_ahead_s=0.2)
    bag = make_bag(tmp_path / "bag", recipe)
    slow = replace(SIZE, rate_hz=2.0, odom_offset_auto=True)
    recording = read_recording(bag, slow)
    assert recording.odom_offset_s == pytest.approx(0.2, abs=0.03)
    assert len(recording) == 60


def test_frames_are_kept_when_the_body_has_moved_or_turned_enough(tmp_path: Path) -> None:
    bag = make_bag(tmp_path / "bag", BagRecipe(odom_rate=50))
    for move, turn in ((0.2, 0.0), (0.0, 0.3), (0.2, 0.3)):
        recording = read_recording(bag, replace(SIZE, min_move_m=move, min_turn_rad=turn))
        everything = read_recording(bag, SIZE)
        kept, last = [0], 0
        for k in range(1, len(everything)):
            motion = relative_motion(everything.poses[last], everything.poses[k])
            far = move and np.linalg.norm(motion[:3]) >= move
            if far or (turn and np.linalg.norm(motion[3:]) >= turn):
                kept.append(k)
                last = k
        np.testing.assert_array_equal(recording.stamps, everything.stamps[kept])
        np.testing.assert_array_equal(recording.frames, everything.frames[kept])
        dropped = recording.dropped[
            "image: moved less than --min-move and turned less than --min-turn"
        ]
        assert dropped == 120 - len(kept) > 0


def test_frames_stand_beside_the_pose_of_their_stamp_after_drops_and_disorder(
    tmp_path: Path,
) -> None:
    """Images carry their yaw: what is dropped or sorted must not shift one against the other."""
    clean = make_bag(tmp_path / "clean")
    faults = BagRecipe(broken_jpeg={3, 50}, repeated_stamp={20}, zero_stamp={70, 71})
    faulty = make_bag(tmp_path / "faulty", faults)
    whole = read_recording(clean, SIZE)
    part = read_recording(faulty, SIZE)
    where = np.searchsorted(whole.stamps, part.stamps)
    np.testing.assert_array_equal(whole.frames[where], part.frames)
    np.testing.assert_allclose(whole.poses[where], part.poses)


def test_where_no_image_has_a_stamp_the_receipt_counts_with_a_warning(tmp_path: Path) -> None:
    bag = make_bag(tmp_path / "bag", BagRecipe(zero_stamp=set(range(120))))
    recording = read_recording(bag, SIZE)
    assert len(recording) == 120
    assert sum("the time of receipt is taken for all" in w for w in recording.warnings) == 1


def test_a_crop_changes_the_frames_and_not_the_poses(tmp_path: Path) -> None:
    bag = make_bag(tmp_path / "bag")
    whole = read_recording(bag, replace(SIZE, image_size=(48, 64)))
    upper = read_recording(bag, replace(SIZE, image_size=(24, 64), crop=(0.0, 0.0, 0.5, 0.0)))
    np.testing.assert_array_equal(upper.frames, whole.frames[:, :24])
    np.testing.assert_array_equal(upper.poses, whole.poses)


@pytest.mark.parametrize("seed", range(5))
def test_moving_is_what_a_plain_loop_finds(seed: int) -> None:
    rng = np.random.default_rng(seed)
    poses = np.tile(np.eye(4), (700, 1, 1))
    poses[:, 0, 3] = np.cumsum(rng.exponential(0.01, 700) * (rng.random(700) < 0.3))
    kept, last = [0], poses[0, 0, 3]
    for k, x in enumerate(poses[:, 0, 3]):
        if x - last >= 0.5:
            kept.append(k)
            last = x
    assert select_keyframes(poses, 0.5, 0.0).tolist() == kept


def test_decoded_frames_are_let_go_once_they_are_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or memory would grow with the bag: a chunk is held while it is
    worked on, or waits, and no longer.
    """
    seen: list[weakref.ref[np.ndarray]] = []
    alive: list[int] = []

    def spy(chunk: Chunk) -> Frames:
        found = decode_chunk(chunk)
        whole = found.frames if found.frames.base is None else found.frames.base
        seen.append(weakref.ref(whole))
        alive.append(sum(ref() is not None for ref in seen))
        return found

    monkeypatch.setattr("slowfeat_trainer.ingest.read_images.decode_chunk", spy)
    monkeypatch.setattr("slowfeat_trainer.ingest.read_images.CHUNK_MESSAGES", 16)
    bag = make_bag(tmp_path / "bag", BagRecipe(frames=600, rate=20.0))
    (tmp_path / "data").mkdir()
    with open_engine(workers=1) as engine:
        ingest_bag(bag, SIZE, tmp_path / "data", engine)
    assert len(seen) == 38
    assert max(alive) <= AHEAD + 2
