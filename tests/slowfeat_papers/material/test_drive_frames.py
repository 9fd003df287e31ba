"""Drives: simulated maps and the user's bags as recordings to learn from and parts held out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from slowfeat_papers.material import drive_frames as drives
from slowfeat_papers.material.drive_frames import make_drives, read_bags, simulated_bags

OUR_BAG = Path(__file__).resolve().parents[3] / "bags" / "sim_tour"


def test_a_bag_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (first,) = read_bags([OUR_BAG], tmp_path / "d", (16, 24), rate_hz=5.0)
    assert first.frames.shape[1:] == (16, 24, 3)
    monkeypatch.setattr(drives, "ingest", None)
    (again,) = read_bags([OUR_BAG], tmp_path / "d", (16, 24), rate_hz=5.0)
    assert np.array_equal(first.frames, again.frames)


def test_of_the_users_bag_the_end_is_held_out_and_of_maps_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ours(folder: Path, maps: tuple[str, ...], seconds: float) -> list[Path]:
        del folder, maps, seconds
        return [OUR_BAG]

    monkeypatch.setattr(drives, "simulated_bags", ours)
    whole = len(read_bags([OUR_BAG], tmp_path / "whole", (16, 24))[0])
    found = make_drives(tmp_path, (OUR_BAG,), (16, 24), 1.0)
    assert list(found.held_out) == ["held-out maps", "sim_tour"]
    assert len(found.held_out["held-out maps"]) == whole
    of_bag = found.held_out["sim_tour"]
    assert len(of_bag) == pytest.approx(0.4 * whole, abs=1)
    assert len(found.train[-1]) + len(of_bag) == whole
    assert found.train[-1].stamps[-1] < of_bag.stamps[0]
    assert len(found.train_part) == sum(len(r) for r in found.train)
    assert len(np.unique(found.train_part.block)) == 2


@pytest.mark.slow
def test_a_simulated_drive_is_driven_once(tmp_path: Path) -> None:
    (bag,) = simulated_bags(tmp_path, ("MAP01",), 2.0, 10.0)
    stamp = (bag / "metadata.yaml").stat().st_mtime_ns
    assert simulated_bags(tmp_path, ("MAP01",), 2.0, 10.0) == [bag]
    assert (bag / "metadata.yaml").stat().st_mtime_ns == stamp
