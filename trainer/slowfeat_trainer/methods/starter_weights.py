"""Starter weights on disk: safetensors, with what they are in the file's own metadata.

They are what does not depend on the robot: the encoder but for the normalisation of its images,
and the transform but for the camera, of which only the usual distances stay. Beside them lies what
is to be rehearsed.
"""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor, nn

from slowfeat.errors import UsageError
from slowfeat.files import write_whole
from slowfeat_trainer.config.backbone_spec import SMALL
from slowfeat_trainer.config.method_settings import WarpSettings
from slowfeat_trainer.config.train_config import TrainConfig
from slowfeat_trainer.methods.rehearsal import PREFIX, Rehearsal
from slowfeat_trainer.models.warp_transform import WarpTransform

SHIPPED, NONE = "shipped", "none"
FILE = Path(__file__).parent / "weights" / "slowfeat.safetensors"
FORMAT = "slowfeat starter 1"
# Of the robot, not of the weights.
OF_ENCODER = ("normalise.", "window", "slow.norm")
OF_WARP = (
    *("window", "slow.norm", "geometry.rotation", "geometry.translation"),
    *("geometry.log_focal", "geometry.mirror_xi", "geometry.tilt"),
)


@dataclass(frozen=True)
class Fit:
    """What a network must have in common with weights that it starts from."""

    # Height and width of the frames.
    image_size: tuple[int, int]
    # Channels, rows and columns.
    map: tuple[int, int, int]
    window: float
    # Length of the slow code.
    slow: int = 0
    # The network that sees.
    backbone: str = SMALL

    @classmethod
    def of(cls, config: TrainConfig) -> Fit:
        """That of a configuration."""
        settings = config.of(WarpSettings)
        return cls(
            config.reading.image_size,
            settings.map_shape,
            settings.map_window,
            settings.slow_dimension,
            settings.backbone,
        )

    def __str__(self) -> str:
        height, width = self.image_size
        shape = "x".join(map(str, self.map))
        return (
            f"frames of {width}x{height}, a map of {shape}, a window of {self.window:g}, a slow "
            f"code of {self.slow} and backbone {self.backbone}"
        )


@dataclass(frozen=True)
class Starter:
    """Weights by name, what they fit to, and how they were made."""

    tensors: dict[str, Tensor]
    fit: Fit
    # Of the command that made them, and its figures.
    made_of: dict[str, Any]
    # Some of what they were learned from; None in files without.
    rehearsal: Rehearsal | None = None

    def own_pairs(self, config: TrainConfig) -> int:
        """How many pairs of a batch are the bags' own: the rest, but
        for one at least, is rehearsed.
        """
        if self.rehearsal is None:
            return config.batch_size
        return max(
            1, config.batch_size - round(config.of(WarpSettings).rehearsal * config.batch_size)
        )

    def apply_trunk(self, encoder: nn.Module) -> None:
        """Give an encoder the layers below its map.

        Raises:
            UsageError: it has others.
        """
        prefix = "encoder.features."
        mine = {n.removeprefix(prefix): t for n, t in self.tensors.items() if n.startswith(prefix)}
        layers = getattr(encoder, "features", None)
        try:
            assert isinstance(layers, nn.Module)  # noqa: S101 - else it is a backbone's
            layers.load_state_dict(mine)
        except (AssertionError, RuntimeError) as error:
            raise UsageError(
                "the layers of these starter weights are of another network"
            ) from error

    def apply(self, encoder: nn.Module, warp: WarpTransform) -> None:
        """Give both networks the weights, where there are any."""
        if not self.tensors:
            return
        # Of a component that the weights never saw moving they know nothing, and must not say
        # anything.
        own = warp.scale.clone()
        for network, prefix in ((encoder, "encoder."), (warp, "warp.")):
            mine = {
                name.removeprefix(prefix): tensor
                for name, tensor in self.tensors.items()
                if name.startswith(prefix)
            }
            own_state = network.state_dict()
            left = [
                n for n in own_state if n not in mine and not n.startswith(OF_ENCODER + OF_WARP)
            ]
            wrong = [
                n for n, t in mine.items() if n not in own_state or own_state[n].shape != t.shape
            ]
            if left or wrong:
                raise UsageError(f"these starter weights are of another network: {left or wrong}")
            network.load_state_dict(mine, strict=False)
        with torch.no_grad():
            unseen = warp.scale == 0
            first = warp.correct[0]
            assert isinstance(first, nn.Conv2d)  # noqa: S101 - for the type checker
            after_map = warp.shape[0] + 1
            first.weight[:, after_map : after_map + 6][:, unseen] = 0
            warp.scale.copy_(torch.where(unseen, own, warp.scale))


def weights_of(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """What of a trained method's state makes starter weights."""
    robots_own = tuple(f"encoder.{n}" for n in OF_ENCODER) + tuple(f"warp.{n}" for n in OF_WARP)
    return {
        n: t.detach().cpu().contiguous() for n, t in state.items() if not n.startswith(robots_own)
    }


def save_starter(path: Path, starter: Starter) -> None:
    """Write weights, whole or not at all."""
    about = {"fit": dataclasses.asdict(starter.fit), "made_of": starter.made_of}
    path.parent.mkdir(parents=True, exist_ok=True)
    again = {} if starter.rehearsal is None else starter.rehearsal.tensors()
    # One entry: the order of several would differ from call to call.
    write_whole(path, save(starter.tensors | again, {FORMAT: json.dumps(about)}))


def load_starter(path: Path) -> Starter:
    """Read weights.

    Raises:
        UsageError: the file is missing, is none, or is of a newer slowfeat.
    """
    try:
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - no dict
        if FORMAT not in metadata:
            raise UsageError(
                f"{path} holds no starter weights that this slowfeat can read; slowfeat pretrain "
                "makes some"
            )
        about = json.loads(metadata[FORMAT])
        height, width = about["fit"]["image_size"]
        channels, rows, columns = about["fit"]["map"]
        fit = Fit(
            (height, width),
            (channels, rows, columns),
            float(about["fit"]["window"]),
            int(about["fit"].get("slow", 0)),
            str(about["fit"].get("backbone", SMALL)),
        )
        rehearsal = Rehearsal.from_tensors(tensors)
        weights = {n: t for n, t in tensors.items() if not n.startswith(PREFIX)}
        return Starter(weights, fit, about["made_of"], rehearsal)
    except (OSError, SafetensorError, KeyError, ValueError, TypeError) as error:
        raise UsageError(f"{path} cannot be read as starter weights: {error}") from error


def starter_for(config: TrainConfig) -> Starter | None:
    """The weights that a configuration starts from; None to start from scratch.

    The shipped ones are for the network `small` at its default size: others start from scratch, and
    those behind a pretrained backbone rehearse the shipped drives all the same.

    Raises:
        UsageError: weights that were given do not fit.
    """
    settings = config.of(WarpSettings)
    if settings.starter == NONE:
        return None
    starter = load_starter(FILE if settings.starter == SHIPPED else Path(settings.starter))
    if starter.fit == Fit.of(config):
        return starter
    if settings.starter == SHIPPED:
        # Weights are of one network; what is rehearsed is images, which every backbone sees.
        return dataclasses.replace(starter, tensors={}) if settings.backbone != SMALL else None
    raise UsageError(
        f"{settings.starter} is for {starter.fit}, this training is for {Fit.of(config)}; "
        "make others with slowfeat pretrain, or say --from-scratch"
    )
