import dataclasses
import json

import numpy as np
import pytest
import torch

from slowfeat.geometry import relative_motion
from slowfeat_papers.jayaraman import driving_findings, grid_findings, networks, published
from slowfeat_papers.jayaraman.drive_views import MAPS, DriveBench, place_labels, places
from slowfeat_papers.jayaraman.greedy_choices import with_margins
from slowfeat_papers.jayaraman.grid import few_labels, grey_pixels, with_labelled
from slowfeat_papers.jayaraman.networks import (
    Setting,
    learn,
    scale_of_features,
    seconds_of,
)
from slowfeat_papers.jayaraman.other_motion import disturbed, furthest
from slowfeat_papers.jayaraman.pattern_picture import PatternPicture
from slowfeat_papers.jayaraman.rows import (
    Column,
    agrees,
    cell,
    clearly,
    equivariance_row,
    kept,
    order_of,
    table,
)
from slowfeat_papers.jayaraman.sheets import row_of_pictures, write_sheet
from slowfeat_papers.jayaraman.slowness_course import read_points
from slowfeat_papers.jayaraman2017 import JAYARAMAN
from slowfeat_papers.material.drive_frames import Drives
from slowfeat_papers.material.part import Bench, Size, Sources
from slowfeat_papers.material.view_grid import every_view, make_grid, walks
from slowfeat_trainer.config.train_config import config_of_preset
from slowfeat_trainer.data.frames import FrameStack
from slowfeat_trainer.data.labels import UNLABELLED
from slowfeat_trainer.data.motion_patterns import discover_patterns
from slowfeat_trainer.data.pairs import Part, Split
from slowfeat_trainer.data.recording import Camera, Recording


@pytest.fixture(scope="module")
def grid(tmp_path_factory):
    return make_grid(tmp_path_factory.mktemp("common"), 32, instances=3, lights=1)


@pytest.fixture
def bench(tmp_path):
    return Bench(tmp_path / "part", tmp_path, Sources(), size=Size.QUICK, seeds=1)


@pytest.fixture
def setting(grid):
    settings = {"encoder": "norb_fc", "dimension": 10, "max_gap_s": 0.5, "patterns": 4}
    settings |= {"drop_slowest": 0.0, "batch_size": 16, "steps": 3}
    part = walks(grid, grid.known, 30, 0.5, 0)
    return Setting("grid", part, Camera(size=(32, 32)), settings)


def test_every_row_of_the_checklist_has_an_experiment():
    answered = {row for part in JAYARAMAN.parts for row in part.rows}
    assert answered == set(JAYARAMAN.checklist) == {f"J{n}" for n in range(1, 26)}


def test_a_network_is_trained_once_and_then_loaded(bench, setting, monkeypatch):
    first = learn(bench, setting, "equiv", 0)
    monkeypatch.setattr(torch.Tensor, "backward", None)
    again = learn(bench, setting, "equiv", 0)
    np.testing.assert_array_equal(
        first.embed(setting.part.frames), again.embed(setting.part.frames)
    )
    assert first.predict is not None
    with pytest.raises(TypeError):
        learn(bench, setting, "equiv", 1)


def test_the_unit_of_margins_is_a_distance_of_frames(bench, setting):
    l2, l1 = (scale_of_features(bench, setting, 0, name) for name in ("drlim", "temporal"))
    assert l2 < l1 < l2 * np.sqrt(10)


def test_labelled_views_follow_nothing(grid, setting):
    views = every_view(grid, grid.labelled)
    chosen = few_labels(views, 0)
    part, labels = with_labelled(setting.part, views, chosen)
    assert len(part.pairs_at_gap(0.5)) == len(setting.part.pairs_at_gap(0.5))
    assert (labels.of_frame[: len(setting.part)] == UNLABELLED).all()
    assert np.bincount(labels.of_frame[len(setting.part) :]).tolist() == [10] * 5
    np.testing.assert_array_equal(part.frames[[len(part) - 1]], views.frames[chosen[-1:]])


def test_a_row_has_chance_where_the_code_is_constant_and_more_where_it_is_pixels(grid):
    split = Split(
        *(walks(grid, objects, 40, 0.3, 1) for objects in (grid.known, grid.labelled, grid.unseen))
    )
    patterns = discover_patterns(split.train.pairs_at_gap(0.5).motions, 4, 0.0)
    constant = equivariance_row(lambda frames: np.ones((len(frames), 3)), split, patterns)
    assert constant["gain"] == 0.0
    assert constant["mrr"] < 0.1
    assert equivariance_row(grey_pixels, split, patterns)["gain"] > 0.02


def test_seconds_of_a_training_that_was_continued(tmp_path):
    lines = [{"step": s, "data_s": 0.1, "update_s": 0.4} for s in (20, 40, 50)]
    (tmp_path / "log.jsonl").write_text("".join(json.dumps(x) + "\n" for x in lines))
    assert seconds_of(tmp_path) == pytest.approx(25.0)
    assert seconds_of(tmp_path / "none") == 0.0


def test_cells_say_spread_only_where_there_is_one():
    assert cell([{"rho": 0.5}], "rho") == "0.500"
    assert cell([{"rho": 0.5}, {"rho": 0.7}], "rho") == "0.600 ±0.141"
    assert cell([{"knn": 0.25, "knn_error": 0.01}], "knn") == "25.0 (s.e. 1.0)"
    assert cell([{"rho": 1e9}], "rho") == "> 100"
    assert cell([{}], "own_rho") == "-"


def test_the_published_order_agrees_with_itself_and_not_with_its_reverse():
    column = Column("", "rho", published.RHO_ATOMIC)
    same = {name: [{"rho": value}] for name, value in published.RHO_ATOMIC.items()}
    turned = {name: [{"rho": -value}] for name, value in published.RHO_ATOMIC.items()}
    assert agrees(order_of(same, column))
    assert not agrees(order_of(turned, column))
    shown = table("", same, ("rho",), (column,))
    assert shown.rows[-1] == ["equiv_drlim", "0.581", "0.581"]


def rows(**better):
    names = [*published.NORB_25, "equiv_drlim_nondiscrete", "lsm", "pixels", "tiny images"]
    usual = {
        "rho": 0.9,
        "rho_composite": 0.95,
        "gain": 0.1,
        "own_gain": 0.1,
        "knn": 0.2,
        "rank": 9.0,
    }
    return {name: [usual | better.get(name, {})] for name in names}


def test_what_is_said_follows_the_figures():
    good = {"rho": 0.5, "rho_composite": 0.6, "gain": 0.6, "knn": 0.5}
    best = {"rho": 0.4, "rho_composite": 0.5, "gain": 0.7, "knn": 0.6}
    poor = {"rho": 1.2, "gain": 0.0, "knn": 0.1}

    def said(found):
        return {
            f.row: f.agrees for f in grid_findings.findings(found, found, [{"rho": 1, "gain": 0}])
        }

    as_published = said(rows(equiv=good, equiv_drlim=best))
    assert all(as_published[row] for row in ("J2", "J3", "J6", "J8", "J9", "J10"))
    otherwise = said(rows(equiv=poor, equiv_drlim=poor))
    assert not any(otherwise[row] for row in ("J2", "J3", "J6", "J8", "J9", "J10", "J15", "J16"))
    assert as_published["J7"] is None


def test_on_drives_an_order_of_errors_above_standing_still_does_not_agree():
    picture = PatternPicture("", "", True)
    own = {"own_rho": 1.0, "knn": 0.5}

    def said(offset):
        # Gains rise where the published errors fall.
        found = {
            n: [{"rho": v + offset, "gain": 1 - v, **own}] for n, v in published.RHO_ATOMIC.items()
        }
        found["pixels"] = found["random"]
        findings = driving_findings.findings({MAPS: found}, picture)
        return {f.row: f.agrees for f in findings}

    assert said(0.0)["J15"]
    assert said(0.0)["J12"]
    assert not said(0.5)["J15"]
    assert not said(0.5)["J12"]


def test_what_has_the_poses_of_odometry_is_said_to_be_the_same():
    row = [{"rho": 0.9, "gain": 0.1, "own_gain": 0.2}]
    finding = driving_findings.motion_sources(
        {"odometry": row, "tf": row, "noise": row}, ["tf"], {MAPS: {}}
    )
    assert finding.agrees is None
    assert "Read from tf, poses are those of odometry" in finding.says
    assert "noise: rho" in finding.says
    assert "bags bring" not in finding.says


def test_clearly_better_is_by_more_than_the_errors():
    found = {
        "a": [{"knn": 0.30, "knn_error": 0.01}],
        "b": [{"knn": 0.28, "knn_error": 0.01}],
        "c": [{"knn": 0.29, "knn_error": 0.01}],
    }
    assert clearly(found, "a", "b", "knn")
    assert not clearly(found, "a", "c", "knn")


def test_a_row_is_measured_once(tmp_path):
    assert kept(tmp_path / "a" / "row.json", lambda: {"rho": 0.5}) == {"rho": 0.5}
    assert kept(tmp_path / "a" / "row.json", lambda: {"rho": 9.9}) == {"rho": 0.5}


def test_the_course_forgets_a_torn_line_and_what_was_done_again(tmp_path):
    file = tmp_path / "course.jsonl"
    file.write_text("[0, 0.8, 0.7]\n[20, 0.9, 0.8]\n[20, 0.91, 0.8]\n[40, 0.9")
    assert read_points(file) == [(0, 0.8, 0.7), (20, 0.91, 0.8)]


def drive(frames=100):
    poses = np.tile(np.eye(4), (frames, 1, 1))
    poses[:, 0, 3] = np.arange(frames) * 0.1
    pictures = np.zeros((frames, 32, 32, 3), np.uint8)
    stamps = np.arange(frames) * 10**8
    episode = np.zeros(frames, np.int32)
    return Recording(None, "a", pictures, stamps, poses, episode, Camera(), "base_link", "/i", "/o")


def test_poses_of_visual_odometry_are_off_a_little_and_always_alike():
    first, again = (disturbed(drive(), 0).poses for _ in range(2))
    np.testing.assert_array_equal(first, again)
    steps = relative_motion(first[:-1], first[1:])
    assert 0.06 < steps[:, 0].mean() < 0.14
    assert 0.005 < steps[:, 5].std() < 0.02


def test_how_far_poses_are_off():
    assert furthest([drive(), drive()], [drive()]) == 0.0
    moved = dataclasses.replace(drive(), poses=drive().poses + 0.25)
    assert furthest([drive(), moved], [drive(), drive()]) == pytest.approx(0.25)
    assert furthest([drive(99)], [drive(100)]) == float("inf")


def test_the_frames_that_are_asked_are_not_told():
    recording = drive()
    part = Part(
        FrameStack([recording.frames]),
        recording.stamps,
        recording.poses,
        np.zeros(100, np.int64),
        source=np.full(100, recording.key),
    )
    drives = Drives([recording], {}, None)
    base = DriveBench(drives, None, {}, {})
    told = place_labels(base, part).of_frame != UNLABELLED
    np.testing.assert_array_equal(told, places(base).is_bank)
    assert told.sum() == 60


def test_margins_by_motion_are_one_on_average_and_change_the_loss(setting):
    config = networks.configuration(setting, "equiv", 0, False)
    data = networks.prepared(setting.part, setting.camera, config, None)
    term = with_margins(data, config).terms["equivariance"]
    share = term.get_buffer("share")
    assert float(share.mean()) == pytest.approx(1.0)
    # All atomic motions are of one size but for their different spread.
    assert float(share.max() / share.min()) < 3


def test_the_preset_keeps_its_own_optimiser_where_the_paper_has_no_such_method(setting):
    setting.settings.update(networks.PAPERS_OPTIMISATION)
    assert networks.configuration(setting, "equiv", 0, False).optimiser == "sgd"
    assert networks.configuration(setting, "lie", 0, False).optimiser == "adamw"
    assert (
        config_of_preset("lie").encoder == networks.configuration(setting, "lie", 0, False).encoder
    )


def test_a_sheet_is_a_picture(tmp_path):
    pictures = [np.full((20, 20, 3), v, np.uint8) for v in (0, 100, 200)]
    write_sheet(
        tmp_path / "s.png",
        [row_of_pictures(pictures, "one", 2), row_of_pictures(pictures[:1], "two", 2)],
    )
    assert (tmp_path / "s.png").stat().st_size > 100
