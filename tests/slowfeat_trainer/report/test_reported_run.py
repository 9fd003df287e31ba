"""Where the frames of a report come from."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from slowfeat.bundle import load_bundle
from slowfeat.encoder import Encoder
from slowfeat_trainer.data.shrink import Shrink
from slowfeat_trainer.ingest.dataset import open_dataset
from slowfeat_trainer.models.convnet import embed_frames
from slowfeat_trainer.report.rebuild import stages
from slowfeat_trainer.report.report_data import gather
from slowfeat_trainer.report.reported_run import run_of, whole
from tests.slowfeat_trainer.report.conftest import QUICK, slowfeat


def test_a_run_is_found_from_its_folder_and_from_its_bundle(run: Path, tmp_path: Path) -> None:
    assert run_of(run) == run_of(run / "bundle") == run
    assert run_of(tmp_path) is None


def test_frames_that_were_cut_get_their_place_in_the_whole_picture(run: Path) -> None:
    recording = open_dataset(run / "dataset").recordings()[0]
    shrink = Shrink((64, 64), (0.25, 0.0, 0.0, 0.2))
    framed = whole(recording, shrink)
    assert framed.frames.shape[1:3] == shrink.whole
    (row, column), (height, width) = shrink.corner, shrink.size
    inner = framed.frames[:, row : row + height, column : column + width]
    np.testing.assert_array_equal(inner, recording.frames)
    assert whole(recording, Shrink((64, 64))) is recording


@pytest.mark.slow
def test_a_run_with_a_crop_is_reported_as_the_robot_would_see_it(bag: Path, tmp_path: Path) -> None:
    out = tmp_path / "cropped"
    settings = ["--preset", "equiv_drlim", "--dimension", "8", "--crop", "0,0,0.25,0"]
    assert slowfeat("train", bag, "--out", out, *settings, *QUICK) == 0
    (subject,) = gather([out], None)
    # The bundle's figures were taken on the cut frames themselves.
    stored = load_bundle(out).info.metrics["rows"]["bundle's map"]
    assert subject.evaluation.comparison.rows["bundle's map"].rho == pytest.approx(
        stored["rho"], rel=1e-3
    )
    frames = subject.split.test.frames
    last = [embed_frames(encoder, frames) for _, encoder in stages(subject)][-1]
    np.testing.assert_allclose(last, subject.own(frames), rtol=1e-3, atol=1e-3)
    assert Encoder(load_bundle(out)).image_size == frames.shape[1:3]
