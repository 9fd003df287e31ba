"""Networks of timm as backbones: timm:NAME. timm is not part of
slowfeat; who wants it installs it.
"""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn

from slowfeat.errors import UsageError
from slowfeat_trainer.config.backbone_spec import BackboneSpec
from slowfeat_trainer.models.backbones.identity import BackboneIdentity, sha256_of_weights
from slowfeat_trainer.models.backbones.taps import STRIDES
from slowfeat_trainer.models.backbones.torchvision_levels import unreachable

# Weights: random ones, for comparisons.
RANDOM = "none"


class Levels(nn.Module):
    """(N, 3, h, w) -> levels of a network that timm made with features_only."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        """The levels, fine ones first."""
        return tuple(self.network(x))


def load_timm(spec: BackboneSpec) -> tuple[nn.Module, BackboneIdentity, dict[str, Any]]:
    """A network of timm with its levels, and its `pretrained_cfg`.

    Raises:
        UsageError: timm is not installed, the name is unknown, its weights cannot be fetched.
    """
    try:
        import timm
    except ImportError as error:
        raise UsageError(f"--backbone {spec} needs timm: pip install timm") from error
    if not timm.is_model(spec.name.split(".")[0]):
        close = timm.list_models(f"*{spec.name[:6]}*")[:5]
        raise UsageError(
            f"--backbone {spec}: timm has no network {spec.name!r}; close: "
            f"{', '.join(close) or 'none'}"
        )
    random = spec.detail == RANDOM
    try:
        network = timm.create_model(spec.name, features_only=True, pretrained=not random)
        strides = network.feature_info.reduction()
        taken = tuple(i for i, stride in enumerate(strides) if stride in STRIDES)
        network = timm.create_model(
            spec.name, features_only=True, pretrained=not random, out_indices=taken
        )
    except (RuntimeError, AttributeError) as error:
        raise UsageError(
            f"--backbone {spec}: timm makes no levels of {spec.name} ({error})"
        ) from error
    except Exception as error:
        raise UsageError(unreachable(str(spec), "timm's hub", error)) from error
    settings: dict[str, Any] = dict(getattr(network, "pretrained_cfg", None) or {})
    levels = Levels(network)
    source = "random weights" if random else f"timm {timm.__version__}"
    return (
        levels,
        BackboneIdentity(
            str(spec), str(settings.get("license") or ""), source, sha256_of_weights(levels)
        ),
        settings,
    )
