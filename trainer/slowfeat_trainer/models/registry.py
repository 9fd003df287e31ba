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
BUILD: dict[str, Build] = {
    "goroshin_fc": _pixels(GoroshinFc),
    "goroshin_1": _goroshin_1,
    "goroshin_2": lambda source: GoroshinSecond(_goroshin_1(source)),
    "goroshin_2_joint": lambda source: GoroshinSecond(_goroshin_1(source), greedy=False),
    "toy_manifold": _pixels(ToyManifold),
    "norb_fc": _pixels(NorbFc),
    "cuda_convnet": _pixels(CudaConvNet),
    "alexnet": _pixels(AlexNet),
    "small_convnet": _pixels(SmallConvNet),
}
# The D that each has in its paper.
DIMENSION = {
    "goroshin_fc": 128,
    "goroshin_1": 4096,
    "goroshin_2": 1024,
    "goroshin_2_joint": 1024,
    "toy_manifold": 2,
    "norb_fc": 100,
    "cuda_convnet": 64,
    "alexnet": 4096,
    "small_convnet": 128,
}
# Those whose D follows from their layers.
FIXED = ("goroshin_1", "goroshin_2", "goroshin_2_joint")
ABOUT = {
    "goroshin_fc": "20x20 grey, 512 units in pools of 4, auto-encoder (G 4.1)",
    "goroshin_1": "32x32 whitened, 64 kernels 9x9, pools of 4 maps x 2x2, auto-encoder (G 5)",
    "goroshin_2": "on goroshin_1: 64 kernels 5x5, pools of 4x4 pixels, greedy (G 5)",
    "goroshin_2_joint": "the same, both layers learning at once (G 5, drlim)",
    "toy_manifold": "96x96 grey, two fully connected layers to the plane (G 3, fig. 1)",
    "norb_fc": "grey, 20 units with ReLU, then D (J 2015, 4.1: NORB)",
    "cuda_convnet": "32x32, three 5x5 convolutions with pools, then D (J 2015, 4.1: KITTI)",
    "alexnet": "227x227, AlexNet's fc7 (J 2017: KITTI-227)",
    "small_convnet": "four strided convolutions, for a robot's CPU (ours)",
}


def build_encoder(
    name: str, frames: FrameStack, image_size: tuple[int, int], dimension: int | None = None
) -> nn.Module:
    """An encoder uint8 (N, H, W, 3) -> float32 (N, D) with fresh weights.

    Args:
        name: a key of `ABOUT`, or a classification network of torchvision.
        frames: (N, H, W, 3) training frames, to which normalisation and whitening are fitted.
        image_size: (H, W) of the frames.
        dimension: D; None for the paper's, 128 for torchvision's networks.

    Raises:
        ValueError: unknown name (close ones are listed), or a D that the model cannot have.
    """
    if name not in BUILD and name not in backbone_names():
        close = difflib.get_close_matches(name, [*BUILD, *backbone_names()], n=5, cutoff=0.4)
        listed = f"close: {', '.join(close)}; " if close else ""
        raise ValueError(
            f"model {name!r} is unknown; {listed}there are {', '.join(BUILD)} and torchvision's"
        )
    wanted = dimension or DIMENSION.get(name, 128)
    if name in FIXED and wanted != DIMENSION[name]:
        raise ValueError(f"{name} has dimension {DIMENSION[name]} by its layers, not {wanted}")
    if name not in BUILD:
        return TorchvisionBackbone(name, Normalise.fitted_to(frames), image_size, wanted)
    return BUILD[name](EncoderInput(frames, image_size, wanted))
