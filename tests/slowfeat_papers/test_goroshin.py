"""What the experiments of Goroshin et al. 2015 are made of; whole experiments are run by the command."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
import torch

from slowfeat_papers.goroshin import toy
from slowfeat_papers.goroshin.patches import LENGTH, cut_patches
from slowfeat_papers.goroshin.queries import same_scene
from slowfeat_papers.goroshin.scene_frames import edited
from slowfeat_papers.goroshin.table_findings import (
    PUBLISHED,
    PUBLISHED_NAMES,
    Measured,
    findings,
)
from slowfeat_papers.goroshin.toy_method import ToyMethod, neighbours
from slowfeat_papers.goroshin.zca_input import neighbour_correlation
from slowfeat_papers.material.drawings import Panel, line_panel, write_panels
from slowfeat_papers.material.learning import still_part, still_set
from slowfeat_papers.material.part import Bench, Size, Sources
from slowfeat_trainer.config.train_config import config_of_preset
from slowfeat_trainer.data.frames import FrameStack
from slowfeat_trainer.data.scenes import segment_scenes
from slowfeat_trainer.methods.training_set import draw_batch
from slowfeat_trainer.page.charts import Axes, Line
from slowfeat_trainer.page.plots import dots_plot

RNG = np.random.default_rng(0)
GRID = np.stack(np.meshgrid(range(3), range(3), indexing="ij"), axis=-1).reshape(-1, 2)


def test_neighbours_are_one_step_apart_in_one_angle() -> None:
    edges = neighbours(GRID)
    # 12 lines of a grid of 3 x 3, in both directions.
    assert len(edges) == 24
    assert np.all(np.abs(GRID[edges[:, 0]] - GRID[edges[:, 1]]).sum(axis=1) == 1)


def test_neighbours_do_not_jump_over_a_view_that_is_held_out() -> None:
    left = GRID[~(GRID == [1, 1]).all(axis=1)]
    assert len(neighbours(left)) == 16


def test_the_toy_minimises_drlim_with_the_grid_as_its_neighbourhood() -> None:
    frames = RNG.integers(0, 255, (9, 12, 12, 3), dtype=np.uint8)
    data = still_set(still_part(frames, np.zeros(9, int)))
    config = config_of_preset("drlim", batch_size=5, drlim_margin=2.0)
    method = ToyMethod(data, config, GRID, hidden=4)
    batch = draw_batch(data, config, 3)
    index = method.frames_of(batch)
    assert len(index) == 15
    z = method.encoder(torch.from_numpy(frames)).detach().numpy().astype(float)
    near = np.linalg.norm(z[index[:5]] - z[index[5:10]], axis=1).mean()
    others = np.concatenate([index[:5], index[10:]])
    pushed = [
        max(0.0, 2.0 - float(np.linalg.norm(z[i] - z[j])))
        for i in index[:5]
        for j in others
        if np.abs(GRID[i] - GRID[j]).sum() > 1
    ]
    loss = method.losses(torch.from_numpy(frames[index]), batch, data, config)["drlim"]
    assert float(loss) == pytest.approx(near + np.mean(pushed), rel=1e-4)
    assert np.array_equal(index, method.frames_of(draw_batch(data, config, 3)))


def test_patches_stay_at_their_place_and_lose_their_mean() -> None:
    frames = RNG.integers(0, 255, (30, 40, 50, 3), dtype=np.uint8)
    frames[:, :, 25:] = 77
    part = cut_patches([FrameStack([frames])], 80, seed=0)
    assert part.frames.shape == (80, 20, 20, 3)
    assert np.bincount(part.block).tolist() == [LENGTH] * 10
    assert np.abs(part.frames[:].mean(axis=(1, 2, 3)) - 128).max() < 1
    # Nothing is cut from the half that is of one grey.
    assert part.frames[:].std(axis=(1, 2, 3)).min() > 8


def test_a_standing_robots_patches_do_not_change() -> None:
    frame = RNG.integers(0, 255, (1, 40, 50, 3), dtype=np.uint8)
    part = cut_patches([FrameStack([frame.repeat(20, axis=0)])], 40, seed=0)
    blocks = part.frames[:].reshape(-1, LENGTH, 20, 20, 3)
    assert np.array_equal(blocks, blocks[:, :1].repeat(LENGTH, axis=1))
    assert len({b[0].tobytes() for b in blocks}) > 1


def test_an_edited_film_is_cut_where_its_clips_meet() -> None:
    drives = [
        still_part(
            np.full((100, 32, 32, 3), level, np.uint8)
            + RNG.integers(0, 4, (100, 32, 32, 3), np.uint8),
            np.repeat([0, 1], 50),
        )
        for level in (20, 200)
    ]
    frames, clip = edited(drives, 20, seed=0)
    assert len(frames) == len(clip)
    assert np.bincount(clip).min() >= 2
    assert np.bincount(clip).max() <= 40
    # Where a dark clip meets a light one the cut is found.
    light = frames[:].mean(axis=(1, 2, 3)) > 100
    scene = segment_scenes(frames, np.zeros(len(frames), int))
    assert np.all((np.diff(scene) != 0)[np.diff(light)])


def test_neighbouring_pixels_correlate_as_they_should() -> None:
    noise = RNG.normal(size=(500, 4 * 6 * 3))
    assert abs(neighbour_correlation(noise, (4, 6, 3))) < 0.05
    flat = np.repeat(RNG.normal(size=(500, 1)), 72, axis=1)
    assert neighbour_correlation(flat, (4, 6, 3)) == pytest.approx(1)
    assert neighbour_correlation(np.ones((500, 72)), (4, 6, 3)) == 0


def test_hits_of_the_same_scene_of_a_perfect_a_random_and_a_constant_code() -> None:
    scene = np.repeat(np.arange(20), 20)
    perfect = np.eye(20)[scene] + 1e-3 * RNG.normal(size=(400, 20))
    assert same_scene(perfect, scene)[0] == 1
    share, chance = same_scene(RNG.normal(size=(400, 8)), scene)
    assert share == pytest.approx(chance, abs=0.06)
    assert chance == pytest.approx(19 / 399)


def measured(figures: dict[str, float]) -> Measured:
    """A column with the figures of the six methods, and others below them."""
    column = Measured(chance=0.01)
    for preset, value in figures.items():
        column.add(PUBLISHED_NAMES[preset], value)
    for row in (
        "sparse, layer 1",
        "untrained, layer 1",
        "untrained, layer 2",
        "pixels",
        "ZCA pixels",
    ):
        column.add(row, 0.1)
    return column


def test_the_published_figures_agree_with_themselves_in_every_row() -> None:
    time, of_class = (measured({p: v[k] for p, v in PUBLISHED.items()}) for k in range(2))
    found = {f.row: f.agrees for f in findings(time, of_class, 100, "pictures")}
    assert found.pop("G12") is None
    assert set(found.values()) == {True}


def test_the_reversed_order_agrees_in_no_row_of_the_order() -> None:
    time, of_class = (measured({p: 1 - v[k] for p, v in PUBLISHED.items()}) for k in range(2))
    found = {f.row: f.agrees for f in findings(time, of_class, 100, "pictures")}
    assert not any(found[row] for row in ("G9", "G10", "G11", "G13", "G16", "G17", "G21", "G23"))


def test_one_figure_for_all_agrees_in_no_row() -> None:
    flat = measured(dict.fromkeys(PUBLISHED, 0.1))
    assert not any(f.agrees for f in findings(flat, flat, 100, "pictures"))


def test_panels_stand_side_by_side_with_their_legends(tmp_path: Path) -> None:
    x = np.linspace(0, 1, 5)
    lines = [Line(f"line <{k}>", f"s{k}", x, x * k) for k in range(3)]
    dots = Panel("dots & more", dots_plot(RNG.normal(size=(4, 2)), ["#123456"] * 4, "dots"))
    write_panels(tmp_path / "p.svg", [line_panel("curves", lines, Axes(width=440)), dots, dots], 2)
    text = (tmp_path / "p.svg").read_text()
    import xml.etree.ElementTree as ElementTree

    root = ElementTree.fromstring(text)  # noqa: S314 - our own
    inner = [node for node in root if node.tag.endswith("svg")]
    assert len(inner) == 3
    assert [float(node.attrib["x"]) for node in inner] == [0, 454, 0]
    assert float(inner[2].attrib["y"]) > float(inner[0].attrib["y"])
    assert "line &lt;2&gt;" in text
    assert "dots &amp; more" in text
    assert not re.search(r"var\(--", text)


def test_a_panel_without_a_drawing_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="'empty' has no drawing"):
        write_panels(tmp_path / "p.svg", [Panel("empty", "")], 1)


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
