"""Which pretrained network it is: written into bundle.json, and the key of cached features."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import torch
from torch import nn


@dataclass(frozen=True)
class BackboneIdentity:
    """A network and its weights, by content."""

    # As the user would say it, without folders of this machine.
    name: str
    # What the weights may be used for, as far as their source says; empty where it does not.
    licence: str
    # Where they are from: a package with its version, a hub, a file's name.
    source: str
    # Of the weights.
    sha256: str


def sha256_of_weights(network: nn.Module) -> str:
    """A hash of all parameters and buffers by name, the same on every machine."""
    digest = hashlib.sha256()
    for name, tensor in sorted(network.state_dict().items()):
        digest.update(name.encode())
        digest.update(tensor.detach().cpu().contiguous().view(-1).view(torch.uint8).numpy())
    return digest.hexdigest()
