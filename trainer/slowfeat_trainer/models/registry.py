"""The encoders by name, so that a configuration can say `model: norb_fc`."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from dataclasses import dataclass

from torch import nn

from slowfeat_trainer.data.frames import FrameStack
from slowfeat_trainer.models.alexnet import AlexNet
from slowfeat_trainer.models.convnet import Normalise, SmallConvNet
from slowfeat_trainer.models.cuda_convnet import CudaConvNet
from slowfeat_trainer.models.goroshin_conv import GoroshinFirst, GoroshinSecond, whitened_input
from slowfeat_trainer.models.goroshin_fc import GoroshinFc
from slowfeat_trainer.models.norb_fc import NorbFc
from slowfeat_trainer.models.torchvision_backbone import TorchvisionBackbone, backbone_names
from slowfeat_trainer.models.toy_manifold import ToyManifold


@dataclass(frozen=True)
class EncoderInput:
    """What an encoder is built for."""

    # (N, H, W, 3) uint8 training frames, to which normalisation and whitening are fitted.
    frames: FrameStack
    # (H, W) of the frames.
    image_size: tuple[int, int]
    # D.
    dimension: int

    @property
    def normalise(self) -> Normalise:
        """Fitted to the frames."""
        return Normalise.fitted_to(self.frames)


def _goroshin_1(source: EncoderInput) -> GoroshinFirst:
    return GoroshinFirst(whitened_input(source.normalise, source.image_size, source.frames))


def _pixels(network: Callable[[Normalise, tuple[int, int], int], nn.Module]) -> Build:
    return lambda source: network(source.normalise, source.image_size, source.dimension)


Build = Callable[[EncoderInput], nn.Module]


@dataclass(frozen=True)
class EncoderRow:
    """One encoder of the registry."""

    # What it is, for help and documentation.
    about: str
    # The D that it has in its paper.
    dimension: int
    build: Build
    # Whether D follows from its layers.
    fixed: bool = False


ENCODERS: dict[str, EncoderRow] = {
    "goroshin_fc": EncoderRow(
        "20x20 grey, 512 units in pools of 4, auto-encoder (G 4.1)", 128, _pixels(GoroshinFc)
    ),
    "goroshin_1": EncoderRow(
        "32x32 whitened, 64 kernels 9x9, pools of 4 maps x 2x2, auto-encoder (G 5)",
        4096,
        _goroshin_1,
        fixed=True,
    ),
    "goroshin_2": EncoderRow(
        "on goroshin_1: 64 kernels 5x5, pools of 4x4 pixels, greedy (G 5)",
        1024,
        lambda source: GoroshinSecond(_goroshin_1(source)),
        fixed=True,
    ),
    "goroshin_2_joint": EncoderRow(
        "the same, both layers learning at once (G 5, drlim)",
        1024,
        lambda source: GoroshinSecond(_goroshin_1(source), greedy=False),
        fixed=True,
    ),
    "toy_manifold": EncoderRow(
        "96x96 grey, two fully connected layers to the plane (G 3, fig. 1)", 2, _pixels(ToyManifold)
    ),
    "norb_fc": EncoderRow(
        "grey, 20 units with ReLU, then D (J 2015, 4.1: NORB)", 100, _pixels(NorbFc)
    ),
    "cuda_convnet": EncoderRow(
        "32x32, three 5x5 convolutions with pools, then D (J 2015, 4.1: KITTI)",
        64,
        _pixels(CudaConvNet),
    ),
    "alexnet": EncoderRow("227x227, AlexNet's fc7 (J 2017: KITTI-227)", 4096, _pixels(AlexNet)),
    "small_convnet": EncoderRow(
        "four strided convolutions, for a robot's CPU (ours)", 128, _pixels(SmallConvNet)
    ),
}


def build_encoder(
    name: str, frames: FrameStack, image_size: tuple[int, int], dimension: int | None = None
) -> nn.Module:
    """An encoder uint8 (N, H, W, 3) -> float32 (N, D) with fresh weights.

    Args:
        name: a key of `ENCODERS`, or a classification network of torchvision.
        frames: (N, H, W, 3) training frames, to which normalisation and whitening are fitted.
        image_size: (H, W) of the frames.
        dimension: D; None for the paper's, 128 for torchvision's networks.

    Raises:
        ValueError: unknown name (close ones are listed), or a D that the model cannot have.
    """
    if name not in ENCODERS and name not in backbone_names():
        close = difflib.get_close_matches(name, [*ENCODERS, *backbone_names()], n=5, cutoff=0.4)
        listed = f"close: {', '.join(close)}; " if close else ""
        raise ValueError(
            f"model {name!r} is unknown; {listed}there are {', '.join(ENCODERS)} and torchvision's"
        )
    row = ENCODERS.get(name)
    if row is None:
        normalise = Normalise.fitted_to(frames)
        return TorchvisionBackbone(name, normalise, image_size, dimension or 128)
    wanted = dimension or row.dimension
    if row.fixed and wanted != row.dimension:
        raise ValueError(f"{name} has dimension {row.dimension} by its layers, not {wanted}")
    return row.build(EncoderInput(frames, image_size, wanted))
