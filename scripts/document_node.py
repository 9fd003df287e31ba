"""Renew the parameter tables in docs/nodes/ from the tables in the code."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from slowfeat.nodes.parameters import ENCODER_PARAMETERS, NodeParameter, parameter_table
from slowfeat.nodes.view_selector.view_selector_parameters import VIEW_SELECTOR_PARAMETERS
from slowfeat_trainer.simulation.robot_parameters import SIM_ROBOT_PARAMETERS

NODES = Path(__file__).resolve().parents[1] / "docs" / "nodes"
PAGE = NODES / "encoder.md"
PAGES = {
    PAGE: ENCODER_PARAMETERS,
    NODES / "view_selector.md": VIEW_SELECTOR_PARAMETERS,
    NODES / "sim_robot.md": SIM_ROBOT_PARAMETERS,
}
BEGIN = "<!-- parameters: made by scripts/document_node.py -->\n"
END = "<!-- end of parameters -->\n"


def render(text: str, parameters: Sequence[NodeParameter] = ENCODER_PARAMETERS) -> str:
    """The page's text with the table that stands in the code."""
    head, _, rest = text.partition(BEGIN)
    _, _, tail = rest.partition(END)
    return head + BEGIN + "\n" + parameter_table(parameters) + "\n" + END + tail


if __name__ == "__main__":
    for page, parameters in PAGES.items():
        page.write_text(render(page.read_text(encoding="utf-8"), parameters), encoding="utf-8")
    sys.exit(0)
