"""Drawings side by side in one SVG file."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from slowfeat_papers.material.drawings import Panel, line_panel, write_panels
from slowfeat_trainer.page.charts import Axes, Line
from slowfeat_trainer.page.plots import dots_plot

RNG = np.random.default_rng(0)


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
