"""The network of a run as it began and as it ended."""

from __future__ import annotations

import numpy as np

from slowfeat_trainer.models.convnet import embed_frames
from slowfeat_trainer.report.rebuild import stages
from slowfeat_trainer.report.report_data import ReportData


def test_the_last_stage_is_what_was_exported(subject: ReportData) -> None:
    frames = subject.split.test.frames
    seen = [(step, embed_frames(encoder, frames)) for step, encoder in stages(subject)]
    assert [step for step, _ in seen] == [0, 100, 120]
    np.testing.assert_allclose(seen[-1][1], subject.own(frames), rtol=1e-4, atol=1e-4)
    assert np.abs(seen[0][1] - seen[-1][1]).mean() > 0.01
