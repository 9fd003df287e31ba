"""What is rehearsed: it travels with the weights, is seen as it was,
and takes half of each batch.
"""

from __future__ import annotations

import argparse
import dataclasses

import numpy as np
import pytest

from slowfeat_trainer.commands.train import add_arguments, configuration
from slowfeat_trainer.config.change_settings import setting_of
from slowfeat_trainer.data.recording import Recording
from slowfeat_trainer.methods.rehearsal import CLIPS, FRAMES, SECONDS, Rehearsal
from slowfeat_trainer.models.convnet import Normalise


def test_clips_of_every_drive_come_back_as_they_were(
    rehearsal: Rehearsal, recording: Recording
) -> None:
    part = rehearsal.part()
    assert len(part) == 2 * CLIPS * FRAMES
    where = np.searchsorted(recording.stamps, part.stamps)
    assert np.array_equal(recording.stamps[where], part.stamps)
    assert np.array_equal(recording.poses[where], part.poses)
    off = part.frames[:].astype(float) - np.asarray(recording.frames[where]).astype(float)
    assert off.std() < 0.5 * np.asarray(recording.frames).std()
    for clip in range(2 * CLIPS):
        stamps = part.stamps[part.block == clip]
        assert len(stamps) == FRAMES
        assert (stamps[-1] - stamps[0]) / 1e9 == pytest.approx(SECONDS, abs=0.25)


def test_a_drive_shorter_than_a_clip_is_left_out(recording: Recording) -> None:
    short = dataclasses.replace(
        recording,
        frames=recording.frames[:5],
        stamps=recording.stamps[:5],
        poses=recording.poses[:5],
        episode=recording.episode[:5],
    )
    assert len(Rehearsal.of([short, recording], {}).pictures) == CLIPS * FRAMES


def test_normalise_of_the_pretraining_is_kept(rehearsal: Rehearsal) -> None:
    assert isinstance(rehearsal.normalise(), Normalise)
    assert rehearsal.camera["encoder.normalise.mean"].shape == (1, 3, 1, 1)


@pytest.mark.parametrize(("flags", "share"), [([], 0.5), (["--only-my-bags"], 0.0)])
def test_the_flag_leaves_the_bags_alone(flags: list[str], share: float) -> None:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    args = parser.parse_args(["my_bag", "--out", "my_run", *flags])
    assert setting_of(configuration(args), "rehearsal") == share
