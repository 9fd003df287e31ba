"""The style sheet: sound, and of colours that it defines itself."""

from __future__ import annotations

import re

from slowfeat_trainer.page.style import CSS


def test_braces_are_balanced() -> None:
    depth = 0
    for character in CSS:
        depth += {"{": 1, "}": -1}.get(character, 0)
        assert 0 <= depth <= 2
    assert depth == 0


def test_every_colour_that_is_used_is_defined_for_light_and_for_dark() -> None:
    light, dark = re.findall(r":root\{([^}]*)\}", CSS)
    used = set(re.findall(r"var\((--[\w-]+)\)", CSS))
    for scheme in (light, dark):
        assert used <= set(re.findall(r"(--[\w-]+):", scheme))


def test_nothing_is_loaded() -> None:
    assert not re.search(r"url\(|@import|https?:", CSS)
