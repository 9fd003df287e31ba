"""Renew the parameter table in docs/nodes/encoder.md from the table in the code."""

from __future__ import annotations

import sys
from pathlib import Path

from slowfeat.nodes.parameters import parameter_table

PAGE = Path(__file__).resolve().parents[1] / "docs" / "nodes" / "encoder.md"
BEGIN = "<!-- parameters: made by scripts/document_node.py -->\n"
END = "<!-- end of parameters -->\n"


def render(text: str) -> str:
    """The page's text with the table that stands in the code."""
    head, _, rest = text.partition(BEGIN)
    _, _, tail = rest.partition(END)
    return head + BEGIN + "\n" + parameter_table() + "\n" + END + tail


if __name__ == "__main__":
    PAGE.write_text(render(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    sys.exit(0)
