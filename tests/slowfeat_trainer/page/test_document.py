"""The frame around our pages."""

from __future__ import annotations

from slowfeat_trainer.page.document import document


def test_titles_are_text() -> None:
    assert "<title>a &lt;b&gt; run</title>" in document("a <b> run", [])
