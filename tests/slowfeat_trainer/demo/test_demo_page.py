"""The page stands alone, is sound HTML, and shows what was found."""

import re
from html.parser import HTMLParser

import pytest

from slowfeat_trainer.demo.demo_page import make_page

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
