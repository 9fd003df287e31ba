"""The frame around our pages: one HTML file that loads nothing from anywhere."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from slowfeat_trainer.page.style import CSS


def document(title: str, parts: Iterable[str], more_css: str = "") -> str:
    """The whole page around its parts; empty ones are left out.

    Args:
        title: as text; escaped here.
        parts: sections as HTML.
        more_css: rules that only this page needs.
    """
    body = "\n".join(part for part in parts if part)
    # A number and its per cent sign stay on one line.
    body = body.replace(" %", "\u00a0%")
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{CSS}{more_css}</style></head>\n<body><main>\n"
        f"{body}\n</main></body></html>\n"
    )
