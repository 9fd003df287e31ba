"""The page of a closed loop."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from tests.helpers.live_drives import made_drive


@pytest.mark.parametrize("frames", [True, False])
def test_the_page_is_whole_and_loads_nothing(frames):
    from slowfeat_trainer.demo.live_loop_page import make_page

    page = make_page(made_drive(), "tiny", frames)
    HTMLParser().feed(page)
    assert "MAP&lt;1&gt;" in page
    assert "<MAP" not in page
    assert ("data:image" in page) is frames
    assert not re.search(r'(src|href)="(?!data:)', page)
    assert "nan" not in page
    assert page.count('<div class="choice">') == 2
