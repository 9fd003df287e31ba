"""The demo's folder and its files."""

from __future__ import annotations

import pytest

from slowfeat.errors import UsageError
from slowfeat_trainer.demo import demo_pipeline as pipeline


def test_a_folder_of_somebody_else_is_refused(tmp_path):
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(UsageError, match="choose another --out"):
        pipeline.check_folder(tmp_path)
    (tmp_path / "demo.json").write_text("{}")
    pipeline.check_folder(tmp_path)
