"""The arithmetic of a fleet: linear in what it should be, and every
number of the page from the rates.
"""

from __future__ import annotations

import importlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def fleet(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    return importlib.import_module("fleet")


@pytest.fixture
def rates(fleet: Any) -> Any:
    return fleet.Rates(
        machine="a machine",
        bag_bytes_per_s=1e6,
        pictures_per_s=30.0,
        frames_per_s=10.0,
        dataset_bytes_per_frame=12_000.0,
        ingest_s_per_s=[0.1, 0.2, 0.4],
        reading_s_per_s=[0.01, 0.02, 0.03],
        update_s=[0.25, 0.5, 1.0],
        frames_per_update=100,
        bundle_bytes=1_000_000,
    )


def test_a_day_by_hand(fleet: Any, rates: Any) -> None:
    assumed = fleet.Assumptions(robots=10, hours_a_day=2.0, uplink_mbit_s=8.0, passes=3.0)
    day = fleet.day_of(rates, assumed)
    assert day.pictures == 10 * 2 * 3600 * 30
    assert day.frames == 10 * 2 * 3600 * 10
    assert day.bag_bytes == 10 * 2 * 3600 * 1e6
    assert day.dataset_bytes == day.frames * 12_000
    # A megabyte a second through a megabyte a second.
    assert day.upload_h == pytest.approx(2.0)
    assert day.ingest_core_h == pytest.approx([2.0, 4.0, 8.0])
    assert day.updates == 3 * day.frames / 100
    assert day.training_core_h[1] == pytest.approx(day.updates * 0.5 / 3600)
    assert day.bundle_bytes == 1e7
    assert fleet.machines(day.ingest_core_h[1], 2.0, 2) == pytest.approx(1.0)


def test_twice_the_robots_cost_twice(fleet: Any, rates: Any) -> None:
    one = fleet.day_of(rates, fleet.Assumptions())
    two = fleet.day_of(rates, fleet.Assumptions(robots=2000))
    for name in ("bag_bytes", "updates", "store_cost"):
        assert getattr(two, name) == pytest.approx(2 * getattr(one, name))
    assert two.training_cost == pytest.approx([2 * cost for cost in one.training_cost])


def test_the_page_follows_the_rates_and_keeps_its_text(
    fleet: Any, rates: Any, tmp_path: Path
) -> None:
    page = tmp_path / "fleet.md"
    page.write_text("# Title\n<!-- figures -->\nold\n<!-- end of the figures -->\nrest\n")
    tables = fleet.page(rates, fleet.Assumptions())
    fleet.write_between_marks(page, tables)
    fleet.write_between_marks(page, tables)
    text = page.read_text()
    assert text.startswith("# Title\n<!-- figures -->")
    assert text.endswith("<!-- end of the figures -->\nrest\n")
    assert text.count("| measured | |") == 1
    assert "old" not in text
    slower = replace(rates, update_s=[0.5, 1.0, 2.0])
    assert fleet.page(slower, fleet.Assumptions()) != tables
