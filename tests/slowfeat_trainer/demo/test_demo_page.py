"""The page stands alone, is sound HTML, and shows what was found."""

import json
import re
from html.parser import HTMLParser

import numpy as np
import pytest

from slowfeat_trainer.demo.demo_page import make_page
from slowfeat_trainer.demo.demo_table import table
from slowfeat_trainer.demo.view_choices import evenly
from slowfeat_trainer.page import plots
from slowfeat_trainer.page.projection import Projection

VOID = {"meta", "img", "br", "hr", "link", "input"}
LOADS = {"src", "href", "srcset", "data", "poster", "action", "xlink:href"}


class Balance(HTMLParser):
    """Notes the open elements, everything that would be loaded, and the text."""

    def __init__(self):
        super().__init__()
        self.open, self.wrong, self.loaded, self.text = [], [], [], []

    def handle_starttag(self, tag, attrs):
        self.loaded += [value for name, value in attrs if name in LOADS]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, _tag, attrs):
        self.loaded += [value for name, value in attrs if name in LOADS]

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.wrong.append(tag)

    def handle_data(self, data):
        self.text.append(data)


def parse(page):
    parser = Balance()
    parser.feed(page)
    parser.close()
    return parser


@pytest.fixture(scope="module")
def page(result):
    return make_page(result, frames=True)


def test_every_element_is_closed_in_order(page):
    parsed = parse(page)
    assert parsed.wrong == []
    assert parsed.open == []


def test_nothing_is_loaded_from_anywhere(page):
    parsed = parse(page)
    assert parsed.loaded
    assert all(value.startswith("data:image/jpeg;base64,") for value in parsed.loaded)
    assert not re.search(r"https?://|//[a-z]+\.|url\(|@import|<script|<link", page)


def test_no_path_of_this_machine_is_in_it(page, result):
    assert str(result.material.bag.parent) not in page
    assert str(result.bundle.path.parent) not in page
    assert "file:" not in page


def test_lost_frames_are_said(page, result):
    text = " ".join(parse(page).text)
    assert f"{len(result.seen)} / {len(result.seen) + 1}" in text
    assert "1 lost" in text
    assert "nan" not in text.lower().split()


def test_without_frames_there_is_no_picture(result):
    bare = make_page(result, frames=False)
    assert "<img" not in bare
    assert "data:" not in bare
    assert parse(bare).open == []
    assert "Motion patterns" in bare


def test_the_names_of_a_bag_are_escaped(result, tmp_path):
    import dataclasses

    odd = dataclasses.replace(result.material, bag=tmp_path / "<b>&bag")
    page = make_page(dataclasses.replace(result, material=odd), frames=False)
    assert "<b>&bag" not in page
    assert "&lt;b&gt;&amp;bag" in page


def test_the_table_states_the_same(result):
    text = table(result)
    assert (
        f"sent {len(result.seen) + 1}, received with the same stamp {len(result.seen)}, lost 1"
        in text
    )
    assert "p50 5.0 ms, p99 5.0 ms" in text
    assert "not trained on" in text


def test_the_figures_are_plain_json(result):
    figures = json.loads(json.dumps(result.to_json(), allow_nan=False))
    assert figures["frames"]["lost"] == 1
    assert figures["latency_ms"]["p50"] == pytest.approx(5.0)
    closer = figures["closer"]
    assert closer["all"]["pairs"] == closer["large"]["pairs"] + closer["small"]["pairs"]


def test_the_projection_finds_the_plane_of_largest_variance():
    rng = np.random.default_rng(0)
    flat = rng.normal(size=(200, 2)) * [3.0, 1.0]
    points = np.concatenate([flat, np.zeros((200, 3))], axis=1) + 7
    found = Projection.fitted_to(points)
    assert found.share == pytest.approx(1.0)
    back = found.apply(points)
    assert np.linalg.norm(back[0] - back[1]) == pytest.approx(np.linalg.norm(flat[0] - flat[1]))


def test_samples_are_spread_evenly():
    assert evenly(100, 4).tolist() == [12, 37, 62, 87]
    assert evenly(2, 4).tolist() == [0, 1]
    assert evenly(0, 4).tolist() == []


def test_a_turn_to_the_left_points_left():
    # SVG turns clockwise for positive angles, and its x grows to the right.
    svg = plots.motion_plot(np.array([0.5, 0.2, 0, 0, 0, np.pi / 2]), 1.0, "turn")
    x, y, angle = map(
        float,
        re.search(r'"after".*translate\(([\d.-]+) ([\d.-]+)\) rotate\(([\d.-]+)', svg).groups(),
    )
    assert angle == -90
    assert x < 60
    assert y < 92


def test_the_colours_run_over_the_whole_scale():
    assert plots.time_colour(0) == "#7a48c4"
    assert plots.time_colour(1) == "#e2b414"
    assert plots.heading_colour(0.0) == plots.heading_colour(2 * np.pi)


@pytest.mark.parametrize("count", [0, 1])
def test_a_drawing_of_next_to_nothing_is_still_a_drawing(count):
    points = np.ones((count, 2))
    svg = plots.scatter_plot(points[:, 0], points[:, 1], np.zeros(count, bool), "x", "y")
    assert parse(svg).open == []
    assert "nan" not in plots.path_plot(np.ones((1, 2)), ["#000000"], points, "path")
