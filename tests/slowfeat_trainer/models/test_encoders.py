"""Every encoder by its name: shapes, frames on their own, and the same numbers in ONNX Runtime."""

from __future__ import annotations

import numpy as np
import onnxruntime
import pytest
import torch
from torch import nn

from slowfeat_trainer.bundling.export_onnx import export_encoder
from slowfeat_trainer.data.frames import FrameStack
from slowfeat_trainer.models.convnet import Normalise
from slowfeat_trainer.models.input_stage import InputStage, resize_matrix
from slowfeat_trainer.models.registry import ENCODERS, build_encoder
from slowfeat_trainer.models.sfa_encoder import SfaEncoder
from slowfeat_trainer.models.torchvision_backbone import torchvision_backbone

SIZE = (40, 56)
RNG = np.random.default_rng(7)
FRAMES = FrameStack([RNG.integers(0, 256, (60, *SIZE, 3), dtype=np.uint8)])
NORMALISE = Normalise.fitted_to(FRAMES)


def built(name: str) -> nn.Module:
    torch.manual_seed(0)
    if name == "sfa":
        return SfaEncoder.fitted_to(FRAMES, 4, components=4)
    return build_encoder(name, FRAMES, SIZE)


# AlexNet's file has 230 MB; small_convnet is exported by other tests; goroshin_1 is the first half of goroshin_2.
LIGHT = [
    n for n in ENCODERS if n not in ("alexnet", "small_convnet", "goroshin_1", "goroshin_2_joint")
]


@pytest.mark.parametrize("name", [*LIGHT, "sfa", "squeezenet1_1"])
def test_an_encoder_is_exported_as_torch_computes_it(name: str) -> None:
    encoder = built(name).eval()
    frames = torch.from_numpy(FRAMES[:4])
    with torch.no_grad():
        together = encoder(frames)
        alone = torch.cat([encoder(frame[None]) for frame in frames])
    assert together.dtype == torch.float32
    assert together.shape == (
        4,
        {"sfa": 4, "squeezenet1_1": 128}.get(name) or ENCODERS[name].dimension,
    )
    assert float(together.std(dim=0).mean()) > 1e-3
    torch.testing.assert_close(alone, together, rtol=1e-4, atol=1e-5)
    session = onnxruntime.InferenceSession(export_encoder(encoder, SIZE))
    got = session.run(["embedding"], {"image": frames.numpy()})[0]
    np.testing.assert_allclose(got, together.numpy(), rtol=1e-4, atol=1e-5)


def test_a_backbone_with_batch_statistics_sees_frames_on_their_own_in_eval() -> None:
    backbone = built("resnet18")
    frames = torch.from_numpy(FRAMES[:4])
    with torch.no_grad():
        assert not torch.allclose(backbone(frames)[:2], backbone(frames[:2]), atol=1e-3)
        backbone.eval()
        torch.testing.assert_close(backbone(frames)[:2], backbone(frames[:2]), rtol=1e-4, atol=1e-5)


def test_alexnet_has_the_layers_of_its_paper() -> None:
    encoder = built("alexnet").eval()
    assert sum(p.numel() for p in encoder.parameters()) == pytest.approx(57e6, rel=0.01)
    with torch.no_grad():
        assert encoder(torch.from_numpy(FRAMES[:1])).shape == (1, 4096)


def test_all_models_have_a_line_and_a_dimension() -> None:
    assert all(row.about and row.dimension > 0 for row in ENCODERS.values())


def test_dimension_is_as_asked_for_or_refused() -> None:
    assert built("norb_fc")(torch.from_numpy(FRAMES[:2])).shape == (2, 100)
    frames = torch.from_numpy(FRAMES[:2])
    for name in ("goroshin_fc", "cuda_convnet", "mobilenet_v3_small"):
        assert build_encoder(name, FRAMES, SIZE, 24).eval()(frames).shape == (2, 24)
    with pytest.raises(ValueError, match="goroshin_1 has dimension 4096 by its layers, not 128"):
        build_encoder("goroshin_1", FRAMES, SIZE, 128)


def test_unknown_names_list_close_ones() -> None:
    with pytest.raises(ValueError, match=r"'resnet81'; close: .*resnet18"):
        torchvision_backbone("resnet81", NORMALISE, SIZE, 8)
    with pytest.raises(ValueError, match=r"'goroshin' is unknown; close: goroshin_"):
        build_encoder("goroshin", FRAMES, SIZE)


def test_frames_too_small_for_a_backbone_are_refused_before_training() -> None:
    with pytest.raises(ValueError, match="alexnet cannot take frames of 20x16 pixels"):
        torchvision_backbone("alexnet", NORMALISE, (16, 20), 8)


@pytest.mark.parametrize(("old", "new"), [(64, 20), (20, 20), (7, 32), (48, 16)])
def test_resizing_keeps_a_flat_line_flat_and_the_mean(old: int, new: int) -> None:
    matrix = resize_matrix(old, new)
    np.testing.assert_allclose(matrix.sum(axis=1), 1, atol=1e-12)
    line = RNG.normal(size=old)
    if new <= old:
        assert (matrix @ line).mean() == pytest.approx(line.mean())
    ramp = matrix @ np.arange(old)
    assert (np.diff(ramp) >= 0).all()
    assert ramp[0] + ramp[-1] == pytest.approx(old - 1)


def test_the_front_shrinks_by_areas_and_greys_by_brightness() -> None:
    picture = torch.from_numpy(FRAMES[:2])
    plain = NORMALISE(picture)
    half = InputStage(NORMALISE, SIZE, (SIZE[0] // 2, SIZE[1] // 2))(picture)
    torch.testing.assert_close(half, nn.functional.avg_pool2d(plain, 2))
    grey = InputStage(NORMALISE, SIZE, grey=True)
    expected = 0.299 * plain[:, 0] + 0.587 * plain[:, 1] + 0.114 * plain[:, 2]
    torch.testing.assert_close(grey(picture)[:, 0], expected)
    assert grey.shape == (1, *SIZE)
