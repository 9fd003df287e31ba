"""Whole experiments on our own bag in place of the simulated maps: every row gets a
sentence, every image is there.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from slowfeat_papers.goroshin import encoders, patches
from slowfeat_papers.goroshin2015 import GOROSHIN
from slowfeat_papers.material import drive_frames as drives
from slowfeat_papers.material.part import Bench, Size, Sources

OUR_BAG = Path(__file__).resolve().parents[2] / "bags" / "sim_tour"
# Those that train no more than a few small networks.
SMALL = ("zca", "scenes", "sfa", "dictionary-fc")


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    """The quick size; every map is our bag, and networks learn for two updates."""

    def ours(*_: object) -> list[Path]:
        return [OUR_BAG]

    pick = Bench.pick
    monkeypatch.setattr(drives, "simulated_bags", ours)
    monkeypatch.setattr(patches, "simulated_bags", ours)
    monkeypatch.setattr(encoders, "STEPS_QUICK", 2)
    small = {500: 2, 16_000: 800, 200: 2, 300: 2}
    monkeypatch.setattr(
        Bench, "pick", lambda self, a, b: small.get(pick(self, a, b), pick(self, a, b))
    )
    for name in ("part", "common"):
        (tmp_path / name).mkdir()
    return Bench(tmp_path / "part", tmp_path / "common", Sources(), size=Size.QUICK, seeds=1)


@pytest.mark.slow
@pytest.mark.parametrize("name", SMALL)
def test_a_small_experiment_runs(name: str, bench: Bench) -> None:
    (part,) = (p for p in GOROSHIN.parts if p.name == name)
    result = part.run(bench)
    assert {finding.row for finding in result.findings} == set(part.rows)
    assert all("nan" not in finding.says for finding in result.findings)
    assert all((bench.folder / picture).stat().st_size > 500 for picture in result.pictures)
    for table in result.tables:
        assert all(len(row) == len(table.head) for row in table.rows)
