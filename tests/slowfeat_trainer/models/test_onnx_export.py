"""The form that models are written in."""

from __future__ import annotations

import onnx
import pytest

from slowfeat_trainer.models.onnx_export import IR_VERSION, OPSET, to_bytes
from tests.conftest import tiny_encoder


@pytest.mark.parametrize(
    ("opset", "came_in", "goes_out"),
    [(OPSET, 10, IR_VERSION), (OPSET, 7, 7), (OPSET + 2, 10, 10), (13, 9, IR_VERSION)],
)
def test_the_form_is_the_oldest_that_knows_the_operators(
    opset: int, came_in: int, goes_out: int
) -> None:
    model = onnx.load_from_string(tiny_encoder())
    model.ir_version = came_in
    model.opset_import[0].version = opset
    written = onnx.load_from_string(to_bytes(model))
    assert (written.ir_version, written.opset_import[0].version) == (goes_out, opset)
    assert written.graph == model.graph
