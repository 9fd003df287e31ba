"""What --backbone says."""

from __future__ import annotations

import pytest

from slowfeat.errors import UsageError
from slowfeat_trainer.config import backbone_spec
from slowfeat_trainer.config.backbone_spec import BackboneSpec, parse_backbone, resolved


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("small", ("small", "", "")),
        ("efficientnet-lite0", ("efficientnet-lite0", "", "")),
        ("torchvision:resnet18", ("torchvision", "resnet18", "")),
        ("torchvision:resnet18:none", ("torchvision", "resnet18", "none")),
        ("onnx:nets/a.onnx:x,y", ("onnx", "nets/a.onnx", "x,y")),
        ("onnx:C:/nets/a.onnx:x", ("onnx", "C:/nets/a.onnx", "x")),
    ],
)
def test_forms_are_read_and_written_alike(text: str, parts: tuple[str, str, str]) -> None:
    assert parse_backbone(text) == BackboneSpec(*parts)
    assert str(parse_backbone(text)) == text


@pytest.mark.parametrize("text", ["", "large", "small:x", "timm:", "torchvision"])
def test_other_forms_are_refused_with_those_there_are(text: str) -> None:
    with pytest.raises(UsageError, match="say small, efficientnet-lite0, torchvision"):
        parse_backbone(text)


@pytest.mark.parametrize(("there", "name"), [(True, "efficientnet-lite0"), (False, "small")])
def test_auto_is_the_pretrained_network_where_its_extra_is(
    there: bool, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backbone_spec, "is_installed", lambda: there)
    assert resolved("auto") == name
    assert resolved("timm:x") == "timm:x"
