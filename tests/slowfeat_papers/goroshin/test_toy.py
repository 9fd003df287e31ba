"""The toy of two angles, on a coarse grid of views."""

from __future__ import annotations

from pathlib import Path

import pytest

from slowfeat_papers.goroshin import toy
from slowfeat_papers.material.part import Bench, Size, Sources


@pytest.mark.slow
def test_the_toy_linearises_both_angles_on_a_coarse_grid(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    views = toy.toy_views
    monkeypatch.setattr(toy, "toy_views", lambda bench, step: views(bench, 2 * step))
    for folder in ("part", "common"):
        (tmp_path / folder).mkdir()
    bench = Bench(tmp_path / "part", tmp_path / "common", Sources(), size=Size.QUICK, seeds=1)
    found = toy.run(bench)
    rows = {row[0]: [float(v) for v in row[1:]] for row in found.tables[0].rows}
    assert min(rows[toy.TRAINED][:2]) > 0.85
    assert max(rows[toy.CONSTANT][:2]) < 0.05
    assert min(rows[toy.FRESH][:2]) < 0.5
    assert set(found.pictures) == {"samples.png", "plane.svg"}
    assert all((bench.folder / name).stat().st_size > 1000 for name in found.pictures)
