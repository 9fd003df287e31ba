"""The page of a demo: one HTML file that loads nothing from anywhere."""

from __future__ import annotations

import html

import numpy as np

from slowfeat import __version__
from slowfeat_trainer.demo import sections
from slowfeat_trainer.demo.demo_result import Result
from slowfeat_trainer.demo.result_images import read_pictures
from slowfeat_trainer.demo.view_choices import Choices, choose
from slowfeat_trainer.page.document import document


def make_page(result: Result, frames: bool) -> str:
    """The whole page.

    Args:
        result: what the demo found out.
        frames: whether the bag's own images are shown.
    """
    chosen = choose(result)
    pictures = _pictures(result, chosen) if frames else {}
    body = [
        sections.opening(result),
        sections.figures(result),
        sections.frames(result, chosen, pictures) if frames else "",
        sections.embedding(result),
        sections.patterns(result, chosen, pictures),
        sections.examples(result, chosen, pictures) if frames else "",
        sections.comparison(result),
        sections.errors(result),
        sections.next_steps(result),
    ]
    made = (
        f'<p class="soft">slowfeat {html.escape(__version__)}, made in {result.seconds:.0f} s.</p>'
    )
    return document(f"slowfeat demo: {result.material.bag.name}", [*body, made])


def _pictures(result: Result, chosen: Choices) -> dict[int, str]:
    """The images that the page shows, by header stamp."""
    held_out, earlier = result.material.held_out.stamps, result.material.earlier.stamps
    pairs = chosen.examples
    wanted = [
        held_out[chosen.samples],
        held_out[result.before[pairs]],
        held_out[result.after[pairs]],
        held_out[result.nearest[pairs]],
        *[earlier[list(pair)] for pair in chosen.pattern_pairs if pair is not None],
    ]
    stamps = {int(stamp) for stamp in np.concatenate(wanted)}
    return read_pictures(result.material.bag, result.material.image_topic, stamps)
