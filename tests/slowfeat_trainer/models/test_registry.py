"""Every encoder by its name: shapes, frames on their own, and the same numbers in ONNX Runtime."""

from __future__ import annotations

import numpy as np
import onnxruntime
import pytest
import torch

from slowfeat_trainer.bundling.export_onnx import export_encoder
from slowfeat_trainer.models.registry import ENCODERS, build_encoder
from slowfeat_trainer.models.torchvision_backbone import torchvision_backbone
from tests.helpers.noise_frames import FRAMES, NORMALISE, SIZE, built

# AlexNet's file has 230 MB; small_convnet is exported by other tests; goroshin_1 is the first half
# of goroshin_2.
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
